/** The censor's own connections to a suspected bridge: what proxies answer to, then the client's first bytes again, then noise. */
import type { Prober } from '../censor/judge.ts'
import { dial } from '../engine/dial.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import { deadline } from './deadline.ts'

const PATIENCE_MS = 3000
const NOISE_BYTES = 221
const encoder = new TextEncoder()

/** It stands where the client's provider is and calls itself `prober` in the log. */
export function createProber(engine: Engine): Prober {
  return async (way, first) => {
    const from: Origin = { who: 'prober', place: null, provider: way.provider, address: '240.0.0.9', inspected: false }
    const probes: readonly Uint8Array[] = [
      Uint8Array.of(5, 1, 0),
      encoder.encode('CONNECT nobody.test:443 HTTP/1.1\r\nHost: nobody.test:443\r\n\r\n'),
      first,
      engine.random.bytes(NOISE_BYTES),
    ]
    for (const probe of probes) if (await answersAsProxy(engine, from, way, probe)) return true
    return false
  }
}

/** A SOCKS5 method (RFC 1928 section 3), or the word of an HTTP proxy about a tunnel (RFC 9110 section 9.3.6). */
function isProxyAnswer(bytes: Buffer): boolean {
  if (bytes.length === 2 && bytes[0] === 5 && [0, 1, 2, 0xff].includes(bytes[1] ?? -1)) return true
  return /^HTTP\/1\.[01] (?:200 Connection|407|502 |504 )/i.test(bytes.subarray(0, 40).toString('latin1'))
}

async function answersAsProxy(engine: Engine, from: Origin, way: { to: string; port: number }, probe: Uint8Array): Promise<boolean> {
  const limit = deadline(engine.clock, PATIENCE_MS)
  try {
    const stream = await dial(engine, from, { address: way.to, port: way.port }, limit.signal)
    try {
      return await new Promise<boolean>((resolve, reject) => {
        limit.signal.addEventListener('abort', () => resolve(false), { once: true })
        stream.once('data', (bytes: Buffer) => resolve(isProxyAnswer(bytes)))
        stream.once('error', reject)
        stream.once('close', () => resolve(false))
        stream.write(probe)
      })
    } finally {
      stream.destroy()
    }
  } catch {
    // Nobody there, or not in time: no proxy for all it knows.
    return false
  } finally {
    limit.cancel()
  }
}
