/**
 * Plays scenarios on a lab, lets a person play the censor, and says what there is to see. All it shows comes from the gateway's
 * own events; what any app made of them it never learns.
 */
import { BackendError } from '../../shared/contract/errors.ts'
import type { Bead, CensorMove, Move } from '../../shared/contract/lab.ts'
import type { Offer, GatewayState as WholeState } from '../../shared/protocol/processes.ts'
import type { Clock, Timer } from '../../shared/util/clock.ts'
import { createEvents, type Events } from '../../shared/util/events.ts'
import type { Lab } from '../lab.ts'
import { createBeads } from './beads.ts'
import { handMove } from './hand.ts'
import { createHandPlay, type Deed, type HandPlay } from './hand-play.ts'
import { followPaths } from './paths.ts'
import { createPeople, VISITOR } from './people.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { type Run, startRun } from './run.ts'
import type { Scenario, ScenarioMove } from './scenario.ts'
import { belongsTo, showRun, showWorld } from './show.ts'
import { createStage } from './stage.ts'
import { checkTampering, type Tampering } from './tamper.ts'
import { answerChecks, type CheckResult } from './truth.ts'

/** What the person's own scenarios are is not the player's to know. */
type GatewayState = Omit<WholeState, 'workbench'>

export interface Player {
  /** Something that `state` shows has changed. */
  readonly changed: Events<void>
  readonly beads: Events<Bead[]>
  /** The service offers something else from now on. */
  readonly offered: Events<Offer>
  state(): GatewayState
  /** Puts `client` where the scenario wants it and begins; what was playing is stopped first. `no-such-scenario`. */
  play(scenario: string, client: string): void
  /** Lifts every rule, the person's too, and puts the world back. No-op when nothing plays. */
  stop(): void
  pause(paused: boolean): void
  /** Multiple of normal speed. No-op when nothing plays. */
  setSpeed(speed: number): void
  /** Makes the next move at once. No-op when nothing plays. */
  step(): void
  /** The lab as it stood so far into the run that plays. `bad-input` when none does. */
  at(atMs: number): GatewayState
  /** `bad-input` when there is no such place. */
  place(client: string, place: string): void
  censor(move: CensorMove, place: string): void
  /** What the person does as censor, beside or without a story. */
  readonly hand: Pick<HandPlay, 'standing' | 'deeds' | 'session' | 'impose' | 'lift' | 'nextId'>
  undo(): void
  /** Goes on from what was done another time; what plays or stands is lifted first. */
  resume(deeds: readonly Deed[], place: string): void
  /** What the service offers now. */
  readonly offer: Offer
  /** The stories there are from now on. */
  know(scenarios: readonly Scenario[]): void
  /** For the plays to come. */
  tamper(tampering: Tampering): void
  /** Of the last play; no checks before the first. */
  truth(): CheckResult[]
  scenario(id: string): Scenario
  /** What is kept of the run that plays, or of the last one. */
  readonly record: Pick<Recorder, 'events' | 'capture' | 'keepBytes'>
  close(): void
}

const TICK_MS = 500

export function createPlayer(lab: Lab, builtIn: readonly Scenario[], clock: Clock): Player {
  const { engine, clients, services } = lab
  const { topology, judge } = engine
  const changed = createEvents<void>()
  const beads = createEvents<Bead[]>()
  const recorder = createRecorder(engine)
  const stage = createStage(lab)
  const root = lab.offer.roots[0] ?? ''
  let scenarios = builtIn
  let run: Run | null = null
  /** The last one, for its truth and its record. */
  let last: Run | null = null
  let moves: Move[] = []
  let tampering: Tampering = { removeRules: false, swap: null }
  /** When the person began to play without a story, for its times; `null`: that is over. */
  let freeSince: number | null = null
  /** Addresses that were blocked after the last move. */
  let blocked = 0
  let ticking: Timer | null = null
  const paths = followPaths(engine, clients)

  const neighbours = () => {
    const belongs = belongsTo(topology, run?.scenario ?? null)
    return topology.world.hosts.filter((host) => host.role === 'neighbour' && belongs(host.id))
  }
  const people = createPeople({
    engine,
    root,
    neighbours,
    service: () => stage.offer.endpoints.slice(0, 1).flatMap((endpoint) => endpoint.addresses.slice(0, 1)),
    step: () => run?.made ?? 0,
  })
  const planeOf = (name: string | null, address: string): Bead['kind'] | null => {
    const isIt = (endpoint: Offer['endpoints'][number]) => (name === null ? endpoint.addresses.includes(address) : endpoint.host === name)
    const plane = stage.offer.endpoints.find(isIt)?.plane
    return plane === undefined || plane === 'bootstrap' ? null : plane
  }
  const watchPlaces = (): string[] => {
    const place = run ? placeOf(run.client) : hand.place
    if (place === null) return []
    return [...new Set([place, run?.scenario.elsewhere ?? topology.world.home])]
  }
  const placeOf = (client: string) => clients.originOf(client).place ?? topology.world.home
  const tell = () => changed.emit()
  const world = () => showWorld({ lab, people, scenario: run?.scenario ?? null, place: watchPlaces()[0] ?? null, stage })
  /** So far into the run, or into the person's own play. */
  const elapsed = () => Math.round(run ? run.elapsedMs() : clock.monotonic() - (freeSince ?? clock.monotonic()))
  const keep = (atMs = elapsed()) => {
    if (run) recorder.picture(atMs, world())
  }
  const made = (told: Move) => {
    // The place of the person who plays, and what it lost by this.
    const lost = world().addressesBlocked
    const move = lost === blocked ? told : { ...told, addressesBlocked: lost }
    blocked = lost
    moves.push(move)
    if (run) recorder.move(move)
    keep(move.atMs)
  }
  const state = (): GatewayState => ({
    scenarios: scenarios.map(({ card }) => card),
    vantages: topology.world.places
      .filter(({ id }) => belongsTo(topology, run?.scenario ?? null)(id) || clients.list().some(({ vantage }) => vantage === id))
      .map(({ id, title, country, provider }) => ({ id, title, country, provider })),
    running: run && showRun(run, run.elapsedMs()),
    moves,
    ...world(),
  })

  /** A new run, or a new free play: nothing was done and nothing happened so far. */
  const beginRecord = () => {
    moves = []
    blocked = 0
    services.tracker.clear()
    people.clear()
    hand.forget()
  }
  const hand = createHandPlay({
    judge,
    elapsed,
    begin(atMs) {
      if (run || freeSince !== null) return
      beginRecord()
      freeSince = clock.monotonic() - atMs
    },
    over() {
      freeSince = null
    },
    made,
    onChanged() {
      people.watch(watchPlaces())
      tell()
    },
  })

  const undos = [
    paths.stop,
    clients.changed.on(({ moved }) => {
      if (moved && (run || hand.place !== null)) people.watch(watchPlaces())
      tell()
    }),
    services.tracker.changed.on(tell),
    services.met.on(({ who, outcome }) => recorder.met(who, outcome)),
    people.changed.on(tell),
  ]
  const beading = createBeads(engine, clients.isKnown, planeOf, (list) => beads.emit(list))

  const apply = (move: ScenarioMove, atMs: number, scenario: Scenario, client: string) => {
    stage.apply(move, scenario, client, tampering)
    if (scenario.survey?.after === move.id) people.survey(scenario.survey.name, scenario.survey.stations)
    const { story, side, text, effect } = move
    made({ atMs, story, side, text, ...(effect !== undefined && { effect }) })
    tell()
  }
  const restore = () => {
    stage.restore()
    hand.clear()
    freeSince = null
  }
  /** The story's clock is seen to move between the moves, too. */
  const tick = () => {
    ticking = clock.after(TICK_MS, tick)
    keep()
    tell()
  }
  const stop = () => {
    if (!run && freeSince === null) return
    ticking?.cancel()
    run?.stop()
    run = null
    recorder.end()
    people.stop()
    restore()
    // One more look, so that what fell is seen to stand again.
    people.watch([])
    tell()
  }
  const find = (id: string) => {
    const scenario = scenarios.find(({ card }) => card.id === id)
    if (!scenario) throw new BackendError('no-such-scenario')
    return scenario
  }

  return {
    changed,
    beads,
    offered: stage.offered,
    scenario: find,
    record: recorder,
    play(id, client) {
      const scenario = find(id)
      stop()
      beginRecord()
      clients.place(client, scenario.card.vantage)
      run = startRun(
        clock,
        scenario,
        client,
        (move, atMs) => apply(move, atMs, scenario, client),
        () => {
          ticking?.cancel()
          people.stop()
          keep()
          tell()
        },
      )
      last = run
      recorder.begin(run)
      ticking = clock.after(TICK_MS, tick)
      const { visitors } = scenario
      if (visitors) people.follow(visitors.name, visitors.places, () => placeOf(client), visitors.everyMs)
      people.watch(watchPlaces())
      tell()
    },
    stop,
    pause(paused) {
      run?.pause(paused)
      tell()
    },
    setSpeed(speed) {
      run?.setRate(speed)
      tell()
    },
    step() {
      run?.step()
      tell()
    },
    place(client, place) {
      if (!topology.place(place)) throw new BackendError('bad-input', 'no such place')
      clients.place(client, place)
    },
    censor(move, place) {
      const found = handMove(move, place, { topology, endpoints: stage.offer.endpoints, pathOf: paths.of })
      hand.impose(found.rule, found.hand, place)
    },
    resume(deeds, place) {
      stop()
      beginRecord()
      hand.resume(deeds, place)
    },
    hand,
    undo: hand.undo,
    get offer() {
      return stage.offer
    },
    know(list) {
      scenarios = list
      tell()
    },
    tamper(next) {
      checkTampering(next)
      tampering = next
    },
    truth() {
      if (!last) return []
      const { scenario, client } = last
      const { tracker } = services
      return answerChecks({
        scenario,
        client,
        rows: recorder.rows,
        meetings: recorder.meetings,
        recorded: (who) => (who === 'anybody' ? tracker.total : tracker.countOf(who === 'client' ? client : VISITOR)),
        turns: (at, cloud) =>
          people.turns.filter(
            ({ place, host }) =>
              place === (at === 'client' ? scenario.card.vantage : scenario.elsewhere) &&
              (cloud === undefined || topology.host(host)?.provider === cloud),
          ),
      })
    },
    state,
    at(atMs) {
      if (!run) throw new BackendError('bad-input', 'no story runs')
      const then = Math.min(Math.max(0, atMs), run.elapsedMs())
      return { ...state(), ...recorder.pictureAt(then), running: showRun(run, then), moves: moves.filter((move) => move.atMs <= then) }
    },
    close() {
      stop()
      beading.stop()
      recorder.close()
      for (const undo of undos) undo()
    },
  }
}
