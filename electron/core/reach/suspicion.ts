/** What one failed way says of the ways not yet tried: which of them share its cause, and in which order they go then. Pure. */
import type { Candidate } from './candidates.ts'

/** A box that read the name in one reads the same in the other; inside a tunnel it is not the same box. */
function sharesName(other: Candidate, failed: Candidate): boolean {
  if (failed.proxy !== null || other.proxy !== null || other.recipe.sni !== failed.recipe.sni) return false
  // What puts the pieces of a handshake together reads a whole one too, but not the other way round.
  return other.recipe.split === null || other.recipe.split === failed.recipe.split
}

export function sharesAddress(other: Candidate, failed: Candidate): boolean {
  const at = ({ recipe }: Candidate) => recipe.proxy?.address ?? recipe.address
  return at(other) === at(failed)
}

/**
 * The name in `failed` is suspected. Other entrances first; then by turns whatever else there is and disguises, of addresses where
 * somebody answers; what shows the same name last. Inside a tunnel nobody reads names, and nothing changes.
 */
export function doubtingName(pending: readonly Candidate[], failed: Candidate, answers: (address: string) => boolean): Candidate[] {
  if (failed.proxy) return [...pending]
  const innocent = pending.filter((other) => !sharesName(other, failed))
  const helps = (other: Candidate) => other.kind === 'disguise' && other.recipe.proxy === null && answers(other.recipe.address)
  return [
    ...innocent.filter(({ kind }) => kind === 'sibling'),
    ...byTurns(
      innocent.filter((other) => other.kind !== 'sibling' && !helps(other)),
      innocent.filter(helps),
    ),
    ...pending.filter((other) => sharesName(other, failed)),
  ]
}

/** One of each by turns: neither kind waits for all of the other. */
export function byTurns<T>(some: readonly T[], others: readonly T[]): T[] {
  return Array.from({ length: Math.max(some.length, others.length) }, (_, at) => [some.slice(at, at + 1), others.slice(at, at + 1)]).flat(2)
}
