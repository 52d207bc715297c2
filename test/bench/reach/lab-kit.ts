/** The kit over a network of the lab: the same DNS, TCP, SOCKS5, TLS and socket.io bytes as ours, by the same code. */
import { Agent } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { decode, encode, RECURSION_DESIRED } from 'dns-packet'
import { io, type ManagerOptions, type SocketOptions } from 'socket.io-client'
import { tcp } from '../../../electron/core/net/dialer.ts'
import { socks5 } from '../../../electron/core/net/dialers/socks5.ts'
import { type HttpConnection, openHttp } from '../../../electron/core/net/http.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { encrypt } from '../../../electron/core/net/tls.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Answer, Kit, Link } from './kit.ts'
import { DOH, dohName, PROXY_PORT } from './world.ts'

export interface LabKitDeps {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly roots: readonly string[]
}

export function labKit({ network, clock, random, roots }: LabKitDeps): Kit {
  const direct = tcp(network)
  const query = (name: string, type: 'A' | 'CNAME') =>
    encode({ type: 'query', id: Math.floor(random.fraction() * 65_536), flags: RECURSION_DESIRED, questions: [{ type, name }] })

  const askSystem = async (name: string, type: 'A' | 'CNAME', signal: AbortSignal): Promise<Answer> => {
    const [resolver] = network.facts().resolvers
    if (!resolver) throw new Error('this network names no resolver')
    for await (const reply of network.exchange(resolver, query(name, type), signal)) return answerOf(reply.bytes)
    signal.throwIfAborted()
    throw new Error('no answer')
  }
  const askOperator = async (at: number, name: string, type: 'A' | 'CNAME', signal: AbortSignal): Promise<Answer> => {
    const address = DOH[at]
    if (address === undefined) throw new Error('no such operator')
    const host = dohName(at)
    const tls = await encrypt(await direct({ address, port: 443 }, signal), { host, sni: host, roots }, signal)
    const http = openHttp(tls, host)
    try {
      const path = `/dns-query?dns=${query(name, type).toString('base64url')}`
      const { body } = await http.request({ method: 'GET', path, headers: { accept: 'application/dns-message' }, signal })
      const chunks: Buffer[] = []
      for await (const chunk of body) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
      return answerOf(Buffer.concat(chunks))
    } finally {
      http.close()
    }
  }

  return {
    clock,
    random,
    ask: (resolver, name, type, signal) =>
      resolver === 'system' ? askSystem(name, type, signal) : askOperator(resolver, name, type, signal),
    async open(address, signal, proxy) {
      const dial = proxy === undefined ? direct : socks5({ address: proxy, port: PROXY_PORT }, direct, clock)
      return linkOver(await dial({ address, port: 443 }, signal), roots)
    },
  }
}

function answerOf(bytes: Uint8Array): Answer {
  const { answers = [], authorities = [] } = decode(Buffer.from(bytes))
  return {
    addresses: answers.flatMap((record) => (record.type === 'A' ? [record.data] : [])),
    soas: authorities.filter((record) => record.type === 'SOA').length,
  }
}

function linkOver(stream: Duplex, roots: readonly string[]): Link {
  let tls: TLSSocket | null = null
  let host = ''
  let http: HttpConnection | null = null
  stream.on('error', () => {})
  const close = () => {
    http?.close()
    tls?.destroy()
    stream.destroy()
  }
  const encrypted = () => {
    if (!tls) throw new Error('nothing is encrypted yet')
    return tls
  }
  return {
    close,
    async encrypt(name, signal) {
      host = name
      tls = await encrypt(stream, { host: name, sni: name, roots }, signal)
    },
    async request(signal) {
      http = openHttp(encrypted(), host)
      const { body } = await http.request({ method: 'GET', path: '/', headers: {}, signal })
      body.resume()
    },
    login: (signal) => login(encrypted(), host, signal),
  }
}

class HandOver extends Agent {
  readonly #socket: TLSSocket
  constructor(socket: TLSSocket) {
    super({ keepAlive: false })
    this.#socket = socket
  }
  override createConnection(): Duplex {
    return this.#socket
  }
}

function login(tls: TLSSocket, host: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const choices: Partial<ManagerOptions & SocketOptions> = {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: 600_000,
    }
    // engine.io's Node build takes any http.Agent; its types are the browser's.
    Object.assign(choices, { agent: new HandOver(tls) })
    const socket = io(`http://${host}`, choices)
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const fail = (error: unknown) =>
      settle(() => {
        socket.disconnect()
        tls.destroy()
        reject(error)
      })
    const onAbort = () => fail(signal.reason)
    socket.on('connect', () => settle(resolve))
    socket.on('connect_error', fail)
    tls.once('close', () => fail(new Error('closed')))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}
