/**
 * The same question from somewhere else: through a proxy of the bundle's. Somebody unrelated is asked for through it as well, so that a
 * proxy that is dead or lets nobody through is not taken for a service that is silent.
 */
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { type Dialer, tcp } from '../../net/dialer.ts'
import { type HopDeps, through } from '../../net/dialers/through.ts'
import type { Network, SocketAddress } from '../../net/network.ts'
import { encrypt } from '../../net/tls.ts'
import type { VantageObservation } from '../observation.ts'
import type { TlsPlace } from '../senses.ts'
import type { Bounded } from './bounded.ts'

type Outcome = VantageObservation['outcome']

export interface VantageDeps {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly bounded: Bounded
  readonly roots: readonly string[]
  /** Somebody unrelated, by literal address. */
  readonly stranger: SocketAddress | null
}

/** Two round trips to the proxy and two beyond it, and a SYN of its own sent again. */
const VANTAGE_MS = 3000

export async function askThrough(
  hop: Parameters<typeof through>[0],
  { network, clock, random, bounded, roots, stranger }: VantageDeps,
  to: TlsPlace,
  signal: AbortSignal,
): Promise<Outcome> {
  const hops: HopDeps = { clock, random, roots, transports: null }
  let reachedProxy = false
  const near: Dialer = async (target, within) => {
    const stream = await tcp(network)(target, within)
    reachedProxy = true
    return stream
  }
  const dial = through(hop, near, hops)
  const stops = new AbortController()
  const onStop = () => stops.abort()
  signal.addEventListener('abort', onStop, { once: true })
  const proxyLets = stranger
    ? bounded(
        VANTAGE_MS,
        stops.signal,
        async (within) => {
          ;(await dial(stranger, within)).destroy()
          return true
        },
        // Any answer of its own, a refusal too, shows that it is at work.
        ({ reason }) => reason === 'proxy-refused',
      )
    : Promise.resolve(false)
  const seen = await bounded<Outcome>(
    VANTAGE_MS,
    signal,
    async (within) => {
      const socket = await encrypt(await dial(to, within), { host: to.host, sni: to.sni, roots }, within)
      socket.destroy()
      return { kind: 'established' }
    },
    ({ reason, code, issuer }) => {
      if (reason === 'certificate') return { kind: 'certificate', code, issuer }
      if (!reachedProxy) return { kind: 'no-vantage', code: reason }
      if (reason === 'timeout') return { kind: 'silent' }
      // RFC 1928 section 6: 3 and 4, network and host unreachable; 5, refused. A proxy over HTTP says 502 to 504.
      if (reason === 'proxy-refused')
        return /^(reply-[345]|status-50[234])$/.test(code) ? { kind: 'refused' } : { kind: 'no-vantage', code }
      return reason === 'reset' || reason === 'closed' ? { kind: 'cut' } : { kind: 'no-vantage', code }
    },
  )
  try {
    if (seen.kind === 'established' || seen.kind === 'certificate' || seen.kind === 'no-vantage') return seen
    return (await proxyLets) ? seen : { kind: 'no-vantage', code: seen.kind }
  } finally {
    stops.abort()
    signal.removeEventListener('abort', onStop)
  }
}
