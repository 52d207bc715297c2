/** Encrypting and recognising: cut by name, somebody in the middle, or a fault at the service's own door. */
import type { Plane } from '../../../../shared/contract/path.ts'
import type { Run } from '../history.ts'
import type { HelloObservation, TlsObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, isLongSilence, type Scene, targetsOf } from '../scene.ts'
import type { RuleHit, Weights } from './hit.ts'

const timeErrors = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])
const byName = {
  reset: ['sni_reset', 'tls-reset-by-name'],
  closed: ['sni_close', 'tls-closed-by-name'],
  timeout: ['sni_drop', 'tls-silent-by-name'],
} as const

export function tlsHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  const handshakes = targetsOf(scene.tls, plane).filter((run) => run.last.source === 'bundle' && run.last.sni !== null)
  const hellos = targetsOf(scene.hello, plane).filter((run) => run.last.source === 'bundle')
  return [...handshakes.flatMap((run) => judgeHandshake(scene, run) ?? []), ...hellos.flatMap((run) => judgeHello(scene, run) ?? [])]
}

function judgeHandshake(scene: Scene, { last: seen, repeats }: Run<TlsObservation>): RuleHit | null {
  const base = {
    layer: 'tls',
    place: 'way',
    endpoint: seen.endpoint,
    repeats,
    timing: false,
    proof: false,
    at: seen.at,
    facts: { address: seen.address, sni: seen.sni ?? '', provider: seen.provider, ms: Math.round(seen.ms) },
  } as const
  switch (seen.outcome.kind) {
    case 'established':
    case 'failed':
      return null
    case 'reset':
    case 'closed':
    case 'timeout': {
      if (seen.outcome.kind === 'timeout' && !isLongSilence(scene, seen.ms)) return null
      const [mechanism, code] = byName[seen.outcome.kind]
      const others = nearby(scene, seen).filter(({ last }) => last.address === seen.address && last.sni !== seen.sni && answered(last))
      if (isOutOfReach(scene, seen) && !others.some(({ last }) => last.at >= seen.at)) return null
      const otherName = others.length > 0
      const elsewhere = nearby(scene, seen).some(({ last }) => last.address !== seen.address && answered(last))
      const weights: Weights = otherName
        ? { blocked: 0.93, down: 0.02, ok: 0.05 }
        : elsewhere
          ? { blocked: 0.7, down: 0.2, ok: 0.1 }
          : { blocked: 0.35, down: 0.35, ok: 0.1 }
      return {
        ...base,
        rule: otherName ? 'S1' : 'S3',
        weights,
        mechanism,
        timing: seen.outcome.kind === 'timeout',
        proof: otherName,
        code,
        control: otherName ? 'other-name-passes' : elsewhere ? 'other-places-answer' : 'none',
      }
    }
    case 'certificate':
      return judgeCertificate(scene, { last: seen, repeats }, seen.outcome)
  }
}

/**
 * Not even a connection opens there any more: what cut that off cut the handshake as well (detection.md 1.1, a layer above a blocked one is
 * masked). Where another name passed since, it was the name after all, and what cuts connections now is its residue.
 */
function isOutOfReach(scene: Scene, { address, at }: TlsObservation): boolean {
  return scene.tcp.some(
    ({ last }) =>
      last.role === 'target' && last.source !== 'proxy' && last.address === address && last.at >= at && last.outcome.kind !== 'connected',
  )
}

function judgeCertificate(scene: Scene, { last: seen, repeats }: Run<TlsObservation>, wrong: { code: string; issuer: string }): RuleHit {
  const controls = nearby(scene, seen).filter(({ last }) => last.role === 'control')
  const controlsPass = controls.some(({ last }) => last.outcome.kind === 'established')
  const sameIssuer = controls.some(({ last }) => last.outcome.kind === 'certificate' && last.outcome.issuer === wrong.issuer)
  const base = {
    layer: 'tls',
    endpoint: seen.endpoint,
    repeats,
    timing: false,
    at: seen.at,
    facts: { address: seen.address, sni: seen.sni ?? '', fault: wrong.code, issuer: wrong.issuer },
  } as const
  if (timeErrors.has(wrong.code)) {
    const skew = scene.local?.clockSkewMs
    if (!controlsPass && skew !== null && skew !== undefined && Math.abs(skew) > 10 * 60_000) {
      return {
        ...base,
        rule: 'G3',
        kind: 'clock_wrong',
        weights: { blocked: 0.9, down: 0, ok: 0 },
        mechanism: null,
        place: 'device',
        proof: true,
        code: 'clock-off',
        control: 'relay-time',
        facts: { skewMs: skew },
      }
    }
    return {
      ...base,
      rule: 'S5',
      weights: { blocked: 0.1, down: 0.8, ok: 0 },
      mechanism: null,
      place: 'service',
      proof: false,
      code: 'certificate-out-of-date',
      control: controlsPass ? 'strangers' : 'none',
    }
  }
  if (sameIssuer) {
    return {
      ...base,
      rule: 'G2',
      kind: 'local_filter',
      weights: { blocked: 0.9, down: 0, ok: 0 },
      mechanism: null,
      place: 'network',
      proof: true,
      code: 'same-stranger-signs-everything',
      control: 'strangers-signed-alike',
    }
  }
  return {
    ...base,
    rule: 'S4',
    weights: controlsPass ? { blocked: 0.95, down: 0, ok: 0.05 } : { blocked: 0.6, down: 0.3, ok: 0.05 },
    mechanism: 'tls_mitm',
    place: 'way',
    proof: controlsPass,
    code: 'tls-wrong-certificate',
    control: controlsPass ? 'strangers' : 'none',
  }
}

function judgeHello(scene: Scene, { last: seen, repeats }: Run<HelloObservation>): RuleHit | null {
  if (seen.outcome.kind === 'timeout' && !isLongSilence(scene, seen.ms)) return null
  const base = {
    layer: 'hello',
    endpoint: seen.endpoint,
    repeats,
    timing: false,
    proof: false,
    at: seen.at,
    facts: { address: seen.address, provider: seen.provider },
    control: 'none',
  } as const
  switch (seen.outcome.kind) {
    case 'proven':
      return null
    case 'unproven':
      // The exporter differs: two TLS sessions where there should be one.
      return {
        ...base,
        rule: 'H1',
        weights: { blocked: 0.97, down: 0, ok: 0.03 },
        mechanism: 'tls_mitm',
        place: 'way',
        proof: seen.outcome.reason === 'channel-mismatch',
        code: 'hello-unproven',
        facts: { ...base.facts, reason: seen.outcome.reason },
      }
    case 'refused':
      if (seen.outcome.code === 'overloaded')
        return {
          ...base,
          rule: 'H2',
          kind: 'overload',
          weights: { blocked: 0, down: 0.9, ok: 0 },
          mechanism: null,
          place: 'service',
          proof: true,
          code: 'relay-overloaded',
        }
      return {
        ...base,
        rule: 'H3',
        kind: 'server_side_denial',
        weights: { blocked: 0, down: 0.9, ok: 0 },
        mechanism: null,
        place: 'service',
        proof: true,
        code: 'relay-refuses',
        facts: { ...base.facts, reason: seen.outcome.code },
      }
    case 'status': {
      const { status } = seen.outcome
      if (status === 429 || status === 503)
        return {
          ...base,
          rule: 'H2',
          kind: 'overload',
          weights: { blocked: 0, down: 0.7, ok: 0 },
          mechanism: null,
          place: 'service',
          code: 'relay-overloaded',
          facts: { ...base.facts, status },
        }
      if (status === 403 || status === 451)
        return {
          ...base,
          rule: 'H3',
          kind: 'server_side_denial',
          weights: { blocked: 0, down: 0.8, ok: 0 },
          mechanism: null,
          place: 'service',
          code: 'relay-refuses',
          facts: { ...base.facts, status },
        }
      return {
        ...base,
        rule: 'H4',
        weights: { blocked: 0.05, down: 0.9, ok: 0 },
        mechanism: null,
        place: 'service',
        code: 'relay-answers-with-fault',
        facts: { ...base.facts, status },
      }
    }
    case 'reset':
    case 'closed':
    case 'timeout':
      return {
        ...base,
        rule: 'H5',
        weights: { blocked: 0.45, down: 0.45, ok: 0.1 },
        mechanism: 'protocol_block',
        place: 'way',
        timing: seen.outcome.kind === 'timeout',
        code: 'cut-after-encryption',
      }
  }
}

function nearby(scene: Scene, seen: TlsObservation) {
  return scene.tls.filter(({ last }) => Math.abs(last.at - seen.at) < CONTROL_WINDOW_MS && last.source !== 'proxy')
}

/** A certificate, even a wrong one, shows that the handshake was let through. */
function answered(o: TlsObservation): boolean {
  return o.outcome.kind === 'established' || o.outcome.kind === 'certificate'
}
