/** The scenarios there are: what happened, several things at once, one for each mechanism and one for each trap, and, if given, one file of the user's own. */
import { readFile } from 'node:fs/promises'
import china from '../scenarios/china-2015.json' with { type: 'json' }
import { combinedScenarios } from '../scenarios/combined.ts'
import france from '../scenarios/france-2023.json' with { type: 'json' }
import iran from '../scenarios/iran-2018.json' with { type: 'json' }
import { mechanismScenarios } from '../scenarios/mechanisms.ts'
import russia from '../scenarios/russia-2018.json' with { type: 'json' }
import russiaFirstDay from '../scenarios/russia-2018-day-one.json' with { type: 'json' }
import { trapScenarios } from '../scenarios/traps.ts'
import { parseScenario, type Scenario } from './scenario.ts'

/** Rejects with `RangeError` naming what is wrong with the user's file; then nothing of it is used. */
export async function loadScenarios(file: string | null): Promise<Scenario[]> {
  const stories = [france, russiaFirstDay, russia, iran, china]
  const builtIn = [...stories, ...combinedScenarios, ...mechanismScenarios, ...trapScenarios].map(parseScenario)
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
