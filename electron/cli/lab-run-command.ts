/** `lab run`: plays scenarios headless and says whether what was required came out. */
import { BackendError } from '../../shared/contract/errors.ts'
import { connect } from '../../shared/contract/port.ts'
import { labControl, type Tampering } from '../../shared/protocol/processes.ts'
import type { RunReport } from '../../shared/protocol/run-report.ts'
import { endChild } from '../host/child.ts'
import { runScenario } from '../host/lab-run/run-scenario.ts'
import { UsageError } from '../host/usage-error.ts'
import { complain, type ExitCode, print, printJson } from './answer.ts'
import { unknownScenario } from './lab-command.ts'
import { parseSeed } from './options.ts'
import { clock, spawn, withTemporaryFolder } from './parts.ts'
import { playVirtually, type Runs } from './virtual-runs.ts'

export interface LabRunFlags {
  readonly all?: boolean
  readonly seed: string
  readonly require: string
  readonly removeRules?: boolean
  readonly swap?: string
  readonly clock?: string
  readonly json?: boolean
  readonly events?: string
  readonly pcap?: string
}

const parts = ['truth', 'delivery', 'verdicts'] as const
type Part = (typeof parts)[number]

export async function labRunCommand(scenario: string | undefined, flags: LabRunFlags): Promise<ExitCode> {
  const seed = parseSeed(flags.seed)
  const required = parseRequired(flags.require)
  const tampering = parseTampering(flags)
  if ((scenario === undefined) === !flags.all) throw new UsageError('Name one scenario, or say --all.')
  const isVirtual = parseClock(flags.clock ?? (flags.all ? 'virtual' : 'real'))
  const { events, pcap } = flags
  if (flags.all && (events ?? pcap) !== undefined) throw new UsageError('--events and --pcap go with one scenario.')
  const known = await listScenarios()
  if (scenario !== undefined && !known.some((card) => card.id === scenario)) throw new UsageError(unknownScenario(scenario, known))

  const scenarios = scenario === undefined ? known.map((card) => card.id) : [scenario]
  const runs = { seed, tampering, events, pcap, onLeftOut: complain }
  let allOk = true
  try {
    for await (const report of isVirtual ? playVirtually(scenarios, runs) : playReally(scenarios, runs)) {
      if (flags.json) printJson(report)
      else for (const line of describe(report)) print(line)
      allOk &&= required.every((part) => report[part].ok)
    }
  } catch (error) {
    // The lab knows which mechanisms there are.
    if (flags.swap !== undefined && error instanceof BackendError && error.code === 'bad-input')
      throw new UsageError(`--swap: ${error.detail}.`)
    throw error
  }
  return allOk ? 0 : 1
}

/** One after the other, with every program a process of its own. */
async function* playReally(scenarios: readonly string[], runs: Runs): AsyncGenerator<RunReport> {
  for (const scenario of scenarios) yield await withTemporaryFolder((dataDir) => runScenario({ scenario, ...runs, spawn, dataDir, clock }))
}

function parseClock(word: string): boolean {
  if (word !== 'virtual' && word !== 'real') throw new UsageError(`--clock: "${word}" is neither virtual nor real.`)
  return word === 'virtual'
}

export function parseRequired(text: string): Part[] {
  return text.split(',').map((word) => {
    const part = parts.find((one) => one === word.trim())
    if (!part) throw new UsageError(`--require: "${word}" is none of ${parts.join(', ')}.`)
    return part
  })
}

export function parseTampering({ removeRules, swap }: Pick<LabRunFlags, 'removeRules' | 'swap'>): Tampering | null {
  if (!removeRules && swap === undefined) return null
  if (swap === undefined) return { removeRules: true, swap: null }
  const [from, to, ...rest] = swap.split('=')
  if (!from || !to || rest.length > 0) throw new UsageError(`--swap: "${swap}" is not FROM=TO.`)
  return { removeRules: removeRules ?? false, swap: { from, to } }
}

function listScenarios() {
  return withTemporaryFolder(async (dataDir) => {
    const child = spawn('lab')
    try {
      const lab = connect(labControl, child.port)
      await lab.call('lab.start', { host: '127.0.0.1', port: 0, seed: 1, maps: [], scenarioFile: null, dataDir })
      return (await lab.call('lab.state', {})).scenarios
    } finally {
      await endChild(child)
    }
  })
}

function describe({ scenario, truth, delivery, verdicts, moves, plain, collateral }: RunReport): string[] {
  const mark = (ok: boolean) => (ok ? 'ok    ' : 'failed')
  return [
    scenario,
    `  truth     ${mark(truth.ok)} ${truth.checks.map((check) => `${check.id}${check.ok ? '' : ` (expected ${check.expected}, saw ${check.seen})`}`).join(', ')}`,
    `  delivery  ${mark(delivery.ok)} ${delivery.sent} sent, ${delivery.lost} lost, ${delivery.duplicated} doubled, longest gap ${delivery.maxGapMs} ms`,
    `  verdicts  ${mark(verdicts.ok)}`,
    ...verdicts.steps.map(
      (step) => `    ${mark(step.ok)} ${step.at} ms, ${step.vantage}, ${step.plane}: expected ${step.expected}, observed ${step.observed}`,
    ),
    ...moves.map(
      (move) => `    ${String(move.at).padStart(7)} ms  ${move.side.padEnd(8)} ${move.move}${move.effect ? ` -> ${move.effect}` : ''}`,
    ),
    `  plain client: ${plain.connected ? 'connected' : 'not connected'} for ${plain.ms} ms; services that fell: ${collateral.map((one) => one.name).join(', ') || 'none'}`,
  ]
}
