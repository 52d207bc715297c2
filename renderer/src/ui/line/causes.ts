/** Of everything a finding names, the one cause that explains most: what short sentences are about. Pure. */
import type { Mechanism, Verdict } from '../../../../shared/contract/path.ts'

const causeOf: Partial<Record<Mechanism, Cause>> = {
  dns_lie: 'lookupFalse',
  dns_injection: 'lookupFalse',
  dns_bogon: 'lookupFalse',
  dns_nxdomain: 'lookupDenies',
  dns_silence: 'lookupSilent',
  prefix_block: 'range',
  ip_drop: 'dropped',
  ip_reset: 'refused',
  ip_unreachable: 'refused',
  sni_reset: 'named',
  sni_close: 'named',
  sni_drop: 'named',
  http_host_reset: 'named',
  http_host_drop: 'named',
  http_host_close: 'named',
  tls_mitm: 'unproven',
  http_blockpage: 'page',
  protocol_block: 'protocol',
  sni_throttle: 'slow',
  rate_limit: 'slow',
  byte_freeze: 'slow',
  selective_media: 'slow',
  allow_list: 'domestic',
  possible_shutdown: 'nothingBeyond',
}
/** From what explains most to what explains least, where several were found. */
const causes = [
  'nothingBeyond',
  'domestic',
  'range',
  'dropped',
  'refused',
  'named',
  'unproven',
  'page',
  'protocol',
  'lookupFalse',
  'lookupDenies',
  'lookupSilent',
  'slow',
] as const
/** What a finding comes to, in the words for which the screens have a short sentence. */
export type Cause = (typeof causes)[number] | 'blocked' | 'fault' | 'overload' | 'denial'

/** That a whole range is silent is told as what it looks like for as long as no stranger in it was seen to be silent, too. */
export function inWords(mechanism: Mechanism, evidence: Verdict['evidence'] = []): Mechanism {
  const seen = new Set(evidence.map(({ code }) => code))
  const isOursAlone = seen.has('tcp-ours-in-range-silent') && !seen.has('tcp-range-silent')
  return mechanism === 'prefix_block' && isOursAlone ? 'ip_drop' : mechanism
}

/** `null` while there is nothing wrong, or nothing known about it. */
export function causeFound(verdict: Pick<Verdict, 'kind' | 'mechanisms'> & Partial<Pick<Verdict, 'evidence'>>): Cause | null {
  switch (verdict.kind) {
    case 'interference': {
      const named = new Set(verdict.mechanisms.map((mechanism) => causeOf[inWords(mechanism, verdict.evidence)]))
      return causes.find((cause) => named.has(cause)) ?? 'blocked'
    }
    case 'degraded':
      return 'slow'
    case 'service_fault':
      return 'fault'
    case 'overload':
      return 'overload'
    case 'server_side_denial':
      return 'denial'
    case 'ok':
    case 'offline':
    case 'captive_portal':
    case 'local_filter':
    case 'clock_wrong':
    case 'ipv6_broken':
    case 'inconclusive':
      return null
  }
}
