/** A decision of the adaptive censor as a card of the record: a code with facts for the screens, and plain words for every other reader. */
import type { AdaptiveWish } from '../../shared/contract/adaptive.ts'
import type { Move } from '../../shared/contract/lab.ts'
import type { Rung } from '../censor/adaptive/ladder.ts'
import type { Decision } from '../censor/adaptive/policy.ts'

const does: Readonly<Record<Rung, string>> = {
  lookup: 'Lies in name lookup for',
  addresses: 'Drops',
  prefix: 'Drops the whole range',
  name: 'Cuts connections that name',
  protocol: 'Silences what it cannot read',
}

type Words = Pick<Move, 'code' | 'facts' | 'text'>

export const beganWith = ({ budget }: AdaptiveWish): Words => ({
  code: 'adaptive-began',
  facts: { budget },
  text: `A censor that learns takes its place. It may break at most ${budget} services of strangers.`,
})
export const stopped: Words = { code: 'adaptive-stopped', text: 'Gives up and lifts all that it blocked.' }

/** Codes: `adaptive-impose`, `adaptive-lift` {rung, targets, count, because, what, cost}, `adaptive-probe` {targets, port}. */
export function wordsOf(decision: Decision): Words {
  if (decision.do === 'probe') {
    const { to, port } = decision
    return { code: 'adaptive-probe', facts: { targets: to, port }, text: `Sends somebody to look what answers at ${to}.` }
  }
  const { rung, orders, because } = decision
  const targets = orders.map((order) => order.target).join(', ')
  const facts = { rung, targets, count: orders.length, because: because.code, what: because.what }
  if (decision.do === 'lift') return { code: 'adaptive-lift', facts: { ...facts, cost: 0 }, text: `Lifts again: ${targets}.` }
  const cost = decision.cost.length
  const text = `${does[rung]}${rung === 'protocol' ? '' : ` ${targets}`}. Reckons that it breaks ${cost} services of strangers.`
  return { code: 'adaptive-impose', facts: { ...facts, cost }, text }
}
