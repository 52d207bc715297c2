/**
 * The portal check: one plain request for a page that is always empty. What answers is read no further than its head, which is
 * capped; nothing is followed, run or kept (detection.md 5.6).
 */

import { utf8 } from '../../../../shared/util/bytes.ts'
import type { Clock } from '../../../../shared/util/clock.ts'
import { tcp } from '../../net/dialer.ts'
import type { Network } from '../../net/network.ts'
import { readUntil } from '../../net/read-stream.ts'
import type { PortalObservation } from '../observation.ts'
import type { Bounded } from './bounded.ts'

const PORTAL_MS = 3000
const MOST_HEAD_BYTES = 4096
/** RFC 9110 section 6.6.1: dates in messages are good to a second. */
const SECOND_MS = 1000

export function askPortal(
  { network, clock, bounded }: { network: Network; clock: Clock; bounded: Bounded },
  address: string,
  host: string,
  signal: AbortSignal,
): Promise<PortalObservation['outcome']> {
  return bounded<PortalObservation['outcome']>(
    PORTAL_MS,
    signal,
    async (within) => {
      const stream = await tcp(network)({ address, port: 80 }, within)
      try {
        stream.on('error', () => {})
        stream.write(utf8(`GET /generate_204 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))
        const head = (await readUntil(stream, '\r\n\r\n', MOST_HEAD_BYTES, within)).toString('latin1')
        return readHead(head, host, clock.now())
      } finally {
        stream.destroy()
      }
    },
    ({ reason, code }) => ({ kind: 'failed', code: reason === 'failed' ? code : reason }),
  )
}

/** `elsewhere`: it sends on to another host than the one that was asked. */
export function readHead(head: string, host: string, now: number): PortalObservation['outcome'] {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]
  if (status === undefined) return { kind: 'failed', code: 'not-http' }
  const location = field(head, 'location')
  const elsewhere = location !== null && URL.canParse(location) && new URL(location).hostname !== host
  const date = Date.parse(field(head, 'date') ?? '')
  const skewMs = Number.isNaN(date) ? null : Math.round((date - now) / SECOND_MS) * SECOND_MS
  return { kind: 'status', status: Number(status), elsewhere, skewMs }
}

function field(head: string, name: string): string | null {
  return new RegExp(`^${name}: *([^\r\n]*)`, 'im').exec(head)?.[1] ?? null
}
