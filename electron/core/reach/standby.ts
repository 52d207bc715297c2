/**
 * A second connection, proven and idle, on a way that fails for other causes than the one in use: when that falls silent or is cut,
 * this one takes over at once. Kept only where it is wanted, for it is a connection that is seen; found anew when it dies.
 */
import type { StandbyChoice } from '../../../shared/contract/api.ts'
import type { Standby as StandbyState } from '../../../shared/contract/path.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Candidate } from './candidates.ts'
import type { Race, Won } from './race.ts'
import type { Session } from './session.ts'

export interface StandbyOptions {
  readonly clock: Clock
  readonly random: Random
  /** A proven session that waits, by any way that fails for other causes than this one. */
  readonly race: (against: Candidate, signal: AbortSignal) => Race<Session>
  readonly onBundle: (raw: unknown) => void
  readonly onChange: () => void
}

export interface Standby {
  state(): StandbyState | null
  choose(choice: StandbyChoice): void
  /** A way that carried was lost: on this network things are cut. */
  lost(): void
  /** This way carries now: what waits is kept if it suits, or else found, once that has lived for a moment. */
  beside(inUse: Candidate): void
  /** Gives it away to take over; `null` where none is ready. */
  take(): Won<Session> | null
  /** The user decided about ways: one that may be used no more is let go, and another is looked for. */
  revise(mayUse: (candidate: Candidate) => boolean): void
  /** Asks at once whether it still lives. */
  probe(): void
  /** No session any more: closes it and looks for none. */
  drop(): void
  /** The same, and what was lost on the network before does not count on this one. */
  anotherNetwork(): void
}

/** A way that lasts this long is worth a second; the same as for being remembered. */
const LIVED_MS = 5_000
/** Between looks for one where none was found, or it did not last: doubling. */
const FIRST_WAIT_MS = 15_000
const LONGEST_WAIT_MS = 900_000
/** One that lived this long was no failure. */
const LASTED_MS = 60_000
/** How long a network counts as one where things are cut. */
const TROUBLED_MS = 3_600_000

export function createStandby({ clock, random, race, onBundle, onChange }: StandbyOptions): Standby {
  let choice: StandbyChoice = 'off'
  let inUse: Candidate | null = null
  let ready: { readonly won: Won<Session>; readonly since: number; readonly at: number } | null = null
  let looking: AbortController | null = null
  let timer: Timer | null = null
  let failures = 0
  let lostAt = Number.NEGATIVE_INFINITY

  const isTroubled = ({ kind }: Candidate) => kind !== 'plain' || clock.monotonic() - lostAt < TROUBLED_MS
  const isWanted = () => inUse !== null && (choice === 'always' || (choice === 'auto' && isTroubled(inUse)))
  const stopLooking = () => {
    timer?.cancel()
    timer = null
    looking?.abort()
    looking = null
  }
  const discard = () => {
    const before = ready
    ready = null
    before?.won.connection.close()
    if (before) onChange()
  }
  const again = () => {
    if (!isWanted()) return
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.8 + 0.4 * random.fraction())
    failures++
    timer?.cancel()
    timer = clock.after(wait, () => void look())
  }
  const look = async () => {
    timer = null
    if (!inUse || looking || ready || !isWanted()) return
    const mine = new AbortController()
    looking = mine
    const won = await race(inUse, mine.signal).result
    if (looking !== mine) {
      won?.connection.close()
      return
    }
    looking = null
    if (won) keep(won)
    else again()
  }
  const keep = (won: Won<Session>) => {
    ready = { won, since: clock.now(), at: clock.monotonic() }
    const died = () => {
      if (ready?.won !== won) return
      if (clock.monotonic() - ready.at >= LASTED_MS) failures = 0
      discard()
      again()
    }
    won.connection.attach({
      items() {},
      sealed() {},
      typing() {},
      bundle: onBundle,
      suspect: died,
      recovered() {},
      echoed() {},
      closed: died,
    })
    onChange()
  }
  const drop = () => {
    inUse = null
    stopLooking()
    discard()
  }

  return {
    state: () => ready && stateOf(ready.won.candidate, ready.since),
    choose(next) {
      choice = next
      if (!isWanted()) {
        stopLooking()
        discard()
      } else if (!ready && !looking && !timer) timer = clock.after(LIVED_MS, () => void look())
    },
    beside(candidate) {
      inUse = candidate
      stopLooking()
      failures = 0
      if (ready && (!isWanted() || !differs(ready.won.candidate, candidate))) discard()
      if (!ready && isWanted()) timer = clock.after(LIVED_MS, () => void look())
    },
    take() {
      const given = ready?.won ?? null
      ready = null
      return given
    },
    revise(mayUse) {
      if (!ready || mayUse(ready.won.candidate)) return
      discard()
      again()
    },
    probe: () => ready?.won.connection.prod(),
    lost() {
      lostAt = clock.monotonic()
    },
    drop,
    anotherNetwork() {
      drop()
      lostAt = Number.NEGATIVE_INFINITY
    },
  }
}

function stateOf({ text, endpoint, kind, proxy }: Candidate, since: number): StandbyState {
  return { recipe: text, endpoint: endpoint.id, kind, provider: proxy?.id ?? endpoint.provider, since }
}

/** Whether what cuts one need not cut the other: another entrance, and another provider or name, or a tunnel where there was none. */
export function differs(one: Candidate, other: Candidate): boolean {
  const entrance = ({ recipe }: Candidate) => recipe.proxy?.address ?? recipe.address
  if (entrance(one) === entrance(other)) return false
  if (one.proxy || other.proxy) return one.proxy?.id !== other.proxy?.id
  return one.endpoint.provider !== other.endpoint.provider && one.recipe.sni !== other.recipe.sni
}
