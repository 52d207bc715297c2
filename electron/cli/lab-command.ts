/** `lab serve` and `lab list`. Running a scenario headless is next door, in run-scenario.ts. */
import { stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BackendError } from '../../shared/contract/errors.ts'
import { connect } from '../../shared/contract/port.ts'
import { labControl } from '../../shared/protocol/processes.ts'
import { endChild } from '../host/child.ts'
import { type LabClient, startRehearsal } from '../host/rehearsal.ts'
import { UsageError } from '../host/usage-error.ts'
import { complain, type ExitCode, print, printJson } from './answer.ts'
import { type ForeignClient, openForeignClient } from './foreign/foreign-client.ts'
import { type HostPort, parseHostPort, parseLoopback, parseMap } from './options.ts'
import { clock, spawn, untilAsked, withTemporaryFolder } from './parts.ts'

export interface LabServeFlags {
  readonly scenario?: string
  readonly map?: readonly string[]
  readonly socks?: string
  readonly dns?: string
  readonly vantage?: string
  readonly record?: string
  readonly json?: boolean
}

/** Whom a scenario is played for when nobody is named: the client that `probe`, `connect` and `chat` are. */
export const CLI_CLIENT = 'cli'

/** Somebody else's client, by its name in the lab. */
const FOREIGN_CLIENT = 'foreign'

/** `--scenario` is the name of a built-in one, or a file. */
export function labServeCommand(flags: LabServeFlags): Promise<ExitCode> {
  const asked = untilAsked()
  const maps = (flags.map ?? []).map(parseMap)
  const doors = parseDoors(flags)
  return withTemporaryFolder<ExitCode>(async (dataDir) => {
    const scenario = await findScenario(flags.scenario)
    const rootsPath = join(dataDir, 'roots.pem')
    const rehearsal = await startRehearsal({ spawn, dataDir, maps, ...(scenario.file !== null && { scenarioFile: scenario.file }) }).catch(
      (error: unknown) => {
        // One line for each thing that is wrong with the file.
        throw error instanceof BackendError && error.code === 'bad-scenario' ? new UsageError(error.detail) : error
      },
    )
    let foreign: ForeignClient | null = null
    try {
      await writeFile(rootsPath, rehearsal.roots.join('\n'))
      if (flags.scenario !== undefined) {
        const { scenarios } = await rehearsal.lab.call('lab.state', {})
        // A file's own scenario is the one that no built-in list had before; the lab puts it last.
        const id = scenario.file === null ? scenario.id : scenarios.at(-1)?.id
        if (id === undefined || !scenarios.some((card) => card.id === id)) throw new UsageError(unknownScenario(flags.scenario, scenarios))
        await rehearsal.lab.call('lab.play', { scenario: id, client: CLI_CLIENT })
        // Where the scenario is about, unless it is to stand elsewhere.
        const vantage = scenarios.find((card) => card.id === id)?.vantage
        if (doors && vantage !== undefined) await rehearsal.lab.call('lab.place', { client: FOREIGN_CLIENT, vantage })
      }
      if (doors) {
        if (flags.vantage !== undefined) await placeForeign(rehearsal.lab, flags.vantage)
        const lab = parseHostPort(rehearsal.labAddress, '--lab')
        const onRecordFull = () => complain('--record: the file can take no more; what follows is not written down.')
        foreign = await openForeignClient({ ...doors, lab, client: FOREIGN_CLIENT, vantage: null, clock, onRecordFull })
      }
      const { socks, dns } = foreign ?? {}
      const ports = { ...(socks !== undefined && { socks }), ...(dns !== undefined && { dns }) }
      if (flags.json) printJson({ ready: true, lab: rehearsal.labAddress, bundle: rehearsal.bundlePath, roots: rootsPath, ...ports })
      else
        print(
          `Ready. The simulated internet listens at ${rehearsal.labAddress}; the relay inside it is described by ${rehearsal.bundlePath}`,
        )
      if (!flags.json && foreign) print(`Other clients: ${describePorts(ports)}; their certificates are signed by ${rootsPath}`)
      const reason = await Promise.race([asked, rehearsal.broken])
      if (reason === undefined) return 0
      complain(`Ended: ${reason}.`)
      return 1
    } finally {
      await foreign?.close()
      await rehearsal.stop()
    }
  })
}

interface Doors {
  readonly socks: HostPort | null
  readonly dns: HostPort | null
  readonly record: string | null
}

/** `null`: nobody else is to come in. */
export function parseDoors({ socks, dns, vantage, record }: LabServeFlags): Doors | null {
  if (socks === undefined && dns === undefined) {
    if (vantage !== undefined || record !== undefined)
      throw new UsageError('--vantage and --record go with --socks 127.0.0.1:0 or --dns 127.0.0.1:0.')
    return null
  }
  return {
    socks: socks === undefined ? null : parseLoopback(socks, '--socks'),
    dns: dns === undefined ? null : parseLoopback(dns, '--dns'),
    record: record === undefined ? null : resolve(record),
  }
}

async function placeForeign(lab: LabClient, vantage: string): Promise<void> {
  const { vantages } = await lab.call('lab.state', {})
  if (!vantages.some((place) => place.id === vantage))
    throw new UsageError(`--vantage: there is no place "${vantage}"; there are: ${vantages.map((place) => place.id).join(', ')}.`)
  await lab.call('lab.place', { client: FOREIGN_CLIENT, vantage })
}

function describePorts({ socks, dns }: { readonly socks?: string; readonly dns?: string }): string {
  return [socks && `SOCKS5 at ${socks}`, dns && `DNS at ${dns}`].filter(Boolean).join(', ')
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
