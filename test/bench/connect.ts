/**
 * Time to connect beside plain socket.io-client, unblocked and in the blocked states of the built-in scenarios and of a person
 * who plays the censor; each against what the round trips alone would take. `--runs N`: runs per case, 10 by default.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type LabClient, type Rehearsal, startRehearsal } from '../../electron/host/rehearsal.ts'
import { openBundle } from '../../shared/protocol/bundle.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { spawn } from './connect/programs.ts'
import { clientAt, type Kind, kinds, LIMIT_MS, measureRound, type Outcome } from './connect/rounds.ts'
import { type Act, createFloors, type Floors, type State, type Story, stories } from './connect/states.ts'
import { percentile, type Row, reportTable } from './table.ts'

const DEFAULT_RUNS = 10
const MOVE_MS = 60_000

const titles: Readonly<Record<Kind, string>> = {
  first: 'ours, first time',
  later: 'ours, known network',
  plain: 'plain socket.io-client',
  'plain-ws': 'plain, WebSocket only',
}

async function playStory(story: Story, runs: number): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
  try {
    const rehearsal = await startRehearsal({ spawn, dataDir: folder })
    try {
      const door = await chatDoor(rehearsal)
      const outcomes: Outcome[] = []
      for (const [at, act] of story.acts.entries()) {
        await prepare(rehearsal.lab, act)
        const profiles = join(folder, `profiles-${at}`)
        outcomes.push(...(await measureRound({ rehearsal, door, states: act.states, runs, folder: profiles })))
      }
      return outcomes
    } finally {
      await rehearsal.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function prepare(lab: LabClient, { scenario, censor, states }: Act): Promise<void> {
  for (const { move, place } of censor) await lab.call('lab.censor', { move, vantage: place })
  const [first] = states
  if (!scenario || !first) return
  const { running } = await lab.call('lab.state', {})
  if (running?.scenario === scenario.id) await lab.call('lab.pause', { paused: false })
  else await lab.call('lab.play', { scenario: scenario.id, client: clientAt(first.place) })
  await untilStep(lab, scenario.moves)
  await lab.call('lab.pause', { paused: true })
}

function untilStep(lab: LabClient, moves: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const undo = lab.on('state.changed', ({ running }) => {
      if ((running?.step ?? 0) < moves) return
      undo()
      timer.cancel()
      resolve()
    })
    const timer = systemClock.after(MOVE_MS, () => reject(new Error(`move ${moves} was not made`)))
  })
}

async function chatDoor({ bundlePath }: Rehearsal) {
  const opened = openBundle(JSON.parse(await readFile(bundlePath, 'utf8')), { signers: null, version: 0, now: Date.now() })
  const door = opened.ok ? opened.bundle.endpoints.find(({ plane }) => plane === 'chat') : undefined
  if (!door) throw new Error('the rehearsal has no chat endpoint')
  return door
}

function rowsOf(outcomes: readonly Outcome[], floors: Floors): Row[] {
  return statesOf(stories).flatMap((state) =>
    kinds.map((kind): Row => {
      const times = timesOf(outcomes, state, kind)
      const samples = times.filter((ms) => ms !== null)
      const missed = times.length - samples.length
      const goal = kind === 'first' || kind === 'later' ? state.goal[kind] : undefined
      return {
        name: `${state.name}: ${titles[kind]}`,
        samples,
        floor: floors.of(state),
        ...(goal !== undefined && { goal }),
        ...(missed > 0 && { missed: { runs: missed, limit: LIMIT_MS } }),
      }
    }),
  )
}

function timesOf(outcomes: readonly Outcome[], state: State, kind: Kind): (number | null)[] {
  return outcomes.filter((outcome) => outcome.state === state && outcome.kind === kind).map(({ ms }) => ms)
}

/** Where the time of the attempts that won went: when they began, and their steps, medians. */
function phaseLines(outcomes: readonly Outcome[]): string[] {
  return statesOf(stories).flatMap((state) =>
    (['first', 'later'] as const).map((kind) => {
      const won = outcomes.flatMap(({ attempt, ...one }) => (one.state === state && one.kind === kind && attempt ? [attempt] : []))
      const median = (samples: readonly number[]) => Math.round(percentile(samples, 0.5))
      const steps = (['reach', 'encrypt', 'recognise'] as const).map((phase) => {
        const traces = won.flatMap(({ phases }) => phases.filter((trace) => trace.phase === phase))
        return `${phase} ${median(traces.map(({ startMs, endMs }) => (endMs ?? Number.NaN) - startMs))}`
      })
      const ways = [...new Set(won.map(({ endpoint, kind: way }) => `${way} ${endpoint}`))]
        .map((way) => `${won.filter((attempt) => `${attempt.kind} ${attempt.endpoint}` === way).length} by ${way}`)
        .join(', ')
      return `  ${state.name}, ${kind}: began at ${median(won.map(({ startMs }) => startMs))}, ${steps.join(', ')} (${ways})`
    }),
  )
}

function about(runs: number): string[] {
  return [
    `Gateway, relay and each engine are processes of their own, as in the product, over loopback; every run begins in a process that was`,
    `just loaded and never connected before, one run at a time, in random order among ${runs} of each kind. A first time is a new profile; a known`,
    'network is a profile that stayed connected there before until it remembered its way. Ours counts from the start of the race to the',
    'proof of the relay; the plain client from its look-up at the place’s own resolver to the answer to its namespace CONNECT, with its',
    'own defaults (polling first) and told to use WebSocket only. Floor: the round trips of the fastest way left, with nothing to find out.',
    'Goals are the design’s: where own addresses are dropped they were set for one of two dropped, and for a reset name for a relay left under',
    'another name; here both addresses are dropped, and all names reset. What does not connect within 10 s was given up, thrice.',
  ]
}

function statesOf(all: readonly Story[]): State[] {
  return all.flatMap(({ acts }) => acts.flatMap(({ states }) => states))
}

const loads = () =>
  loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')

export async function main(): Promise<void> {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: String(DEFAULT_RUNS) } } })
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs: a number of runs per case')
  const began = systemClock.monotonic()
  const loadBefore = loads()
  const floors = await createFloors()
  const outcomes: Outcome[] = []
  for (const story of stories) outcomes.push(...(await playStory(story, runs)))
  const seconds = Math.round((systemClock.monotonic() - began) / 1000)
  const note = [
    ...about(runs),
    'Where the time of the attempts that won went, medians in ms:',
    ...phaseLines(outcomes),
    `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; load average ${loadBefore} before, ${loads()} after ${seconds} s.`,
  ].join('\n')
  reportTable({ title: 'Time to connect', unit: 'ms', rows: rowsOf(outcomes, floors), note })
}

if (process.argv[1] === import.meta.filename) await main()
