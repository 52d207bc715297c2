/** Somebody in the world whose program keeps opening connections and says the same thing first. What comes of it the packet log tells. */
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import packet from 'dns-packet'
import type { Timer } from '../../shared/util/clock.ts'
import { ask, dial } from '../engine/dial.ts'
import { duplexPair } from '../engine/duplex-pair.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import type { Host, Talk } from '../engine/world.ts'
import { load } from './browser.ts'
import { deadline } from './deadline.ts'

const PATIENCE_MS = 8000
const FIRST_BYTES = 200

/** Returns how to end it; connections it has are left to their deadline. */
export function startTalker(engine: Engine, host: Host): () => void {
  const { talk } = host
  if (!talk) return () => {}
  const from: Origin = { who: host.id, place: null, provider: host.provider, address: host.addresses[0] ?? '' }
  let timer: Timer | null = null
  const again = () => {
    timer = engine.clock.after(talk.everyMs, again)
    void speak(engine, from, talk)
  }
  again()
  return () => timer?.cancel()
}

async function speak(engine: Engine, from: Origin, talk: Talk): Promise<void> {
  const limit = deadline(engine.clock, PATIENCE_MS)
  const to = { address: talk.to, port: talk.port }
  try {
    if (talk.say === 'dns') {
      await ask(engine, from, to, question(talk.name), limit.signal)
      return
    }
    if (talk.say === 'http') {
      await load(engine, from, talk.to, talk.name, limit.signal)
      return
    }
    const stream = await dial(engine, from, to, limit.signal)
    try {
      await exchange(stream, await words(engine, talk.say, talk), talk.bytes, limit.signal)
    } finally {
      stream.destroy()
    }
  } catch {
    // Cut off, turned away, or met with silence.
  } finally {
    limit.cancel()
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

function question(name: string): Uint8Array {
  return packet.encode({ type: 'query', id: 1, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name }] })
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
