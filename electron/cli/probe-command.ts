/** `probe`: one diagnosis. `connect`: one race until connected. */
import type { Attempt, PathState, Verdict } from '../../shared/contract/path.ts'
import { type ExitCode, print, printJson } from './answer.ts'
import { type CoreFlags, watchPath, withPassingEngine } from './headless-core.ts'
import { clock } from './parts.ts'

/** Long enough for the slowest finding to be confirmed (ten seconds), and no longer. */
const PROBE_MS = 15_000
/** A finding of the very first moment, before this computer has heard from its network, is not yet one. */
const HOLD_MS = 1500
const CONNECT_MS = 30_000

interface JsonFlag {
  readonly json?: boolean
}

export function probeCommand(flags: CoreFlags & JsonFlag): Promise<ExitCode> {
  const begunAt = clock.now()
  return withPassingEngine(flags, async (engine) => {
    await engine.core.call('path.probe', {})
    const path = await watchPath(engine, PROBE_MS, isSettled, HOLD_MS)
    const planes = Object.fromEntries(
      path.verdicts.map(({ plane, kind, mechanisms, confidence, word, evidence, at }) => [
        plane,
        { kind, mechanisms, confidence, word, evidence, ms: Math.max(0, Math.round(at - begunAt)) },
      ]),
    )
    if (flags.json) printJson({ planes, attempts: attemptsOf(path), path: path.route?.recipe ?? null })
    else
      for (const verdict of path.verdicts)
        print(`${verdict.plane.padEnd(10)} ${[verdict.kind, ...verdict.mechanisms].join(' ')} (${verdict.word})`)
    return exitCodeOf(path.verdicts)
  })
}

export function connectCommand(flags: CoreFlags & JsonFlag): Promise<ExitCode> {
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
export function exitCodeOf(verdicts: readonly Pick<Verdict, 'kind'>[]): ExitCode {
  const kinds = verdicts.map((verdict) => verdict.kind)
  if (kinds.includes('interference')) return 3
  if (kinds.some((kind) => kind !== 'ok' && kind !== 'inconclusive')) return 4
  return kinds.length === 0 || kinds.includes('inconclusive') ? 5 : 0
}

function attemptsOf({ attempts }: PathState): Pick<Attempt, 'recipe' | 'startMs' | 'phases' | 'outcome'>[] {
  return attempts.map(({ recipe, startMs, phases, outcome }) => ({ recipe, startMs, phases, outcome }))
}
