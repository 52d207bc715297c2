/** Somebody in the world whose program keeps opening connections and says the same thing first. What comes of it the packet log tells, and they note it. */
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import packet from 'dns-packet'
import type { Timer } from '../../shared/util/clock.ts'
import { createEvents, type Events } from '../../shared/util/events.ts'
import { ask, dial } from '../engine/dial.ts'
import { duplexPair } from '../engine/duplex-pair.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import type { Host, Place, Talk } from '../engine/world.ts'
import { load } from './browser.ts'
import { deadline } from './deadline.ts'
import { answerOf, outcomeOf, requestPlain, requestSecure } from './witness.ts'

const PATIENCE_MS = 8000
const FIRST_BYTES = 200

export interface Talkers {
  /** Returns how to end it; connections it has are left to their deadline. */
  start(host: Host): () => void
  /** What came of what one of them tried, in the words of `outcomeOf`. */
  readonly met: Events<{ readonly who: string; readonly outcome: string }>
}

/** `roots`: authorities that programs at a place trust beside the world's own. */
export function createTalkers(engine: Engine, root: string, roots: (place: string) => readonly string[]): Talkers {
  const met = createEvents<{ readonly who: string; readonly outcome: string }>()
  const { clock, topology } = engine

  const attempt = async (from: Origin, talk: Talk): Promise<void> => {
    const began = clock.monotonic()
    const limit = deadline(clock, PATIENCE_MS)
    let outcome: string
    try {
      outcome = await speak(engine, from, talk, [root, ...(from.place === null ? [] : roots(from.place))], limit.signal)
    } catch (error) {
      outcome = outcomeOf(error)
    } finally {
      limit.cancel()
    }
    const late = talk.lateMs !== undefined && clock.monotonic() - began > talk.lateMs
    met.emit({ who: from.who, outcome: late ? `late ${outcome}` : outcome })
  }

  return {
    met,
    start(host) {
      const { talk } = host
      if (!talk) return () => {}
      const from = originOf(host, talk.at === undefined ? null : topology.place(talk.at))
      let timer: Timer | null = null
      const again = () => {
        timer = clock.after(talk.everyMs, again)
        void attempt(from, talk)
      }
      again()
      return () => timer?.cancel()
    },
  }
}

function originOf(host: Host, place: Place | null): Origin {
  const [address = '', address6] = [...host.addresses].sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
  return { who: host.id, place: place?.id ?? null, provider: host.provider, address, ...(address6 !== undefined && { address6 }) }
}

async function speak(engine: Engine, from: Origin, talk: Talk, roots: readonly string[], signal: AbortSignal): Promise<string> {
  const to = { address: talk.to, port: talk.port }
  switch (talk.say) {
    case 'dns': {
      const { bytes } = await ask(engine, from, to, question(talk), signal)
      return answerOf(bytes)
    }
    case 'http':
      await load(engine, from, talk.to, talk.name, signal)
      return 'loaded'
    case 'get':
      return requestPlain(engine, from, to, talk, signal)
    case 'https':
      return requestSecure(engine, from, to, talk, roots, signal)
    default: {
      const stream = await dial(engine, from, to, signal)
      try {
        if (talk.say === 'connect') return 'open'
        await exchange(stream, await words(engine, talk.say, talk), talk.bytes, signal)
        return 'answered'
      } finally {
        stream.destroy()
      }
    }
  }
}

/** Says one thing after the other, each once the one before was answered, and waits until as much came back as `more`. */
async function exchange(stream: Duplex, words: readonly Uint8Array[], more: number, signal: AbortSignal): Promise<void> {
  for (const each of [...words, new Uint8Array(more)]) {
    if (each.length === 0) continue
    await new Promise<void>((resolve, reject) => {
      let due = each.length === more ? more : 1
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      stream.once('error', reject)
      stream.once('close', () => reject(new Error('ended')))
      stream.on('data', (bytes: Buffer) => {
        due -= bytes.length
        if (due <= 0) resolve()
      })
      stream.write(each)
    })
  }
}

async function words(engine: Engine, say: 'opaque' | 'socks5' | 'tls', { name, split }: Talk): Promise<Uint8Array[]> {
  switch (say) {
    case 'opaque':
      return [engine.random.bytes(FIRST_BYTES), engine.random.bytes(FIRST_BYTES)]
    case 'socks5':
      return [Uint8Array.of(5, 1, 0)]
    case 'tls': {
      const hello = await clientHello(name)
      return [split ? inTwoRecords(hello, hello.indexOf(name) - 5 + 2) : hello]
    }
  }
}

function question({ name, type }: Talk): Uint8Array {
  return packet.encode({ type: 'query', id: 1, flags: packet.RECURSION_DESIRED, questions: [{ type, name }] })
}

/** What Node's own TLS says first. */
function clientHello(servername: string): Promise<Buffer> {
  const [near, far] = duplexPair()
  for (const end of [near, far]) end.on('error', () => {})
  const socket = connect({ socket: near, servername })
  socket.on('error', () => {})
  return new Promise((resolve) =>
    far.once('data', (bytes: Buffer) => {
      socket.destroy()
      resolve(bytes)
    }),
  )
}

/** The same handshake message in two records (RFC 8446 section 5.1), cut so far into its body. */
function inTwoRecords(hello: Buffer, at: number): Buffer {
  const body = hello.subarray(5)
  const record = (part: Buffer) => Buffer.concat([hello.subarray(0, 3), Buffer.from([part.length >> 8, part.length & 255]), part])
  return Buffer.concat([record(body.subarray(0, at)), record(body.subarray(at))])
}
