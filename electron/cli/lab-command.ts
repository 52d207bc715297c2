/** `lab serve` and `lab list`. Running a scenario headless is next door, in run-scenario.ts. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { connect } from '../../shared/contract/port.ts'
import { labControl } from '../../shared/protocol/processes.ts'
import { endChild } from '../host/child.ts'
import { startRehearsal } from '../host/rehearsal.ts'
import { UsageError } from '../host/usage-error.ts'
import { complain, type ExitCode, print, printJson } from './answer.ts'
import { parseMap } from './options.ts'
import { spawn, untilAsked, withTemporaryFolder } from './parts.ts'

export interface LabServeFlags {
  readonly scenario?: string
  readonly map?: readonly string[]
  readonly json?: boolean
}

/** Whom a scenario is played for when nobody is named: the client that `probe`, `connect` and `chat` are. */
export const CLI_CLIENT = 'cli'

/** `--scenario` is the name of a built-in one, or a file. */
export function labServeCommand(flags: LabServeFlags): Promise<ExitCode> {
  const asked = untilAsked()
  const maps = (flags.map ?? []).map(parseMap)
  return withTemporaryFolder<ExitCode>(async (dataDir) => {
    const scenario = await findScenario(flags.scenario)
    const rehearsal = await startRehearsal({ spawn, dataDir, maps, ...(scenario.file !== null && { scenarioFile: scenario.file }) })
    try {
      if (flags.scenario !== undefined) {
        const { scenarios } = await rehearsal.lab.call('lab.state', {})
        // A file's own scenario is the one that no built-in list had before; the lab puts it last.
        const id = scenario.file === null ? scenario.id : scenarios.at(-1)?.id
        if (id === undefined || !scenarios.some((card) => card.id === id)) throw new UsageError(unknownScenario(flags.scenario, scenarios))
        await rehearsal.lab.call('lab.play', { scenario: id, client: CLI_CLIENT })
      }
      if (flags.json) printJson({ ready: true, lab: rehearsal.labAddress, bundle: rehearsal.bundlePath })
      else
        print(
          `Ready. The simulated internet listens at ${rehearsal.labAddress}; the relay inside it is described by ${rehearsal.bundlePath}`,
        )
      const reason = await Promise.race([asked, rehearsal.broken])
      if (reason === undefined) return 0
      complain(`Ended: ${reason}.`)
      return 1
    } finally {
      await rehearsal.stop()
    }
  })
}

export function labListCommand({ json }: { readonly json?: boolean }): Promise<ExitCode> {
  return withTemporaryFolder<ExitCode>(async (dataDir) => {
    const child = spawn('lab')
    try {
      const lab = connect(labControl, child.port)
      await lab.call('lab.start', { host: '127.0.0.1', port: 0, seed: 1, maps: [], scenarioFile: null, dataDir })
      const { scenarios } = await lab.call('lab.state', {})
      if (json) printJson({ scenarios: scenarios.map(({ id, title, dates, vantage }) => ({ id, title, dates, vantages: [vantage] })) })
      else for (const { id, title, dates } of scenarios) print(`${id.padEnd(24)} ${title} (${dates})`)
      return 0
    } finally {
      await endChild(child)
    }
  })
}

export function unknownScenario(name: string, known: readonly { readonly id: string }[]): string {
  return `There is no scenario "${name}"; there are: ${known.map((card) => card.id).join(', ')}.`
}

async function findScenario(name: string | undefined): Promise<{ id?: string; file: string | null }> {
  if (name === undefined) return { file: null }
  const isFile = await stat(name).then(
    (found) => found.isFile(),
    () => false,
  )
  return isFile ? { file: resolve(name) } : { id: name, file: null }
}
