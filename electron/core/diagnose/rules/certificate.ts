/** A certificate that is not accepted: the service's own mistake if everybody is shown it, somebody in the middle if only we are. */
import type { Run } from '../history.ts'
import type { TlsObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, endOf, isMeanwhile, rowOf, type Scene, seenFromElsewhere } from '../scene.ts'
import type { RuleHit } from './hit.ts'
import { timeErrors } from './local.ts'

export function certificateHit(
  scene: Scene,
  run: Run<TlsObservation>,
  seen: TlsObservation,
  wrong: { readonly code: string; readonly issuer: string },
): RuleHit {
  const row = rowOf(run)
  const passes = (o: TlsObservation) => o.role === 'control' && o.outcome.kind === 'established'
  const controlsPass = scene.tls.some(({ last, all }) => passes(last) && all.some((o) => passes(o) && isMeanwhile(o, row)))
  const { outcome: elsewhere, isWrongThere, isPending } = seenFromElsewhere(scene, seen, row)
  const base = {
    layer: 'tls',
    endpoint: seen.endpoint,
    repeats: run.repeats,
    timing: false,
    at: seen.at,
    facts: { address: seen.address, sni: seen.sni ?? '', fault: wrong.code, issuer: wrong.issuer },
  } as const
  const fault = { ...base, weights: { blocked: 0.05, down: 0.95, ok: 0 }, mechanism: null, place: 'service' } as const
  if (isWrongThere && !provenSince(scene, seen)) {
    return { ...fault, rule: 'S5', proof: true, code: 'certificate-wrong-everywhere', control: 'fails-from-elsewhere' }
  }
  if (timeErrors.has(wrong.code) && elsewhere?.kind !== 'established') {
    const weights = { blocked: 0.1, down: 0.8, ok: 0 }
    return { ...fault, weights, rule: 'S5t', proof: false, code: 'certificate-out-of-date', control: controlsPass ? 'strangers' : 'none' }
  }
  const middle = { ...base, rule: 'S4', mechanism: 'tls_mitm', place: 'way', code: 'tls-wrong-certificate' } as const
  if (elsewhere?.kind === 'established') {
    return { ...middle, weights: { blocked: 0.95, down: 0, ok: 0.05 }, proof: true, control: 'answers-from-elsewhere' }
  }
  // Everybody is shown it there, and the relay proves itself at another place: its addresses lead astray, or its keeper made a mistake there.
  if (isWrongThere) {
    return { ...middle, rule: 'S4r', weights: { blocked: 0.6, down: 0.4, ok: 0 }, proof: false, control: 'fails-from-elsewhere' }
  }
  return {
    ...middle,
    isPending,
    weights: controlsPass ? { blocked: 0.75, down: 0.25, ok: 0 } : { blocked: 0.6, down: 0.3, ok: 0.05 },
    proof: false,
    control: controlsPass ? 'strangers' : 'none',
  }
}

/** The relay has proven itself since at a place of another provider's, or is still doing so. */
function provenSince(scene: Scene, seen: TlsObservation): boolean {
  return (
    scene.context.relayAlive &&
    scene.hello.some(
      ({ last }) => last.outcome.kind === 'proven' && last.provider !== seen.provider && endOf(last) > seen.at - CONTROL_WINDOW_MS,
    )
  )
}
