/** One round of measuring: every state's runs, ours and the plain client's, in one random order, one at a time. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Rehearsal } from '../../../electron/host/rehearsal.ts'
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import { type Connected, copyProfile, type EngineProgram, loadEngine, loadPlain, type PlainProgram } from './programs.ts'
import type { State } from './states.ts'

/** When a run is given up. */
export const LIMIT_MS = 10_000
/** A plain client that never gets through is not waited for more often than this. */
const HOPELESS_RUNS = 3
/** Programs loaded side by side before their runs, so that loading costs less time and disturbs nothing. */
const AT_ONCE = 4
/** A way must have lived for five seconds to be remembered. */
const LEARN_MS = 30_000

const plainKinds = ['plain', 'plain-ws'] as const
type PlainKind = (typeof plainKinds)[number]
export const kinds = [...plainKinds, 'first', 'later'] as const
export type Kind = (typeof kinds)[number]

export interface Outcome {
  readonly state: State
  readonly kind: Kind
  readonly ms: number | null
  /** Ours: the attempt that won. */
  readonly attempt: Connected['attempt'] | null
}

export interface RoundOptions {
  readonly rehearsal: Rehearsal
  /** The relay's plain chat endpoint: what a plain client would be given. */
  readonly door: Pick<Endpoint, 'host' | 'port'>
  readonly states: readonly State[]
  readonly runs: number
  /** For profiles; emptied by the caller. */
  readonly folder: string
}

export async function measureRound(options: RoundOptions): Promise<Outcome[]> {
  const { states, runs } = options
  const scouts = await sendScouts(options)
  await Promise.all(states.map((state) => learn(options, state)))
  const jobs = states.flatMap((state) =>
    kinds
      .filter((kind) => kind === 'first' || kind === 'later' || scouts.arrived(state, kind))
      .flatMap((kind) => Array.from({ length: runs }, () => ({ state, kind }))),
  )
  const outcomes: Outcome[] = []
  for (let left = shuffled(jobs); left.length > 0; left = left.slice(AT_ONCE)) {
    const loaded = await Promise.all(left.slice(0, AT_ONCE).map((job) => load(options, job.state, job.kind)))
    for (const run of loaded) outcomes.push(await run())
  }
  // Those that were waiting all the while cost nobody anything; they are outcomes themselves where nobody was asked again.
  const isMeasured = ({ state, kind }: Outcome) => jobs.some((job) => job.state === state && job.kind === kind)
  return [...outcomes, ...(await scouts.outcomes()).filter((outcome) => !isMeasured(outcome))]
}

/** Plain clients that find out where a plain client gets through at all, for where none does it need not be asked again and again. */
async function sendScouts({ rehearsal, door, states }: RoundOptions) {
  const program = await loadPlain()
  const arrived: Outcome[] = []
  const ask = async (state: State, kind: PlainKind): Promise<Outcome> => {
    const outcome = { state, kind, ms: await program.connect(plainJob(rehearsal, door, state, kind)), attempt: null }
    if (outcome.ms !== null) arrived.push(outcome)
    return outcome
  }
  const asked = states.flatMap((state) => plainKinds.flatMap((kind) => Array.from({ length: HOPELESS_RUNS }, () => ask(state, kind))))
  return {
    arrived: (state: State, kind: PlainKind) => arrived.some((outcome) => outcome.state === state && outcome.kind === kind),
    async outcomes(): Promise<Outcome[]> {
      const outcomes = await Promise.all(asked)
      await program.kill()
      return outcomes
    },
  }
}

async function learn(options: RoundOptions, state: State): Promise<void> {
  const engine = await loadEngine()
  await engine.learn(engineStart(options, state, learnedProfile(options, state)), LEARN_MS)
}

/** Loads the program of one run; the function it resolves with is the run. */
async function load(options: RoundOptions, state: State, kind: Kind): Promise<() => Promise<Outcome>> {
  if (kind === 'plain' || kind === 'plain-ws') {
    const program: PlainProgram = await loadPlain()
    return async () => {
      const ms = await program.connect(plainJob(options.rehearsal, options.door, state, kind))
      await program.kill()
      return { state, kind, ms, attempt: null }
    }
  }
  const profileDir = join(options.folder, randomBytes(8).toString('hex'))
  if (kind === 'later') await copyProfile(learnedProfile(options, state), profileDir)
  const engine: EngineProgram = await loadEngine()
  return async () => {
    const handle = kind === 'later' ? null : newHandle()
    const connected = await engine.connect({ ...engineStart(options, state, profileDir), handle }, LIMIT_MS)
    await engine.kill()
    return { state, kind, ms: connected?.ms ?? null, attempt: connected?.attempt ?? null }
  }
}

function learnedProfile({ folder }: RoundOptions, { place }: State): string {
  return join(folder, `learned-${place}`)
}

function newHandle(): string {
  return `bench_${randomBytes(6).toString('hex')}`
}

function engineStart({ rehearsal }: RoundOptions, { place }: State, profileDir: string) {
  const network = { kind: 'lab', address: rehearsal.labAddress, client: clientAt(place), vantage: place } as const
  return { profileDir, handle: newHandle(), bundlePath: rehearsal.bundlePath, network, storeKey: null, contacts: [] }
}

function plainJob(rehearsal: Rehearsal, door: RoundOptions['door'], { place }: State, kind: PlainKind) {
  return {
    lab: Number(new URL(`tcp://${rehearsal.labAddress}`).port),
    client: `plain-${place}`,
    vantage: place,
    host: door.host,
    port: door.port,
    ca: [...rehearsal.roots],
    webSocketOnly: kind === 'plain-ws',
    limitMs: LIMIT_MS,
  }
}

/** The name under which the lab knows our engines at a place. */
export function clientAt(place: string): string {
  return `ours-${place}`
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
