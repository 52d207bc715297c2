/** Connecting, encrypting, and one request inside: how far a place lets somebody come. */
import type { Duplex } from 'node:stream'
import type { Clock } from '../../../../shared/util/clock.ts'
import { type Dialer, tcp } from '../../net/dialer.ts'
import { openHttp } from '../../net/http.ts'
import type { Network } from '../../net/network.ts'
import { encrypt } from '../../net/tls.ts'
import type { StatusObservation, TcpObservation, TlsObservation } from '../observation.ts'
import type { Greeting, GreetOptions, TlsPlace } from '../senses.ts'
import { type Bounded, tellingQuiet } from './bounded.ts'

export interface TlsSenses {
  readonly network: Network
  readonly clock: Clock
  readonly bounded: Bounded
  readonly roots: () => readonly string[]
}

/** A SYN sent again once more, and a place where many wait: silence is firm by then (detection.md 5.4). */
const REACH_MS = 3500
const GREET_MS = 4000
const STATUS_MS = 4000

type Opened = { readonly outcome: TcpObservation['outcome']; readonly stream: Duplex | null }

export function open({ network, bounded }: TlsSenses, address: string, port: number, signal: AbortSignal): Promise<Opened> {
  const dial: Dialer = tcp(network)
  return bounded<Opened>(
    REACH_MS,
    signal,
    async (within) => ({ outcome: { kind: 'connected' }, stream: await dial({ address, port }, within) }),
    ({ reason, code }) => ({
      outcome:
        reason === 'timeout' || reason === 'refused' || reason === 'reset' || reason === 'unreachable'
          ? { kind: reason }
          : { kind: 'failed', code },
      stream: null,
    }),
  )
}

export async function greet(deps: TlsSenses, to: TlsPlace, { asks, onQuiet }: GreetOptions, signal: AbortSignal): Promise<Greeting> {
  const { clock, bounded, roots } = deps
  const began = clock.monotonic()
  const opened = await tellingQuiet(clock, onQuiet && ((ms) => onQuiet('tcp', ms)), () => open(deps, to.address, to.port, signal))
  const reached = { ms: clock.monotonic() - began, outcome: opened.outcome }
  const { stream } = opened
  if (!stream) return { tcp: reached, tls: null }
  const encrypting = clock.monotonic()
  const { outcome, socket } = await tellingQuiet(clock, onQuiet && ((ms) => onQuiet('tls', ms)), () =>
    bounded<{ outcome: TlsObservation['outcome']; socket: Awaited<ReturnType<typeof encrypt>> | null }>(
      GREET_MS,
      signal,
      async (within) => ({
        outcome: { kind: 'established' },
        socket: await encrypt(stream, { host: to.host, sni: to.sni, roots: roots() }, within),
      }),
      ({ reason, code, issuer }) => {
        if (reason === 'certificate') return { outcome: { kind: 'certificate', code, issuer }, socket: null }
        const kind = reason === 'timeout' || reason === 'reset' || reason === 'closed' ? reason : null
        return { outcome: kind ? { kind } : { kind: 'failed', code }, socket: null }
      },
    ),
  )
  const encrypted = { ms: clock.monotonic() - encrypting, outcome }
  if (!socket) return { tcp: reached, tls: encrypted }
  if (asks === undefined) {
    socket.destroy()
    return { tcp: reached, tls: encrypted }
  }
  const asking = clock.monotonic()
  const http = openHttp(socket, to.port === 443 ? asks : `${asks}:${to.port}`)
  const status = await bounded<StatusObservation['outcome']>(
    STATUS_MS,
    signal,
    async (within) => {
      const answer = await http.request({ method: 'HEAD', path: '/', headers: {}, signal: within })
      answer.body.on('error', () => {}).destroy()
      return { kind: 'status', status: answer.status }
    },
    ({ reason }) => ({ kind: reason === 'timeout' || reason === 'reset' ? reason : 'closed' }),
  )
  http.close()
  return { tcp: reached, tls: encrypted, status: { ms: clock.monotonic() - asking, outcome: status } }
}
