/** What SOCKS5 and HTTP CONNECT have in common: a machine that dials for others from its own place, and joins two streams. */
import { isIP } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { dial } from '../engine/dial.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import { deadline } from './deadline.ts'
import type { Names } from './names.ts'

const DIAL_TIMEOUT_MS = 10_000

export interface ProxyDeps {
  readonly engine: Engine
  readonly names: Names
  readonly host: Host
  pair(): [Duplex, Duplex]
}

/** Dials a literal or a name, which is looked up truly: the proxy stands where nobody lies. Rejects with a Node-style error. */
export async function dialFor({ engine, names, host }: ProxyDeps, target: string, port: number): Promise<Duplex> {
  const address = isIP(target) === 0 ? names.addressesOf(target.toLowerCase())?.[0] : target
  if (address === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  const from: Origin = { who: host.id, place: null, provider: host.provider, address: host.addresses[0] ?? '' }
  const limit = deadline(engine.clock, DIAL_TIMEOUT_MS)
  try {
    return await dial(engine, from, { address, port }, limit.signal)
  } finally {
    limit.cancel()
  }
}

/** Carries bytes both ways until both sides are done; a failure of either ends the other. */
export function join(a: Duplex, b: Duplex): void {
  pipeline(a, b, (error) => {
    if (error) b.destroy()
  })
  pipeline(b, a, (error) => {
    if (error) a.destroy()
  })
}

/** Reads a stream in pieces of known length, as handshakes need; what was read too far is put back before it is joined. */
export function createTaker(stream: Duplex) {
  let held: Buffer = Buffer.alloc(0)
  let wake: (() => void) | null = null
  let ended = false
  const onData = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    wake?.()
  }
  const onEnd = () => {
    ended = true
    wake?.()
  }
  stream.on('data', onData)
  stream.on('end', onEnd)
  stream.on('close', onEnd)
  const until = async (found: () => number): Promise<Buffer> => {
    for (let length = found(); ; length = found()) {
      if (length >= 0) {
        const taken = held.subarray(0, length)
        held = held.subarray(length)
        return taken
      }
      if (ended) throw new Error('ended too soon')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    take: (length: number) => until(() => (held.length >= length ? length : -1)),
    /** Everything up to and with `mark`; rejects when it is not within `most` bytes. */
    through: (mark: string, most: number) =>
      until(() => {
        const at = held.indexOf(mark)
        if (at < 0 && held.length > most) throw new Error('too long')
        return at < 0 ? -1 : at + mark.length
      }),
    release() {
      stream.pause()
      stream.off('data', onData)
      stream.off('end', onEnd)
      stream.off('close', onEnd)
      if (held.length > 0) stream.unshift(held)
    },
  }
}
