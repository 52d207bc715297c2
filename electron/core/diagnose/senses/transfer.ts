/** A download of the service's own sample: how fast it comes, and whether it comes at all beyond the first kilobytes. */
import { Buffer } from 'node:buffer'
import { SAMPLE_BYTES, SAMPLE_PATH } from '../../../../shared/protocol/sample.ts'
import { openHttp } from '../../net/http.ts'
import { encrypt } from '../../net/tls.ts'
import type { TransferObservation } from '../observation.ts'
import type { TlsPlace } from '../senses.ts'
import { open, type TlsSenses } from './tls.ts'

type Transferred = Pick<TransferObservation, 'bytes' | 'kbps' | 'outcome'>

/** A policer lets a first burst pass; the rate is that of what comes after it (detection.md 5.5). */
const BURST_BYTES = 24 * 1024
const TRANSFER_MS = 12_000
/** So long after the burst a rate is told; what comes after it would tell nothing more, and cost. */
const RATE_MS = 1200
/** Asked for first: a line that is slow with so little has had enough. */
const TASTE_BYTES = 16_000
/** A line that took so long for that is slow whatever comes, and is left to others. */
const TASTE_MS = 800
/**
 * So long without a byte, with neither end nor reset, is a freeze. Less than detection.md has (Q2), for a line on which a packet is sent
 * again that late is known by its round trip: so many of them it is at least.
 */
const STALL_MS = 2500
const STALL_TRIPS = 8
/** Before the round trip is known. */
const CONNECT_STALL_MS = 4000

export async function transfer(deps: TlsSenses, to: TlsPlace, host: string, signal: AbortSignal): Promise<Transferred> {
  const { clock, bounded, roots } = deps
  let bytes = 0
  let firstAt: number | null = null
  let burstAt: number | null = null
  let lastAt = clock.monotonic()
  const told = (outcome: Transferred['outcome']): Transferred => {
    const rate = (counted: number, from: number | null) =>
      from === null || lastAt <= from ? null : Math.round((counted * 8) / (lastAt - from))
    // All that followed the burst may have come with its end.
    const after = burstAt === null ? null : rate(bytes - BURST_BYTES, burstAt)
    return { bytes, kbps: after ?? rate(bytes, firstAt), outcome }
  }
  const stalled = new AbortController()
  const stop = () => stalled.abort()
  signal.addEventListener('abort', stop, { once: true })
  let stallMs = CONNECT_STALL_MS
  let stall = clock.after(stallMs, stop)
  try {
    return await bounded<Transferred>(
      TRANSFER_MS,
      stalled.signal,
      async (within) => {
        const began = clock.monotonic()
        const { stream, outcome } = await open(deps, to.address, to.port, within)
        if (!stream) return told({ kind: 'failed', code: outcome.kind })
        stallMs = Math.max(STALL_MS, STALL_TRIPS * (clock.monotonic() - began))
        const socket = await encrypt(stream, { host: to.host, sni: to.sni, roots: roots() }, within)
        const http = openHttp(socket, to.port === 443 ? host : `${host}:${to.port}`)
        try {
          for (const range of [`bytes=0-${TASTE_BYTES - 1}`, `bytes=${TASTE_BYTES}-`]) {
            const { status, body } = await http.request({ method: 'GET', path: SAMPLE_PATH, headers: { range }, signal: within })
            if (status !== 200 && status !== 206) {
              body.on('error', () => {}).destroy()
              return told({ kind: 'failed', code: `status-${status}` })
            }
            for await (const chunk of body) {
              if (!Buffer.isBuffer(chunk)) continue
              bytes += chunk.length
              lastAt = clock.monotonic()
              firstAt ??= lastAt
              stall.cancel()
              stall = clock.after(stallMs, stop)
              if (bytes >= BURST_BYTES) burstAt ??= lastAt
              if (bytes >= SAMPLE_BYTES) return told({ kind: 'whole' })
              const isSlow = burstAt === null ? bytes <= TASTE_BYTES && lastAt - firstAt >= TASTE_MS : lastAt - burstAt >= RATE_MS
              if (isSlow) return told({ kind: 'slow' })
            }
          }
          return told({ kind: 'cut' })
        } finally {
          http.close()
        }
      },
      ({ reason, code }) => {
        if (stalled.signal.aborted && !signal.aborted) return told(bytes > 0 ? { kind: 'stalled' } : { kind: 'failed', code: 'timeout' })
        if (reason === 'timeout') return told({ kind: 'slow' })
        return told(bytes > 0 ? { kind: 'cut' } : { kind: 'failed', code: reason === 'failed' ? code : reason })
      },
    )
  } finally {
    stall.cancel()
    signal.removeEventListener('abort', stop)
  }
}
