/** Short ways to write observations, and a small world to judge them in. */
import type {
  DnsObservation,
  HelloObservation,
  LocalObservation,
  Observation,
  PortalObservation,
  StatusObservation,
  TcpObservation,
  TlsObservation,
  TransferObservation,
  VantageObservation,
} from '../../../electron/core/diagnose/observation.ts'
import type { Context } from '../../../electron/core/diagnose/scene.ts'
import { diagnose, type Finding } from '../../../electron/core/diagnose/verdict.ts'
import type { Plane } from '../../../shared/contract/path.ts'

export const NOW = 1_700_000_000_000
export const OWN = ['240.1.0.10', '240.1.0.11'] as const
export const LINKS = '240.1.0.20'
export const FALSE_PAGE = '240.66.0.1'

export const context: Context = {
  now: NOW,
  relayAlive: false,
  bogons: [],
  endpoints: [
    { id: 'chat-own', plane: 'chat', host: 'chat.x.test', port: 443, addresses: [...OWN], provider: 'own' },
    { id: 'chat-cloud', plane: 'chat', host: 'relay2.y.test', port: 443, addresses: ['240.2.0.10'], provider: 'cloud-a' },
    { id: 'links', plane: 'links', host: 'x.test', port: 443, addresses: [LINKS], provider: 'own' },
  ],
  controls: [{ id: 'music', host: 'music.test', address: '240.2.0.50', port: 443, provider: 'cloud-a', domestic: false }],
}

const seen = { at: NOW - 1000, ms: 100, plane: 'chat', role: 'target' } as const

export function dns(outcome: DnsObservation['outcome'], more: Partial<DnsObservation> = {}): DnsObservation {
  return { ...seen, plane: 'links', t: 'dns', name: 'x.test', resolver: 'system', resolverId: 'isp', outcome, ...more }
}
export function answer(addresses: readonly string[], more: Partial<DnsObservation> = {}): DnsObservation {
  return dns({ kind: 'answer', addresses, late: [] }, more)
}
export function tcp(
  kind: 'connected' | 'refused' | 'reset' | 'unreachable' | 'timeout',
  more: Partial<TcpObservation> = {},
): TcpObservation {
  const ms = kind === 'timeout' ? 1500 : 100
  return {
    ...seen,
    at: NOW - 900 - ms,
    ms,
    t: 'tcp',
    endpoint: 'chat-own',
    provider: 'own',
    address: OWN[0],
    port: 443,
    source: 'bundle',
    outcome: { kind },
    ...more,
  }
}
export function tls(outcome: TlsObservation['outcome'], more: Partial<TlsObservation> = {}): TlsObservation {
  return {
    ...seen,
    t: 'tls',
    endpoint: 'chat-own',
    provider: 'own',
    address: OWN[0],
    sni: 'chat.x.test',
    source: 'bundle',
    outcome,
    ...more,
  }
}
export function hello(outcome: HelloObservation['outcome'], more: Partial<HelloObservation> = {}): HelloObservation {
  return { ...seen, t: 'hello', endpoint: 'chat-own', provider: 'own', address: OWN[0], source: 'bundle', outcome, ...more }
}
export function local(more: Partial<LocalObservation> = {}): LocalObservation {
  return { ...seen, t: 'local', up: true, v6: false, settledMs: 60_000, clockSkewMs: null, ...more }
}
export const linksProven: Observation = tls({ kind: 'established' }, { plane: 'links', endpoint: 'links', address: LINKS, sni: 'x.test' })
export const strangerAnswers: Observation = tcp('connected', {
  role: 'control',
  endpoint: 'music',
  provider: 'cloud-a',
  address: '240.2.0.50',
})
export const strangerElsewhereAnswers: Observation = tcp('connected', {
  role: 'control',
  endpoint: 'shop',
  provider: 'cloud-b',
  address: '240.3.0.50',
})

export function find(plane: Plane, observations: readonly Observation[], more: Partial<Context> = {}): Finding {
  const finding = diagnose(observations, { ...context, ...more }).find((entry) => entry.plane === plane)
  if (!finding) throw new Error(`no finding for ${plane}`)
  return finding
}

export function status(code: number, more: Partial<StatusObservation> = {}): StatusObservation {
  return {
    ...seen,
    t: 'status',
    endpoint: 'chat-own',
    provider: 'own',
    address: OWN[0],
    outcome: { kind: 'status', status: code },
    ...more,
  }
}
export function portal(outcome: PortalObservation['outcome'], more: Partial<PortalObservation> = {}): PortalObservation {
  return { ...seen, role: 'control', t: 'portal', endpoint: 'music', address: '240.2.0.50', outcome, ...more }
}
export function vantage(outcome: VantageObservation['outcome'], more: Partial<VantageObservation> = {}): VantageObservation {
  return { ...seen, t: 'vantage', via: 'bridge', endpoint: 'chat-own', address: OWN[0], outcome, ...more }
}
export function transfer(more: Partial<TransferObservation> = {}): TransferObservation {
  return {
    ...seen,
    t: 'transfer',
    endpoint: 'chat-own',
    provider: 'own',
    address: OWN[0],
    sni: 'chat.x.test',
    bytes: 65_536,
    kbps: 4000,
    outcome: { kind: 'whole' },
    ...more,
  }
}
/** A stranger's handshake. */
export function stranger(outcome: TlsObservation['outcome'], more: Partial<TlsObservation> = {}): TlsObservation {
  return tls(outcome, { role: 'control', endpoint: 'music', provider: 'cloud-a', address: '240.2.0.50', sni: 'music.test', ...more })
}
