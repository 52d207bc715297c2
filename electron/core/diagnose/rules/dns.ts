/** Name lookup: is what this network's resolver says true? Truth is an address where the site proves who it is, not a majority. */
import type { Plane } from '../../../../shared/contract/path.ts'
import { isBogon } from '../../net/dns/bogon.ts'
import type { Run } from '../history.ts'
import type { DnsObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, type Scene, targetsOf } from '../scene.ts'
import type { RuleHit } from './hit.ts'

export function dnsHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  return targetsOf(scene.dns, plane)
    .filter((run) => run.last.resolver === 'system')
    .flatMap((run) => judge(scene, run) ?? [])
}

/** Addresses that `name` honestly has, and whether one of them has proven itself. */
export function truthFor(scene: Scene, name: string): { readonly addresses: ReadonlySet<string>; readonly proven: boolean } {
  const bundled = scene.context.endpoints.filter((endpoint) => endpoint.host === name).flatMap((endpoint) => endpoint.addresses)
  const authenticated = scene.dns.flatMap(({ last }) =>
    last.name === name && last.resolver === 'doh' && last.outcome.kind === 'answer' ? last.outcome.addresses : [],
  )
  const addresses = new Set([...bundled, ...authenticated])
  return { addresses, proven: [...addresses].some((address) => isProven(scene, address, name)) }
}

function isProven(scene: Scene, address: string, name: string): boolean {
  return scene.tls.some(({ last }) => last.address === address && last.sni === name && last.outcome.kind === 'established')
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
  const truth = truthFor(scene, seen.name)
  const control = controlLookup(scene, seen)

  switch (seen.outcome.kind) {
    case 'answer': {
      const { addresses, late } = seen.outcome
      const facts = { ...base.facts, answer: addresses.join(' '), expected: [...truth.addresses].join(' ') }
      const second = late.find((other) => !other.some((address) => addresses.includes(address)))
      if (second) {
        return {
          ...base,
          rule: 'D2',
          weights: { blocked: 0.97, down: 0, ok: 0.03 },
          mechanism: 'dns_injection',
          place: 'way',
          proof: true,
          code: 'dns-two-answers',
          control: 'second-answer-differs',
          facts: { ...facts, second: second.join(' ') },
        }
      }
      if (addresses.some((address) => isProven(scene, address, seen.name))) return null // D3: authenticated TLS is its own control
      if (addresses.some((address) => truth.addresses.has(address))) return null // D9
      if (addresses.length > 0 && addresses.every((address) => isBogon(address, scene.context.bogons))) {
        const alone = truth.addresses.size > 0
        return {
          ...base,
          rule: 'D4',
          weights: alone ? { blocked: 0.95, down: 0.05, ok: 0 } : { blocked: 0.1, down: 0.9, ok: 0 },
          mechanism: 'dns_bogon',
          proof: truth.proven,
          code: 'dns-answer-bogon',
          control: alone ? 'other-lookup-differs' : 'none',
          facts,
        }
      }
      if (truth.proven && answerFails(scene, addresses, seen.name)) {
        return {
          ...base,
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
        ...base,
        rule: 'D10',
        weights: { blocked: 0.6, down: 0, ok: 0.4 },
        mechanism: 'dns_lie',
        code: 'dns-answer-unexpected',
        control: truth.addresses.size > 0 ? 'other-lookup-differs' : 'none',
        facts,
      }
    }
    case 'nxdomain':
      if (truth.addresses.size === 0)
        return {
          ...base,
          rule: 'D8',
          weights: { blocked: 0.1, down: 0.9, ok: 0 },
          mechanism: null,
          place: 'service',
          code: 'dns-no-such-name',
          control: 'none',
        }
      return {
        ...base,
        rule: 'D6',
        weights: { blocked: seen.outcome.soa ? 0.9 : 0.95, down: 0.1, ok: 0 },
        mechanism: 'dns_nxdomain',
        proof: truth.proven,
        code: 'dns-no-such-name',
        control: control ? 'other-name-answered' : 'other-lookup-differs',
      }
    case 'timeout':
      return {
        ...base,
        rule: 'D7',
        weights: { blocked: control ? 0.85 : 0.5, down: 0.15, ok: 0 },
        mechanism: 'dns_silence',
        timing: true,
        code: 'dns-silent',
        control: control ? 'other-name-answered' : 'none',
      }
    case 'error':
    case 'failed':
      // A resolver that fails for every name is broken, not lying; one that fails for ours alone is a suspicion.
      return control
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

/** The answer's addresses have been tried, and none is the site. */
function answerFails(scene: Scene, addresses: readonly string[], name: string): boolean {
  const failed = (address: string) =>
    scene.tls.some(({ last }) => last.address === address && last.sni === name && last.outcome.kind !== 'established') ||
    scene.tcp.some(({ last }) => last.address === address && last.outcome.kind !== 'connected')
  return addresses.length > 0 && addresses.every(failed)
}

/** The same resolver answered for an unrelated name at about the same time. */
function controlLookup(scene: Scene, seen: DnsObservation): boolean {
  return scene.dns.some(
    ({ last }) =>
      last.role === 'control' &&
      last.resolver === 'system' &&
      last.outcome.kind === 'answer' &&
      Math.abs(last.at - seen.at) < CONTROL_WINDOW_MS,
  )
}
