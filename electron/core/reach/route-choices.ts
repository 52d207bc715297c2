/** What the user decides about ways: adds and removes bridges, pins, bans, tries one by itself, has what worked forgotten. What follows for the session is the caller's. */
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Attempt, TryOutcome } from '../../../shared/contract/path.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { deadline } from '../net/deadline.ts'
import type { Network } from '../net/network.ts'
import type { Candidate } from './candidates.ts'
import type { Aim, ChatRaces } from './chat-races.ts'
import type { HandProxies } from './hand-proxies.ts'
import type { NetworkMemory } from './memory.ts'
import type { Preferences } from './preferences.ts'
import type { ProvenAddresses } from './proven-addresses.ts'
import { parseRecipe } from './recipe.ts'
import type { Remembering } from './remembering.ts'
import type { Seeking } from './seeking.ts'

/** Longer than any step of an attempt may take, and all of them together on a line that is worth it. */
const TRY_MS = 20_000

export interface RouteChoices {
  /** Throws `bad-input` for what is no proxy, `already-there`. */
  addProxy(url: string): void
  /** Throws `no-such-route`. */
  removeProxy(id: string): void
  /** Throw `no-such-route` for a text that is no recipe. */
  pinRoute(recipe: string): void
  banRoute(recipe: string): void
  clearRoute(recipe: string): void
  /** One login by this way alone. Rejects with `no-such-route`, or `refused` while it is banned. */
  tryRoute(recipe: string): Promise<TryOutcome>
  /** What worked is forgotten, on the network in use or on all; what carries now goes on. */
  forget(scope: 'here' | 'all'): void
}

export interface RouteChoicesDeps {
  readonly clock: Clock
  readonly hand: HandProxies
  readonly preferences: Preferences
  readonly memory: Pick<NetworkMemory, 'forget'>
  readonly proven: Pick<ProvenAddresses, 'forget'>
  readonly network: Pick<Network, 'facts'>
  readonly remembering: Pick<Remembering, 'stop'>
  readonly races: Pick<ChatRaces, 'testAlone'>
  readonly seeking: Pick<Seeking, 'aim' | 'stop'>
  readonly closing: AbortSignal
}

/** What is in use, and what can be done about it. */
export interface Course {
  inUse(): Candidate | null
  /** The way in use may be used no more. */
  lose(): void
  look(aim: Aim): Promise<boolean>
  lookAfresh(): void
  /** Another way may be the one to come back to now. Whether that is not the one in use. */
  settle(): boolean
  changed(): void
}

export function createRouteChoices(deps: RouteChoicesDeps, course: Course): RouteChoices {
  const { clock, hand, preferences, memory, proven, network, remembering, races, seeking, closing } = deps
  /** A race that runs was begun under other circumstances. */
  const again = () => {
    const { aim } = seeking
    if (!course.inUse()) return course.lookAfresh()
    seeking.stop()
    if (aim) void course.look(aim)
  }
  const decided = () => {
    const used = course.inUse()
    if (used && preferences.choiceOf(used.recipe) === 'banned') course.lose()
    else again()
    const isAway = course.settle()
    course.changed()
    return isAway
  }
  return {
    addProxy(url) {
      hand.add(url)
      again()
      course.changed()
    },
    removeProxy(id) {
      hand.remove(id)
      if (course.inUse()?.proxy?.id === id) course.lose()
      course.changed()
    },
    pinRoute(recipe) {
      preferences.pin(recipe)
      if (decided()) void course.look('plain')
    },
    banRoute(recipe) {
      preferences.ban(recipe)
      decided()
    },
    clearRoute(recipe) {
      preferences.clear(recipe)
      decided()
    },
    forget(scope) {
      remembering.stop()
      const which = scope === 'all' ? null : network.facts().id
      memory.forget(which)
      proven.forget(which)
      course.changed()
    },
    async tryRoute(text) {
      const recipe = parseRecipe(text)
      if (!recipe) throw new BackendError('no-such-route')
      if (preferences.choiceOf(recipe) === 'banned') throw new BackendError('refused', 'banned')
      const limit = deadline(clock, TRY_MS, closing)
      try {
        const attempt = await races.testAlone(text, limit.signal)
        if (!attempt) throw new BackendError('no-such-route')
        const outcome = outcomeOf(attempt)
        // Something carries: no reason to wait for the next try of all.
        if (outcome.ok && !course.inUse()) course.lookAfresh()
        course.changed()
        return outcome
      } finally {
        limit.clear()
      }
    },
  }
}

function outcomeOf({ outcome, phases, reason }: Attempt): TryOutcome {
  const last = phases.at(-1)
  const ms = last?.endMs ?? 0
  if (outcome === 'won') return { ok: true, ms, step: null, reason: null }
  // Given up by us alone: nothing was heard in all that time.
  return { ok: false, ms, step: last?.phase ?? null, reason: outcome === 'cancelled' ? 'timeout' : (reason ?? null) }
}
