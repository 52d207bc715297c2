/** What a race did, line by line: every start, every answer and every end with its millisecond. What was only superseded ends without a line. */
import type { Attempt } from '../../../shared/contract/path.ts'
import { at } from './memory-world.ts'

const names = new Map<string, string>([
  [at.plain, 'plain'],
  [at.second, 'second address'],
  [at.sibling, 'sibling'],
  [at.bridges[0], 'bridge 1'],
  [at.bridges[1], 'bridge 2'],
])

function nameOf({ recipe }: Attempt): string {
  const name = names.get(/\d+\.\d+\.\d+\.\d+/.exec(recipe)?.[0] ?? '') ?? recipe
  return recipe.includes('split=') ? `${name} in pieces` : recipe.includes('host=') ? `${name} nameless` : name
}

export function timeline(attempts: readonly Attempt[]): string[] {
  const events = attempts.flatMap((attempt) => {
    const who = nameOf(attempt)
    const answers = attempt.phases.map(({ phase, endMs, outcome, reason }) => ({
      ms: attempt.startMs + (endMs ?? 0),
      text: outcome === 'ok' ? `${who}: ${phase} ok` : `${who}: ${phase} ${reason ?? outcome}`,
      isLine: outcome !== 'cancelled',
    }))
    return [{ ms: attempt.startMs, text: `${who} dialled`, isLine: true }, ...answers].filter(({ isLine }) => isLine)
  })
  return events.sort((a, b) => a.ms - b.ms).map(({ ms, text }) => `${ms} ${text}`)
}

/** The lines of a way that is through, from its start on. */
export const through = (who: string, from: number, ...ends: number[]) =>
  (['reach', 'encrypt', 'recognise'] as const).map((phase, i) => `${from + (ends[i] ?? 0)} ${who}: ${phase} ok`)
