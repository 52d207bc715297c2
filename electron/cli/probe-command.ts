/** `probe`: one diagnosis. `connect`: one race until connected. */
import { access, constants, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Attempt, type PathState, type Plane, planes, type Verdict } from '../../shared/contract/path.ts'
import type { ProbeReport } from '../../shared/protocol/probe-report.ts'
import { UsageError } from '../host/usage-error.ts'
import { print, printJson } from './answer.ts'
import { type CoreFlags, watchPath, withPassingEngine } from './headless-core.ts'
import { parsePlanes, parsePositive } from './options.ts'
import { clock } from './parts.ts'

/** A finding of the very first moment, before this computer has heard from its network, is not yet one. */
const HOLD_MS = 1500
const CONNECT_MS = 30_000
/** Whoever looks for longer asks again. */
const MOST_SECONDS = 3600

interface JsonFlag {
  readonly json?: boolean
}
interface ProbeFlags extends CoreFlags, JsonFlag {
  /** Seconds. */
  readonly timeout: string
  readonly planes?: string
  readonly report?: string
}

export async function probeCommand(flags: ProbeFlags): Promise<ProbeReport['exit_code']> {
  const longestMs = parsePositive(flags.timeout, '--timeout', MOST_SECONDS) * 1000
  const wanted = flags.planes === undefined ? null : parsePlanes(flags.planes)
  if (flags.report !== undefined) await checkFolder(flags.report)
  return withPassingEngine(flags, async (engine) => {
    const begunAt = clock.now()
    await engine.core.call('path.probe', {})
    const meant = ({ verdicts, status }: PathState) => ({ status, verdicts: wantedOf(verdicts, wanted) })
    const isEnough = (state: PathState) => isSettled(meant(state)) || missingOf(state, wanted).length > 0
    const path = await watchPath(engine, longestMs, isEnough, HOLD_MS)
    const missing = missingOf(path, wanted)
    if (missing.length > 0) {
      const offered = path.verdicts.map(({ plane }) => plane).join(', ')
      throw new UsageError(`--planes: this relay offers no ${missing.join(', ')}; it offers ${offered}.`)
    }
    const { verdicts } = meant(path)
    const runtimeMs = clock.now() - begunAt
    if (flags.report !== undefined) await writeReport(flags.report, (await engine.core.call('path.export', {})).text)
    const unsettled = verdicts.length === 0 ? (wanted ?? [...planes]) : unsettledOf(meant(path))
    const code = exitCodeOf(meant(path))
    const report: ProbeReport = {
      test_name: 'throughline',
      measurement_start_time: new Date(begunAt).toISOString().slice(0, 19).replace('T', ' '),
      test_runtime: Math.round(runtimeMs) / 1000,
      planes: Object.fromEntries(
        verdicts.map(({ plane, kind, mechanisms, confidence, word, place, evidence, at }) => [
          plane,
          { kind, mechanisms, confidence, word, place, evidence, ms: Math.max(0, Math.round(at - begunAt)) },
        ]),
      ),
      attempts: attemptsOf(path),
      path: path.route?.recipe ?? null,
      timed_out: unsettled.length > 0,
      unsettled,
      exit_code: code,
    }
    if (flags.json) printJson(report)
    else for (const line of sayReport(report)) print(line)
    return code
  })
}

function wantedOf(verdicts: readonly Verdict[], wanted: readonly Plane[] | null): Verdict[] {
  return verdicts.filter(({ plane }) => wanted === null || wanted.includes(plane))
}

/** Those that were asked for and that this relay does not have: each that it has is said something of, from the first moment on. */
function missingOf({ verdicts }: PathState, wanted: readonly Plane[] | null): readonly Plane[] {
  if (wanted === null || verdicts.length === 0) return []
  return wanted.filter((asked) => !verdicts.some(({ plane }) => plane === asked))
}

/** Before a minute of looking is spent for nothing. */
async function checkFolder(path: string): Promise<void> {
  await access(dirname(resolve(path)), constants.W_OK).catch(() => {
    throw unwritable(path)
  })
}

async function writeReport(path: string, text: string): Promise<void> {
  await writeFile(resolve(path), text, { mode: 0o600 }).catch(() => {
    throw unwritable(path)
  })
}

const unwritable = (path: string) => new UsageError(`--report: "${path}" cannot be written.`)

const where = {
  device: 'on this computer',
  network: 'in this network',
  resolver: 'in the name lookup of this network',
  way: 'on the way',
  service: 'at the service',
} as const satisfies Record<NonNullable<Verdict['place']>, string>

/** For people: a line for each plane, what decided below it, and how it ended. */
export function sayReport({ planes, path, test_runtime, timed_out, unsettled }: ProbeReport): readonly string[] {
  const lines = Object.entries(planes).flatMap(([plane, finding]) => {
    if (!finding) return []
    const { kind, mechanisms, word, place, evidence } = finding
    const [first] = evidence
    const sure = [...(word === 'none' ? [] : [word]), ...(place === null ? [] : [where[place]])].join(', ')
    const said = `${plane.padEnd(10)} ${[kind, ...mechanisms].join(' ')}${sure === '' ? '' : ` (${sure})`}`
    if (!first || (first.level === 'discarded' && kind !== 'ok')) return [said]
    const facts = Object.entries(first.facts).map(([fact, value]) => `${fact}=${value}`)
    return [said, `${' '.repeat(11)}${[first.rule, first.code, `beside: ${first.control}`, ...facts].join('  ')}`]
  })
  const end = timed_out ? `Time was up after ${test_runtime} s; not yet settled: ${unsettled.join(', ')}.` : `It took ${test_runtime} s.`
  return [...lines, path === null ? 'Nothing carries.' : `Carries: ${path}`, end]
}

export function connectCommand(flags: CoreFlags & JsonFlag): Promise<0 | 1> {
  return withPassingEngine(flags, async (engine) => {
    const path = await watchPath(engine, CONNECT_MS, ({ status }) => status === 'connected')
    const connected = path.status === 'connected'
    const ms = path.route ? Math.round(path.route.connectMs) : null
    const recipe = path.route?.recipe ?? null
    if (flags.json) printJson({ connected, recipe, ms, attempts: attemptsOf(path) })
    else print(connected ? `Connected in ${ms} ms: ${recipe}` : `Not connected; ${path.attempts.length} routes tried.`)
    return connected ? 0 : 1
  })
}

type Said = Pick<PathState, 'verdicts' | 'status'>

/** Every plane has a finding that will not grow. */
export function isSettled(said: Said): boolean {
  return said.verdicts.length > 0 && unsettledOf(said).length === 0
}

/** A finding will not grow once all is well or it is confirmed. A chat plane that is well has its route. */
function unsettledOf({ verdicts, status }: Said): Plane[] {
  const isFinal = ({ plane, kind, word }: Verdict) =>
    kind === 'ok' ? plane !== 'chat' || status === 'connected' : kind !== 'inconclusive' && word === 'confirmed'
  return verdicts.filter((verdict) => !isFinal(verdict)).map(({ plane }) => plane)
}

/** The gravest plane decides. Nothing said, or a chat plane that seems well and carries nothing, is inconclusive. */
export function exitCodeOf(said: Said): ProbeReport['exit_code'] {
  const kinds = said.verdicts.map((verdict) => verdict.kind)
  if (kinds.includes('interference')) return 3
  if (kinds.some((kind) => kind !== 'ok' && kind !== 'inconclusive')) return 4
  return isSettled(said) ? 0 : 5
}

function attemptsOf({ attempts }: PathState): Pick<Attempt, 'recipe' | 'startMs' | 'phases' | 'outcome'>[] {
  return attempts.map(({ recipe, startMs, phases, outcome }) => ({ recipe, startMs, phases, outcome }))
}
