/** Name lookup: is what this network's resolver says true, and if not, who says so: this network, the resolver, or somebody on the way? */
import type { Plane } from '../../../../shared/contract/path.ts'
import { isBogon } from '../../net/dns/bogon.ts'
import type { Run } from '../history.ts'
import type { DnsObservation } from '../observation.ts'
import { endOf, PATIENCE_MS, type Row, rowOf, type Scene, targetsOf } from '../scene.ts'
import type { RuleHit } from './hit.ts'
import { resolverHit } from './resolver.ts'
import { answerFails, answersOthers, givesToAnyName, isProven, madeUpAnswer, type Truth, truthFor } from './truth.ts'

export function dnsHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  return targetsOf(scene.dns, plane)
    .filter((run) => run.last.resolver === 'system')
    .flatMap((run) => judge(scene, run) ?? [])
}

function judge(scene: Scene, run: Run<DnsObservation>): RuleHit | null {
  const { last: seen, repeats } = run
  const base = {
    layer: 'dns',
    place: 'resolver',
    endpoint: scene.context.endpoints.find((endpoint) => endpoint.host === seen.name)?.id ?? '',
    repeats,
    timing: false,
    proof: false,
    at: seen.at,
    facts: { name: seen.name },
  } as const
  const row = rowOf(run)
  const truth = truthFor(scene, seen.name, row)
  const isPending = truth.isPending || isBehindPending(scene, seen, row)
  const ofResolver = resolverHit(scene, run, truth)
  if (ofResolver) return { ...base, ...ofResolver }
  switch (seen.outcome.kind) {
    case 'answer': {
      const said = judgeAnswer(scene, seen, seen.outcome, row, truth)
      return said && { isPending, ...base, ...said }
    }
    case 'nxdomain': {
      const said = judgeDenial(scene, seen, seen.outcome.soa, row, truth)
      return { isPending, ...base, ...said }
    }
    case 'timeout': {
      const control = answersOthers(scene, row)
      return {
        ...base,
        rule: 'D7',
        ...silencesOf(scene, seen, repeats),
        weights: { blocked: control ? 0.85 : 0.5, down: 0.15, ok: 0 },
        mechanism: 'dns_silence',
        timing: true,
        code: 'dns-silent',
        control: control ? 'other-name-answered' : 'none',
      }
    }
    case 'error':
    case 'failed':
      // A resolver that fails for every name is broken, not lying; one that fails for ours alone is a suspicion.
      return answersOthers(scene, row)
        ? {
            ...base,
            rule: 'D6e',
            weights: { blocked: 0.6, down: 0.3, ok: 0.1 },
            mechanism: 'dns_nxdomain',
            code: 'dns-fails',
            control: 'other-name-answered',
          }
        : null
  }
}

/** A resolver of this household is contradicted by the one behind it, if there is one and it says the truth. */
function isBehindPending({ dns, context }: Scene, { near, name }: DnsObservation, { since }: Row): boolean {
  const hasAnswered = dns.some(({ last }) => last.resolver === 'other' && last.name === name && endOf(last) >= since)
  return near === true && !hasAnswered && context.now - since < PATIENCE_MS
}

/** So many names at once no poor line silences, as it does one now and then. */
const MANY = 3

/** Silence for several of our names is several tries of one question; on a poor line only if they are many. */
function silencesOf({ dns }: Scene, { resolverId }: DnsObservation, inARow: number): Pick<RuleHit, 'repeats' | 'inARow'> {
  const ours = dns.filter(({ last }) => last.role === 'target' && last.resolver === 'system' && last.resolverId === resolverId)
  const silent = ours.filter(({ last }) => last.outcome.kind === 'timeout')
  const repeats = silent.reduce((sum, run) => sum + run.repeats, 0)
  return { repeats, inARow: silent.length >= MANY ? repeats : inARow }
}

type Judged = Omit<RuleHit, 'layer' | 'place' | 'endpoint' | 'repeats' | 'timing' | 'proof' | 'at' | 'facts'> & Partial<RuleHit>

function judgeAnswer(
  scene: Scene,
  { name }: DnsObservation,
  { addresses, late }: Extract<DnsObservation['outcome'], { kind: 'answer' }>,
  row: Row,
  truth: Truth,
): Judged | null {
  const facts = { name, answer: addresses.join(' '), expected: [...truth.addresses].join(' ') }
  const second = late.find((other) => !other.some((address) => addresses.includes(address)))
  if (second) {
    return {
      rule: 'D2',
      weights: { blocked: 0.97, down: 0, ok: 0.03 },
      mechanism: 'dns_injection',
      place: 'way',
      isPending: false,
      proof: true,
      code: 'dns-two-answers',
      control: 'second-answer-differs',
      facts: { ...facts, second: second.join(' ') },
    }
  }
  if (addresses.some((address) => isProven(scene, address, name))) return null // D3: authenticated TLS is its own control
  const isNowhere = addresses.length > 0 && addresses.every((address) => isBogon(address, scene.context.bogons))
  const saidElsewhereToo = Array.isArray(truth.elsewhere) && addresses.some((address) => truth.elsewhere?.includes(address))
  if (isNowhere && saidElsewhereToo) {
    // True everywhere and useless: whoever keeps the name has written it so (OONI's polito.it case).
    return { ...service('D4s', 'dns-leads-nowhere'), control: 'other-lookup-agrees', facts }
  }
  if (truth.wasGone && !isKnown(scene, addresses, name)) {
    // Who gives an address to names that nobody has said nothing by it (Chromium's rule).
    if (givesToAnyName(scene, addresses, row)) return { ...service('D8', 'dns-name-gone'), control: 'made-up-name-answered', facts }
    if (truth.elsewhere === 'no-such-name')
      return {
        rule: 'D8g',
        weights: { blocked: 0.6, down: 0.4, ok: 0 },
        mechanism: 'dns_lie',
        code: 'dns-answer-unexpected',
        control: 'other-lookup-differs',
        facts,
      }
  }
  if (addresses.some((address) => truth.addresses.has(address))) return null // D9
  if (isNowhere) {
    const alone = truth.addresses.size > 0
    return {
      rule: 'D4',
      weights: alone ? { blocked: 0.95, down: 0.05, ok: 0 } : { blocked: 0.1, down: 0.9, ok: 0 },
      mechanism: 'dns_bogon',
      proof: truth.proven,
      code: 'dns-answer-bogon',
      control: alone ? 'other-lookup-differs' : 'none',
      facts,
    }
  }
  if (truth.proven && answerFails(scene, addresses, name)) {
    return {
      rule: 'D5',
      weights: { blocked: 0.9, down: 0.05, ok: 0.05 },
      mechanism: 'dns_lie',
      proof: true,
      code: 'dns-answer-unproven',
      control: 'other-address-proves-itself',
      facts,
    }
  }
  return {
    rule: 'D10',
    weights: { blocked: 0.6, down: 0, ok: 0.4 },
    mechanism: 'dns_lie',
    code: 'dns-answer-unexpected',
    control: truth.addresses.size > 0 ? 'other-lookup-differs' : 'none',
    facts,
  }
}

function judgeDenial(scene: Scene, { name, at }: DnsObservation, soa: boolean, row: Row, truth: Truth): Judged {
  if (truth.wasGone || truth.addresses.size === 0)
    return { ...service('D8', 'dns-name-gone'), control: truth.elsewhere ? 'other-lookup-agrees' : 'none' }
  const made = madeUpAnswer(scene, at)
  // A name that does not exist comes with its zone's SOA (RFC 2308, 3); a forger's denial beside an honest one has none (OONI tq-006).
  const isForged = !soa && made?.kind === 'nxdomain' && made.soa
  return {
    rule: 'D6',
    weights: { blocked: isForged ? 0.95 : 0.9, down: 0.1, ok: 0 },
    mechanism: 'dns_nxdomain',
    proof: truth.proven,
    code: 'dns-no-such-name',
    control: answersOthers(scene, row) ? 'other-name-answered' : 'other-lookup-differs',
    facts: { name, soa },
  }
}

/** Whether the bundle itself lists one of them. */
function isKnown({ context }: Scene, addresses: readonly string[], name: string): boolean {
  return context.endpoints.some((endpoint) => endpoint.host === name && endpoint.addresses.some((address) => addresses.includes(address)))
}

function service(rule: string, code: RuleHit['code']) {
  return {
    rule,
    kind: 'service_fault',
    weights: { blocked: 0, down: 0.9, ok: 0 },
    mechanism: null,
    place: 'service',
    proof: true,
    code,
  } as const
}
