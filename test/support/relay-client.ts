/** A plain client of the relay, one TLS connection at a time, that logs in as docs/PROTOCOL.md says and records what it is sent. */
import { randomBytes } from 'node:crypto'
import { Agent } from 'node:https'
import { isIP } from 'node:net'
import { Duplex } from 'node:stream'
import { type ConnectionOptions, checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls'
import { io, type Socket } from 'socket.io-client'
import type { Bundle } from '../../shared/protocol/bundle.ts'
import {
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  LOGIN_PURPOSE,
  RELAY_HELLO_PURPOSE,
  RELAY_PROTOCOL,
  type RelayHello,
  type RequestInput,
  type RequestName,
  type RequestOutput,
  type StreamItem,
} from '../../shared/protocol/relay.ts'
import type { SealedPacket } from '../../shared/protocol/secret.ts'
import { fromBase64Url, toBase64Url } from '../../shared/util/bytes.ts'
import { type SigningKey, sign, signingKeyFromSeed, verify } from '../../shared/util/signing.ts'

export interface TestIdentity {
  readonly handle: string
  readonly key: SigningKey
  readonly device: Uint8Array
}

export function newIdentity(handle: string): TestIdentity {
  return { handle, key: signingKeyFromSeed(randomBytes(32)), device: randomBytes(16) }
}

export const keyOf = (identity: TestIdentity): string => toBase64Url(identity.key.publicKey)

export interface RelayAddress {
  readonly host: string
  readonly port: number
  /** The name in SNI and Host. */
  readonly name: string
  readonly roots: readonly string[]
  readonly relayKey: string
}

/** Where a bundle's plain path for chat leads, on loopback. */
export function chatAddress(bundle: Bundle, port: number): RelayAddress {
  const endpoint = bundle.endpoints.find((candidate) => candidate.plane === 'chat')
  if (!endpoint) throw new Error('the bundle has no chat endpoint')
  return { host: '127.0.0.1', port, name: endpoint.host, roots: bundle.roots, relayKey: bundle.relayKey }
}

export interface ConnectOptions {
  readonly cursor?: number
  readonly bundleVersion?: number
  readonly transport?: 'websocket' | 'polling'
  /** 16 bytes; by chance unless given. */
  readonly nonce?: Uint8Array
  /** Changes the login after it was signed, as a forger would. */
  readonly forge?: (login: Record<string, unknown>) => Record<string, unknown>
  readonly deadlineMs?: number
}

export interface TestClient {
  readonly identity: TestIdentity
  readonly socket: Socket
  readonly hello: RelayHello
  /** Whether the relay's signature over this very session held. */
  readonly relayProved: boolean
  /** Everything from the hello and from later pushes, in the order it came. */
  readonly items: StreamItem[]
  /** The same for its mailbox. */
  readonly mail: SealedPacket[]
  request<K extends RequestName>(name: K, input: RequestInput<K>): Promise<RequestOutput<K>>
  sendText(to: TestIdentity, cid: number, text: string, turn?: number): Promise<RequestOutput<'message.send'>>
  /** Resolves once `items` satisfies the condition. */
  until(condition: (items: readonly StreamItem[]) => boolean): Promise<void>
  /** Resolves once `mail` satisfies the condition. */
  untilMail(condition: (mail: readonly SealedPacket[]) => boolean): Promise<void>
  /** How many TLS records the relay has sent since its hello. */
  records(): number
  /** Stops taking bytes off the line, as a machine does that has fallen asleep. */
  pause(): void
  close(): void
}

/** A refused login, with the relay's word for it. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused'
}

/** Hands out connections that are already up, in order, whatever host they are asked for. */
class ReadyAgent extends Agent {
  readonly #ready: TLSSocket[]

  constructor(ready: readonly TLSSocket[]) {
    super({ keepAlive: true })
    this.#ready = [...ready]
  }

  override createConnection(): Duplex {
    const next = this.#ready.shift()
    // An ended connection, where a client that is closing asks once more.
    return next ?? new Duplex({ read() {} }).destroy()
  }
}

export function openTls(address: RelayAddress, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host: address.host,
      port: address.port,
      ...(isIP(address.name) === 0 && { servername: address.name }),
      checkServerIdentity: (_host, certificate) => checkServerIdentity(address.name, certificate),
      ca: [...address.roots],
      ALPNProtocols: ['http/1.1'],
      ...options,
    })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

export function signedLogin(
  identity: TestIdentity,
  sid: string,
  exporter: Uint8Array,
  options: ConnectOptions = {},
): Record<string, unknown> {
  const nonce = options.nonce ?? randomBytes(16)
  const parts = [sid, exporter, identity.handle, identity.key.publicKey, identity.device, nonce]
  const login = {
    v: RELAY_PROTOCOL,
    handle: identity.handle,
    key: keyOf(identity),
    device: toBase64Url(identity.device),
    nonce: toBase64Url(nonce),
    signature: toBase64Url(sign(LOGIN_PURPOSE, parts, identity.key)),
    cursor: options.cursor ?? 0,
    bundleVersion: options.bundleVersion ?? 0,
  }
  return options.forge ? options.forge(login) : login
}

/** Resolves with a session that has said hello; rejects with `LoginRefused`, or an error after the deadline (10 s). */
export async function connectClient(address: RelayAddress, identity: TestIdentity, options: ConnectOptions = {}): Promise<TestClient> {
  const transport = options.transport ?? 'websocket'
  // While polling, the first GET is answered before the CONNECT packet is posted, which then takes the same connection again.
  const connections = await Promise.all(Array.from({ length: transport === 'polling' ? 3 : 1 }, () => openTls(address)))
  const carrier = connections[0]
  if (!carrier) throw new Error('no connection')
  const exporter = carrier.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
  let login: Record<string, unknown> = {}
  // Spread in, because the published types know only the browser's transports, which have no agents of this kind.
  const agent: object = { agent: new ReadyAgent(connections) }
  const socket = io(`https://${address.name}:${address.port}`, {
    transports: [transport],
    reconnection: false,
    forceNew: true,
    ...agent,
    auth: (done) => {
      login = signedLogin(identity, socket.io.engine.id ?? '', exporter, options)
      done(login)
    },
  })
  const items: StreamItem[] = []
  const watchers = new Set<() => void>()
  const mail: SealedPacket[] = []
  const record =
    <T>(list: T[]) =>
    (more: readonly T[]) => {
      list.push(...more)
      for (const watcher of [...watchers]) watcher()
    }
  const [take, takeMail] = [record(items), record(mail)]
  socket.on('items', take)
  socket.on('sealed', takeMail)
  const hello = await new Promise<RelayHello>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no hello in time')), options.deadlineMs ?? 10_000)
    const settle = (action: () => void) => {
      clearTimeout(timer)
      action()
    }
    socket.once('hello', (first: RelayHello) => settle(() => resolve(first)))
    socket.once('connect_error', (error) => settle(() => reject(new LoginRefused(error.message))))
  }).catch((error: unknown) => {
    socket.disconnect()
    for (const connection of connections) connection.destroy()
    throw error
  })
  const [nonce, key, device] = [login.nonce, login.key, login.device].map((text) => fromBase64Url(String(text)))
  const challenge = [socket.io.engine.id ?? '', exporter, nonce ?? '', key ?? '', device ?? '']
  take(hello.items)
  takeMail(hello.sealed.packets)
  let records = 0
  // Node hands over one record at a time.
  carrier.on('data', () => {
    records += 1
  })

  const seen = (isSeen: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not seen in time; ${items.length} items and ${mail.length} packets so far`)), 15_000)
      const look = () => {
        if (!isSeen()) return
        clearTimeout(timer)
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
    })
  const request: TestClient['request'] = (name, input) => socket.timeout(20_000).emitWithAck(name, input)
  return {
    identity,
    socket,
    hello,
    items,
    mail,
    relayProved: verify(RELAY_HELLO_PURPOSE, challenge, fromBase64Url(hello.signature), fromBase64Url(address.relayKey)),
    request,
    sendText: (to, cid, text, turn = 0) =>
      request('message.send', { cid, turn, to: to.handle, toKey: keyOf(to), body: { kind: 'text', text } }),
    until: (condition) => seen(() => condition(items)),
    untilMail: (condition) => seen(() => condition(mail)),
    records: () => records,
    pause() {
      for (const connection of connections) connection.pause()
    },
    close() {
      socket.disconnect()
      for (const connection of connections) connection.destroy()
    },
  }
}
