/** Which connections of one device may be up together: those of the newest race of logins (shared/protocol/login-race.ts). Pure. */
import type { LoginRace } from '../shared/protocol/login-race.ts'

/** A client closes what it does not take; whoever leaves more than these open loses the oldest. */
const MOST_TOGETHER = 4

interface Racing {
  readonly race: LoginRace
}

/** Who stays up when `newcomer` comes, the oldest first, and who ends; `null`: the newcomer itself, for a later race has been won since. */
export function whoStays<T extends Racing>(online: readonly T[], newcomer: T): { readonly stay: T[]; readonly end: T[] } | null {
  const { run, race } = newcomer.race
  if (online.some((other) => other.race.run === run && other.race.race > race)) return null
  const together = online.filter((other) => other.race.run === run && other.race.race === race)
  const stay = [...together, newcomer].slice(-MOST_TOGETHER)
  return { stay, end: online.filter((other) => !stay.includes(other)) }
}
