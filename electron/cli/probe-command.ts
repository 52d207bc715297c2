/** `probe`: one diagnosis. `connect`: one race until connected. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Attempt, PathState, Plane, Verdict } from '../../shared/contract/path.ts'
import type { ProbeReport } from '../../shared/protocol/probe-report.ts'
import { UsageError } from '../host/usage-error.ts'
import { print, printJson } from './answer.ts'
import { type CoreFlags, watchPath, withPassingEngine } from './headless-core.ts'
import { parsePlanes, parsePositive } from './options.ts'
import { clock } from './parts.ts'

/** A finding of the very first moment, before this computer has heard from its network, is not yet one. */
const HOLD_MS = 1500
const CONNECT_MS = 30_000

interface JsonFlag {
  readonly json?: boolean
}
interface ProbeFlags extends CoreFlags, JsonFlag {
  /** Seconds. */
  readonly timeout: string
  readonly planes?: string
  readonly report?: string
}

export function probeCommand(flags: ProbeFlags): Promise<ProbeReport['exit_code']> {
  const longestMs = parsePositive(flags.timeout, '--timeout') * 1000
  const wanted = flags.planes === undefined ? null : parsePlanes(flags.planes)
  const begunAt = clock.now()
  return withPassingEngine(flags, async (engine) => {
    await engine.core.call('path.probe', {})
    const meant = ({ verdicts, status }: PathState) => ({ status, verdicts: wantedOf(verdicts, wanted) })
    const path = await watchPath(engine, longestMs, (state) => isSettled(meant(state)), HOLD_MS)
    const { verdicts } = meant(path)
    if (flags.report !== undefined) await writeReport(flags.report, (await engine.core.call('path.export', {})).text)
    const code = exitCodeOf(verdicts)
    const report: ProbeReport = {
      test_name: 'throughline',
      measurement_start_time: new Date(begunAt).toISOString().slice(0, 19).replace('T', ' '),
      test_runtime: Math.round(clock.now() - begunAt) / 1000,
      planes: Object.fromEntries(
        verdicts.map(({ plane, kind, mechanisms, confidence, word, place, evidence, at }) => [
          plane,
          { kind, mechanisms, confidence, word, place, evidence, ms: Math.max(0, Math.round(at - begunAt)) },
        ]),
      ),
      attempts: attemptsOf(path),
      path: path.route?.recipe ?? null,
      timed_out: !isSettled(meant(path)),
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

async function writeReport(path: string, text: string): Promise<void> {
  await writeFile(resolve(path), text, { mode: 0o600 }).catch(() => {
    throw new UsageError(`--report: "${path}" cannot be written.`)
  })
}

const where = {
  device: 'on this computer',
  network: 'in this network',
  resolver: 'in the name lookup of this network',
  way: 'on the way',
  service: 'at the service',
} as const satisfies Record<NonNullable<Verdict['place']>, string>

/** For people: a line for each plane, what decided below it, and how it ended. */
export function sayReport({ planes, path, test_runtime, timed_out }: ProbeReport): readonly string[] {
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
  const end = timed_out ? `Time was up after ${test_runtime} s; some of this may still grow.` : `It took ${test_runtime} s.`
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

/** Every plane has a finding that will not grow: all is well, or it is confirmed. A chat plane that is well has its route. */
export function isSettled({ verdicts, status }: Pick<PathState, 'verdicts' | 'status'>): boolean {
  if (verdicts.length === 0) return false
  return verdicts.every(({ plane, kind, word }) => {
    if (kind === 'ok') return plane !== 'chat' || status === 'connected'
    return kind !== 'inconclusive' && word === 'confirmed'
  })
}

/** The gravest plane decides. No verdict at all is inconclusive. */
export function exitCodeOf(verdicts: readonly Pick<Verdict, 'kind'>[]): ProbeReport['exit_code'] {
  const kinds = verdicts.map((verdict) => verdict.kind)
  if (kinds.includes('interference')) return 3
  if (kinds.some((kind) => kind !== 'ok' && kind !== 'inconclusive')) return 4
  return kinds.length === 0 || kinds.includes('inconclusive') ? 5 : 0
}

function attemptsOf({ attempts }: PathState): Pick<Attempt, 'recipe' | 'startMs' | 'phases' | 'outcome'>[] {
  return attempts.map(({ recipe, startMs, phases, outcome }) => ({ recipe, startMs, phases, outcome }))
}
