/** The scenarios there are: the built-in ones, what happened first, then one for each mechanism and one for each trap, and, if given, one file of the user's own. */
import { readFile } from 'node:fs/promises'
import france from '../scenarios/france-2023.json' with { type: 'json' }
import { mechanismScenarios } from '../scenarios/mechanisms.ts'
import russia from '../scenarios/russia-2018-day-one.json' with { type: 'json' }
import { trapScenarios } from '../scenarios/traps.ts'
import { parseScenario, type Scenario } from './scenario.ts'

/** Rejects with `RangeError` naming what is wrong with the user's file; then nothing of it is used. */
export async function loadScenarios(file: string | null): Promise<Scenario[]> {
  const builtIn = [france, russia, ...mechanismScenarios, ...trapScenarios].map(parseScenario)
  if (file === null) return builtIn
  const own = parseScenario(await readJson(file))
  if (builtIn.some(({ card }) => card.id === own.card.id)) throw new RangeError(`card.id: "${own.card.id}" is a built-in scenario`)
  return [...builtIn, own]
}

async function readJson(file: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    throw new RangeError('the file cannot be read')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : 'not JSON')
  }
}
