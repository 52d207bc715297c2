/** Chaos: a censor without a plan makes moves at random while two people write to each other; and what became of their messages. */
import type { Person } from '../../../electron/host/lab-run/traffic.ts'
import type { LabClient } from '../../../electron/host/rehearsal.ts'
import { builtInWorld } from '../../../lab/world.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { drawMove, type Move, type Scene } from './moves.ts'
import { createOpenWays } from './open-ways.ts'
import { startWriters } from './writers.ts'

/** Where it is played: the rehearsal under the virtual clock, or processes in real time. */
export interface Stage {
  readonly clock: Clock
  readonly lab: LabClient
  readonly people: readonly [Person, Person]
  /** Lets so much time pass. */
  run(ms: number): Promise<void>
  until<T>(work: Promise<T>): Promise<T>
}

export interface ChaosOptions {
  readonly seed: number
  /** Stops after so many moves, or after so much time. */
  readonly moves: number
  readonly lastsMs?: number
  /** Between moves: drawn as likely short as long. */
  readonly everyMs: readonly [number, number]
  readonly writeEveryMs: readonly [number, number]
  readonly onMove?: (made: Made) => void
}

export interface Made {
  readonly n: number
  readonly atMs: number
  readonly text: string
  readonly sent: number
  readonly waiting: number
}

export interface Gap {
  readonly ms: number
  readonly text: string
  /** From the beginning. */
  readonly fromMs: number
  readonly toMs: number
}

export interface ChaosReport {
  readonly moves: number
  readonly lastedMs: number
  /** By mechanism, how often it was imposed. */
  readonly mechanisms: Readonly<Record<string, number>>
  readonly sent: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly ordered: boolean
  readonly refused: readonly string[]
  /** Time in which both surely had a way open. */
  readonly openMs: number
  /** How long a message waited while ways were open, without a break: all sorted, and the longest. */
  readonly waits: readonly number[]
  readonly worst: Gap | null
}

/** When all is lifted, the last ones arrive within this: the longest pause between tries, and a race. */
const PATIENCE_MS = 120_000
const STEP_MS = 100

export async function playChaos(stage: Stage, options: ChaosOptions): Promise<ChaosReport> {
  const { clock, lab, people, run, until } = stage
  const random = seededRandom(options.seed)
  // The relay knows an account from its first login on; whoever writes to somebody it does not know is told so.
  for (const { name, core } of people) {
    for (let waited = 0; (await until(core.call('path.get', {}))).status !== 'connected'; waited += STEP_MS) {
      if (waited >= PATIENCE_MS) throw new Error(`${name} did not connect before anything was blocked`)
      await run(STEP_MS)
    }
  }
  const began = clock.monotonic()
  const elapsed = () => clock.monotonic() - began
  const ways = createOpenWays()
  const { places: allPlaces } = builtInWorld()
  const mechanisms: Record<string, number> = {}
  const writers = startWriters(people, clock, seededRandom(options.seed + 1), options.writeEveryMs)
  const spans = openSpans(elapsed)

  const look = async (): Promise<Scene> => {
    const { clients, workbench } = await until(lab.call('lab.state', {}))
    const places = new Map(people.map(({ name }) => [name, clients.find((client) => client.name === name)?.vantage ?? '']))
    const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id)
    return { standing: workbench.standing, places, allPlaces, clouds: ids(workbench.clouds), neighbours: ids(workbench.neighbours) }
  }
  let scene = await look()
  const settle = async () => {
    scene = await look()
    spans.set([...scene.places.values()].every((place) => ways.count(place, scene.standing) > 0))
  }
  await settle()

  let n = 0
  while (n < options.moves && elapsed() < (options.lastsMs ?? Number.POSITIVE_INFINITY)) {
    const [least, most] = options.everyMs
    await run(least * (most / least) ** random.fraction())
    const text = await make(drawMove(random, scene))
    if (text === null) continue
    n++
    await settle()
    options.onMove?.({ n, atMs: elapsed(), text, sent: writers.sent.length, waiting: writers.waiting })
  }
  await make({ does: 'lift', ids: scene.standing.map(({ id }) => id) })
  await settle()
  writers.stop()
  for (const from = elapsed(); writers.waiting > 0 && elapsed() < from + PATIENCE_MS; ) await run(250)
  const found = await until(writers.count())

  const gaps = writers.sent.map(({ text, at, arrivedAt }) => {
    const [fromMs, toMs] = [at - began, (arrivedAt ?? clock.monotonic()) - began]
    return { text, fromMs, toMs, ms: spans.longest(fromMs, toMs) }
  })
  gaps.sort((a, b) => a.ms - b.ms)
  return {
    moves: n,
    lastedMs: elapsed(),
    mechanisms,
    sent: writers.sent.length,
    ...found,
    refused: writers.refused,
    openMs: spans.total(),
    waits: gaps.map(({ ms }) => ms),
    worst: gaps.at(-1) ?? null,
  }

  /** In words what was done; `null` when there was nothing to do it to. */
  async function make(move: Move): Promise<string | null> {
    switch (move.does) {
      case 'impose': {
        const { faults } = await until(lab.call('lab.impose', { id: null, rule: move.rule }))
        if (faults.length > 0) return null
        const { mechanism, where, aim, values } = move.rule
        mechanisms[mechanism] = (mechanisms[mechanism] ?? 0) + 1
        return `${mechanism} ${where} ${aim} ${JSON.stringify(values)}`
      }
      case 'lift':
        for (const id of move.ids) await until(lab.call('lab.lift', { id }))
        return `lift ${move.ids.join(' ')}`
      case 'travel':
        if (scene.places.get(move.client) === move.place) return null
        await until(lab.call('lab.place', { client: move.client, vantage: move.place }))
        return `${move.client} goes to ${move.place}`
    }
  }
}

/** When something held, and for how long of a span of time without a break. */
function openSpans(elapsed: () => number) {
  const spans: { from: number; to: number | null }[] = []
  return {
    set(holds: boolean) {
      const last = spans.at(-1)
      if (holds && last?.to !== null) spans.push({ from: elapsed(), to: null })
      else if (!holds && last?.to === null) last.to = elapsed()
    },
    longest: (from: number, to: number) =>
      spans.reduce((longest, span) => Math.max(longest, Math.min(to, span.to ?? to) - Math.max(from, span.from)), 0),
    total: () => spans.reduce((total, { from, to }) => total + (to ?? elapsed()) - from, 0),
  }
}
