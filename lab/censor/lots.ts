/**
 * Dice for each flow of its own: one sequence for each key, so that what happens to one does not hang on what others did meanwhile.
 * That is what makes a run over real sockets repeatable.
 */
import { type Random, seededRandom } from '../../shared/util/random.ts'

export interface Lots {
  /** The same key gives the same sequence from its start. */
  of(key: string): Random
  /** As `of`, for the first, second, third ... time that this key is asked for. */
  next(key: string): Random
}

/** Keys whose turns are counted at once; then counting begins anew. */
const MAX_COUNTED = 65_536

export function createLots(random: Random): Lots {
  const seed = Math.floor(random.fraction() * 4_294_967_296)
  const turns = new Map<string, number>()
  const of = (key: string) => seededRandom(hash(`${seed}|${key}`))
  return {
    of,
    next(key) {
      const turn = (turns.get(key) ?? 0) + 1
      if (turns.size >= MAX_COUNTED) turns.clear()
      turns.set(key, turn)
      return of(`${key}|${turn}`)
    },
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
