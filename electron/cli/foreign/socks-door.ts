/**
 * A SOCKS5 port on loopback (RFC 1928, CONNECT, no authentication) whose connections begin at a place of the lab. Names are looked
 * up there, so a lie is met; a reset arrives as a reset, and silence stays silence.
 */
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import ipaddr from 'ipaddr.js'
import type { Clock } from '../../../shared/util/clock.ts'
import { encodeQuery } from '../../core/net/dns/wire.ts'
import { classify } from '../../core/net/errors.ts'
import type { Network } from '../../core/net/network.ts'
import { readExactly } from '../../core/net/read-stream.ts'
import type { HostPort } from '../options.ts'
import { type Door, listening } from './door.ts'
import { ANSWER_MS, type Lookups, readReply } from './lookups.ts'
import type { Recorder, Seen } from './record.ts'

/** Connections open at once. */
const MOST = 256
const GREETING_MS = 10_000
/** For each address of a name. */
const CONNECT_MS = 10_000
const MOST_ADDRESSES = 4
const IDLE_MS = 120_000
/** A client that has said its last word may still be listening, or be gone: this long without a byte, and it is gone. */
const LEFT_MS = 3000

// RFC 1928 section 6.
const ANSWERS = { 'no-address': 4, unreachable: 4, refused: 5, timeout: 6, reset: 1 } as const
const NO_METHOD = 0xff
const NOT_SUPPORTED = 7
const BAD_ADDRESS_TYPE = 8

export interface SocksDeps {
  readonly network: Network
  readonly lookups: Lookups
  readonly recorder: Recorder
  readonly clock: Clock
}

type Flow = Extract<Seen, { t: 'flow' }>
interface Target {
  readonly name: string | null
  readonly address: string | null
  readonly port: number
}

export async function openSocksDoor(at: HostPort, { network, lookups, recorder, clock }: SocksDeps): Promise<Door> {
  const closing = new AbortController()
  const sockets = new Set<Socket>()
  const serving = new Set<Promise<void>>()
  const within = (ms: number) => AbortSignal.any([closing.signal, AbortSignal.timeout(ms)])

  const note = (target: Target, began: number, rest: Pick<Flow, 'outcome'> & Partial<Flow>) =>
    recorder.note({
      t: 'flow',
      at: clock.now(),
      ms: Math.round(clock.monotonic() - began),
      ...target,
      sent: 0,
      received: 0,
      quietMs: Math.round(clock.monotonic() - began),
      ...rest,
    })

  /** The addresses that the resolver here gives, the first answer counting as it does for everybody. */
  const addressesOf = async (name: string): Promise<readonly string[]> => {
    const id = Math.floor(clock.monotonic()) & 0xffff
    const message = encodeQuery({ id, name, type: 'A' })
    return new Promise((resolve) => {
      const listen = async () => {
        for await (const reply of lookups.ask(message, { name, type: 'A' }, 'socks', within(ANSWER_MS))) resolve(readReply(reply).addresses)
        resolve([])
      }
      const work = listen().finally(() => serving.delete(work))
      serving.add(work)
    })
  }

  const dial = async (name: string | null, addresses: readonly string[], port: number) => {
    let outcome: keyof typeof ANSWERS = 'no-address'
    if (addresses.length === 0) note({ name, address: null, port }, clock.monotonic(), { outcome })
    for (const address of addresses.slice(0, MOST_ADDRESSES)) {
      const began = clock.monotonic()
      const signal = within(CONNECT_MS)
      try {
        return { stream: await network.connect({ address, port }, signal), target: { name, address, port }, began }
      } catch (error) {
        const { reason } = classify(error)
        outcome = signal.aborted ? 'timeout' : reason === 'refused' || reason === 'reset' ? reason : 'unreachable'
        note({ name, address, port }, began, { outcome })
      }
    }
    return outcome
  }

  const serve = async (socket: Socket): Promise<void> => {
    const signal = within(GREETING_MS)
    const take = (length: number) => readExactly(socket, length, signal)
    const refuse = (code: number) => void socket.end(Uint8Array.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0))
    const [version, methods = 0] = await take(2)
    if (version !== 5) return void socket.destroy()
    if (!(await take(methods)).includes(0)) return void socket.end(Uint8Array.of(5, NO_METHOD))
    socket.write(Uint8Array.of(5, 0))
    const [again, command, , type = 0] = await take(4)
    if (again !== 5) return void socket.destroy()
    const length = type === 1 ? 4 : type === 4 ? 16 : type === 3 ? (await take(1)).readUInt8() : 0
    if (length === 0) return refuse(BAD_ADDRESS_TYPE)
    const target = await take(length)
    const port = (await take(2)).readUInt16BE()
    if (command !== 1 || port === 0) return refuse(NOT_SUPPORTED)
    const text = type === 3 ? target.toString('latin1').toLowerCase() : ipaddr.fromByteArray([...target]).toString()
    const literal = type !== 3 || ipaddr.isValid(text)
    if (!literal && !/^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(text)) return refuse(BAD_ADDRESS_TYPE)
    const got = await dial(literal ? null : text, literal ? [text] : await addressesOf(text), port)
    if (typeof got === 'string') return refuse(ANSWERS[got])
    if (socket.destroyed) return void got.stream.destroy()
    socket.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
    const carried = await carry(socket, got.stream, clock)
    note(got.target, got.began, carried)
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (sockets.size >= MOST) return void socket.destroy()
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    const work = serve(socket)
      .catch(() => void socket.destroy())
      .finally(() => serving.delete(work))
    serving.add(work)
  })
  const port = await listening(server, at)
  return {
    port,
    async close() {
      closing.abort()
      for (const socket of sockets) socket.destroy()
      await Promise.all([new Promise<void>((done) => server.close(() => done())), ...serving])
    },
  }
}

/** Carries bytes both ways until both are done, one is cut, or nothing moves any more; then both are gone. */
function carry(near: Socket, far: Duplex, clock: Clock): Promise<Pick<Flow, 'outcome' | 'sent' | 'received' | 'quietMs'>> {
  let [sent, received, heardAt] = [0, 0, clock.monotonic()]
  return new Promise((resolve) => {
    let firstEnd: 'closed' | 'left' | null = null
    let leftAt: number | null = null
    const finish = (outcome: Flow['outcome']) => {
      near.setTimeout(0)
      far.destroy()
      // As the client would have met it on a real network.
      if (outcome === 'reset' || outcome === 'timeout') near.resetAndDestroy()
      else near.destroySoon()
      resolve({ outcome, sent, received, quietMs: Math.max(0, Math.round((leftAt ?? clock.monotonic()) - heardAt)) })
    }
    far.once('error', (error) => finish(classify(error).reason === 'reset' ? 'reset' : 'closed'))
    far.once('end', () => {
      firstEnd ??= 'closed'
    })
    far.once('close', () => finish(firstEnd ?? 'closed'))
    near.once('end', () => {
      firstEnd ??= 'left'
      leftAt = clock.monotonic()
      near.setTimeout(LEFT_MS)
    })
    near.once('close', () => finish(firstEnd ?? 'left'))
    near.setTimeout(IDLE_MS)
    near.on('timeout', () => finish(firstEnd ?? 'timeout'))
    near.on('data', (chunk: Buffer) => {
      sent += chunk.length
    })
    far.on('data', (chunk: Buffer) => {
      received += chunk.length
      heardAt = clock.monotonic()
    })
    near.pipe(far)
    far.pipe(near)
  })
}
