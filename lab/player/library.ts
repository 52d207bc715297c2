/**
 * The scenarios that come with the lab: what happened, several things at once, one for each mechanism and one for each trap. A file of the
 * user's own is read beside them.
 */
import { readFile } from 'node:fs/promises'
import { createTopology, type Topology } from '../engine/topology.ts'
import type { World } from '../engine/world.ts'
import china from '../scenarios/china-2015.json' with { type: 'json' }
import { combinedScenarios } from '../scenarios/combined.ts'
import france from '../scenarios/france-2023.json' with { type: 'json' }
import iran from '../scenarios/iran-2018.json' with { type: 'json' }
import { mechanismScenarios } from '../scenarios/mechanisms.ts'
import russia from '../scenarios/russia-2018.json' with { type: 'json' }
import russiaFirstDay from '../scenarios/russia-2018-day-one.json' with { type: 'json' }
import { trapScenarios } from '../scenarios/traps.ts'
import { builtInWorld } from '../world.ts'
import type { Scenario } from './scenario.ts'
import { faultLines, misfit, parseScenario, type Reading, readScenario, takenByBuiltIn } from './scenario-file.ts'

const files: readonly unknown[] = [
  ...[france, russiaFirstDay, russia, iran, china],
  ...combinedScenarios,
  ...mechanismScenarios,
  ...trapScenarios,
]

/** Rejects with `RangeError`, one line for each thing that is wrong with the user's file; then nothing of it is used. */
export async function loadScenarios(file: string | null): Promise<Scenario[]> {
  const builtIn = files.map(parseScenario)
  if (file === null) return builtIn
  const found = readOwn(await readText(file), builtIn)
  if (!found.ok) throw new RangeError(faultLines(found).join('\n'))
  return [...builtIn, found.scenario]
}

/** A file of the user's own, checked by itself and beside those that come with the lab. */
export function readOwn(text: string, builtIn: readonly Scenario[]): Reading {
  const world = builtInWorld()
  const found = readScenario(text, world)
  if (!found.ok) return found
  const { id } = found.scenario.card
  if (builtIn.some(({ card }) => card.id === id)) return takenByBuiltIn(text, id)
  try {
    const topology = worldOf(builtIn, world)
    topology.add(id, found.scenario.world)
    topology.remove(id)
  } catch (error) {
    if (error instanceof RangeError) return misfit(text, error.message)
    throw error
  }
  return found
}

const worlds = new WeakMap<readonly Scenario[], Topology>()

/** The world with all that these bring; made once. */
function worldOf(scenarios: readonly Scenario[], base: World): Topology {
  const known = worlds.get(scenarios)
  if (known) return known
  const topology = createTopology(base)
  for (const each of scenarios) topology.add(each.card.id, each.world)
  worlds.set(scenarios, topology)
  return topology
}

/** The text of a built-in one, as it is kept; `null`: there is none of that name. */
export function builtInText(id: string): string | null {
  const found = files.find((file) => parseScenario(file).card.id === id)
  return found === undefined ? null : JSON.stringify(found, null, 2)
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw new RangeError('the file cannot be read')
  }
}
