/**
 * Randomness for each flow of its own: the n-th flow between the same two meets the same draws in every run with one seed, however
 * the packets of other flows fall between. That is what makes a run over real sockets repeatable.
 */
import { type Random, seededRandom } from '../../shared/util/random.ts'

export interface FlowDraws {
  of(way: { readonly from: string; readonly to: string; readonly port: number }): Random
}

/** Past that many pairs the counting begins anew. */
const MAX_PAIRS = 100_000

export function createFlowDraws(random: Random): FlowDraws {
  const seed = Math.floor(random.fraction() * 2 ** 32)
  const opened = new Map<string, number>()
  return {
    of({ from, to, port }) {
      const pair = `${from}|${to}|${port}`
      const nth = opened.get(pair) ?? 0
      if (opened.size >= MAX_PAIRS) opened.clear()
      opened.set(pair, nth + 1)
      return seededRandom(hash(`${seed}|${pair}|${nth}`))
    },
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
