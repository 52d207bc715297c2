/**
 * A person playing the censor: the rules that stand, each changed or lifted alone or all together, and every move with its time,
 * so that what was done can be kept as a scenario.
 */
import { BackendError } from '../../shared/contract/errors.ts'
import type { Move } from '../../shared/contract/lab.ts'
import type { HandMove, HandRule, StandingRule } from '../../shared/contract/workbench.ts'
import type { Judge } from '../censor/judge.ts'
import type { Rule } from '../censor/rule.ts'

/** One thing done by hand. `rule` and `hand` are absent where something was lifted. */
export interface Deed {
  readonly atMs: number
  readonly does: HandMove['does']
  readonly id: string
  readonly label: string
  readonly rule?: Rule
  readonly hand?: HandRule
}

export interface HandPlay {
  /** Rules that stand, in the order they were made. */
  readonly standing: readonly StandingRule[]
  /** The place that was acted on last; `null`: none stands. */
  readonly place: string | null
  /** Since `forget`, or since the play without a story began. */
  readonly deeds: readonly Deed[]
  /** A rule comes into force at a place, or in place of the one with its id. */
  impose(rule: Rule, hand: HandRule, place: string): void
  /** `bad-input` when it does not stand. */
  lift(id: string): void
  /** Lifts them all. */
  undo(): void
  /** Goes on from what was done another time; nothing may stand. */
  resume(deeds: readonly Deed[], place: string): void
  /** None stands any more, without a word: whoever calls has lifted every rule. */
  clear(): void
  forget(): void
  /** Another one whenever what was done before was forgotten. */
  readonly session: number
  /** For a new rule: one that none has had. */
  nextId(mechanism: string): string
}

export interface HandDeps {
  readonly judge: Judge
  /** Of the run, or of the play without a story. */
  elapsed(): number
  /** Before a rule comes into force at a place: a play without a story begins, so far into it, unless something plays. */
  begin(place: string, atMs: number): void
  made(move: Move): void
  /** What stands has changed. */
  onChanged(): void
}

/** A session longer than this is kept without its beginning. */
const MAX_DEEDS = 500

export function createHandPlay({ judge, elapsed, begin, made, onChanged }: HandDeps): HandPlay {
  const standing = new Map<string, StandingRule>()
  let deeds: Deed[] = []
  let place: string | null = null
  let count = 0
  let session = 0

  const note = (deed: Deed) => {
    deeds = [...deeds, deed].slice(-MAX_DEEDS)
  }
  const stand = ({ id, label, rule, hand }: Deed) => {
    if (!rule || !hand) return
    judge.add(rule, 'you')
    standing.set(id, { id, label, rule: hand })
  }
  const fall = (id: string): StandingRule | null => {
    const found = standing.get(id)
    if (!found) return null
    judge.remove(id)
    standing.delete(id)
    if (standing.size === 0) place = null
    note({ atMs: elapsed(), does: 'off', id, label: found.label })
    return found
  }
  const say = (text: string) => {
    made({ atMs: elapsed(), side: 'censor', text })
    onChanged()
  }
  return {
    get standing() {
      return [...standing.values()]
    },
    get place() {
      return place
    },
    get deeds() {
      return deeds
    },
    impose(rule, hand, at) {
      begin(at, 0)
      const { id, label } = rule
      const deed: Deed = { atMs: elapsed(), does: standing.has(id) ? 'change' : 'on', id, label, rule, hand }
      note(deed)
      stand(deed)
      place = at
      say(label)
    },
    lift(id) {
      const found = fall(id)
      if (!found) throw new BackendError('bad-input', 'no such rule stands')
      say(`Lifts: ${found.label}`)
    },
    undo() {
      for (const id of [...standing.keys()]) fall(id)
      say('Lifts every rule of yours')
    },
    resume(done, at) {
      begin(at, done.at(-1)?.atMs ?? 0)
      for (const deed of done) {
        if (deed.does === 'off') fall(deed.id)
        else stand(deed)
        made({ atMs: deed.atMs, side: 'censor', text: deed.does === 'off' ? `Lifts: ${deed.label}` : deed.label })
      }
      deeds = [...done]
      place = standing.size > 0 ? at : null
      onChanged()
    },
    clear() {
      standing.clear()
      place = null
    },
    forget() {
      deeds = []
      session++
    },
    get session() {
      return session
    },
    nextId(mechanism) {
      count++
      return `you-${mechanism.replaceAll('_', '-')}-${count}`
    },
  }
}
