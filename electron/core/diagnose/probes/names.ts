/** What a name leads to: by this network's resolver, over HTTPS, and where they differ by the second resolver and for a name that does not exist. */
import type { Plane } from '../../../../shared/contract/path.ts'
import { siblingOf } from '../../net/dns/answer.ts'
import type { DnsObservation } from '../observation.ts'
import type { Lookup } from '../senses.ts'
import { type ProbeDeps, start } from './parts.ts'

type Resolver = DnsObservation['resolver']

export async function lookUp(
  deps: ProbeDeps,
  asked: {
    readonly plane: Plane
    readonly name: string
    readonly resolver: Resolver
    readonly role?: 'control'
    readonly madeUp?: boolean
  },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { plane, name, resolver, role = 'target', madeUp } = asked
  const from = start(deps.clock)
  const result = await ask(deps, resolver, name, signal)
  if (!result || signal.aborted) return []
  deps.observe({ t: 'dns', ...from(), plane, role, name, resolver, ...result, ...(madeUp && { madeUp }) })
  return result.outcome.kind === 'answer' ? result.outcome.addresses : []
}

function ask({ senses }: ProbeDeps, resolver: Resolver, name: string, signal: AbortSignal): Promise<Lookup | null> {
  switch (resolver) {
    case 'system':
      return senses.lookupHere(name, signal)
    case 'other':
      return senses.lookupBeside(name, signal)
    case 'doh':
      return senses.lookupElsewhere(name, signal)
  }
}

/** Asked only where the first answer is not what others say: two more questions, neither of which names us to anybody new. */
export async function lookCloser(deps: ProbeDeps, plane: Plane, name: string, signal: AbortSignal): Promise<void> {
  await Promise.all([
    lookUp(deps, { plane, name, resolver: 'other' }, signal),
    lookUp(deps, { plane, name: siblingOf(name, deps.random), resolver: 'system', role: 'control', madeUp: true }, signal),
  ])
}
