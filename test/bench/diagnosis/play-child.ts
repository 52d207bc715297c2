/** A process that plays runs, one at a time, for whoever started it. */
import * as v from 'valibot'
import { loadScenarios } from '../../../lab/player/library.ts'
import { randomScenario } from '../../../lab/player/random-scenario.ts'
import type { Scenario } from '../../../lab/player/scenario.ts'
import { clean } from './clean.ts'
import { Job } from './job.ts'
import type { Line } from './line.ts'
import { openAuthorities, playOn } from './stage.ts'

/** Random worlds have distances of their own. */
const AS_IT_IS: Line = { rttMs: 80, loss: 0 }

const authorities = await openAuthorities()
const library = await loadScenarios(null)

function scenarioOf(job: Job): { scenario: Scenario; line: Line } {
  if (job.of === 'random') return { scenario: randomScenario(job.seed).scenario, line: AS_IT_IS }
  if (job.of === 'clean') return { scenario: clean, line: job.line }
  const scenario = library.find(({ card }) => card.id === job.id)
  if (!scenario) throw new Error(`no scenario ${job.id}`)
  return { scenario, line: job.line }
}

process.on('message', (raw: unknown) => {
  const job = v.parse(Job, raw)
  const { scenario, line } = scenarioOf(job)
  playOn(scenario, line, job.seed, authorities).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
