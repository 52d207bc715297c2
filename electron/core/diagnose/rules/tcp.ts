/** Reaching an address: silence, refusal, unreachability, told apart by what strangers' addresses do at the same time. */
import type { Plane } from '../../../../shared/contract/path.ts'
import type { Run } from '../history.ts'
import type { TcpObservation } from '../observation.ts'
import { isLongSilence, othersAnswer, type Scene, silentStrangers, targetsOf } from '../scene.ts'
import type { RuleHit } from './hit.ts'

export function tcpHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  const own = targetsOf(scene.tcp, plane).filter((run) => run.last.source === 'bundle')
  const failing = own.filter(
    (run) => run.last.outcome.kind !== 'connected' && (run.last.outcome.kind !== 'timeout' || isLongSilence(scene, run.last.ms)),
  )
  return failing.flatMap((run) => {
    // Two silent addresses of one provider are two tries of the same question.
    const repeats = failing
      .filter((other) => other.last.provider === run.last.provider && other.last.outcome.kind === run.last.outcome.kind)
      .reduce((sum, other) => sum + other.repeats, 0)
    return judge(scene, run, repeats) ?? []
  })
}

function judge(scene: Scene, { last: seen }: Run<TcpObservation>, repeats: number): RuleHit | null {
  const others = othersAnswer(scene, seen.at, seen.provider)
  // Refused through a proxy as well: the place does not matter, so the service is the likelier cause.
  const failsElsewhere =
    scene.tcp.some(({ last }) => last.source === 'proxy' && last.address === seen.address && last.outcome.kind !== 'connected') &&
    !scene.context.relayAlive
  const base = {
    layer: 'tcp',
    place: failsElsewhere ? 'service' : 'way',
    endpoint: seen.endpoint,
    repeats,
    proof: false,
    at: seen.at,
    facts: { address: seen.address, port: seen.port, provider: seen.provider, ms: Math.round(seen.ms) },
    control: others ?? 'none',
  } as const
  if (failsElsewhere) {
    return {
      ...base,
      rule: 'T7',
      weights: { blocked: 0.15, down: 0.85, ok: 0 },
      mechanism: null,
      timing: false,
      code: 'service-fails-elsewhere-too',
      control: 'fails-through-proxy',
    }
  }
  switch (seen.outcome.kind) {
    case 'connected':
      return null
    case 'timeout': {
      const strangers = silentStrangers(scene, seen.provider, seen.at)
      if (strangers > 0 && others) {
        return {
          ...base,
          rule: 'T6',
          weights: { blocked: 0.9, down: 0.1, ok: 0 },
          mechanism: 'prefix_block',
          timing: true,
          code: 'tcp-range-silent',
          control: 'strangers-silent-too',
          facts: { ...base.facts, strangers },
        }
      }
      return {
        ...base,
        rule: 'T5',
        weights: { blocked: others ? 0.85 : 0.4, down: others ? 0.15 : 0.4, ok: 0 },
        mechanism: 'ip_drop',
        timing: true,
        code: 'tcp-silent',
      }
    }
    case 'refused':
    case 'reset': {
      // Whether a refusal is forged cannot be seen from here unless the service is known to be up.
      const { relayAlive } = scene.context
      return {
        ...base,
        rule: 'T3',
        weights: relayAlive ? { blocked: 0.9, down: 0.1, ok: 0 } : { blocked: 0.45, down: 0.55, ok: 0 },
        mechanism: 'ip_reset',
        timing: false,
        code: 'tcp-refused',
      }
    }
    case 'unreachable':
      return {
        ...base,
        rule: 'T4',
        weights: others ? { blocked: 0.8, down: 0.2, ok: 0 } : { blocked: 0.3, down: 0.3, ok: 0 },
        mechanism: 'ip_unreachable',
        timing: false,
        code: 'tcp-unreachable',
      }
    case 'failed':
      return null
  }
}
