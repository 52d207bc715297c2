/**
 * Plays scenarios on a lab, lets a person play the censor, and says what there is to see. All it shows comes from the gateway's
 * own events; what any app made of them it never learns.
 */
import { BackendError } from '../../shared/contract/errors.ts'
import type { Bead, Move } from '../../shared/contract/lab.ts'
import type { Clock, Timer } from '../../shared/util/clock.ts'
import { createEvents } from '../../shared/util/events.ts'
import type { Lab } from '../lab.ts'
import { type AdaptivePlay, startAdaptive } from './adaptive.ts'
import { beganWith, stopped } from './adaptive-words.ts'
import { ADAPTIVE } from './adaptive-world.ts'
import { createBeads } from './beads.ts'
import { watchCarriers } from './carriers.ts'
import { type FreePlay, startFreePlay } from './free-play.ts'
import { handMove } from './hand.ts'
import { createHandPlay } from './hand-play.ts'
import { createPeople, VISITOR } from './people.ts'
import type { Player, PlayState } from './player-api.ts'
import { createRecorder } from './recorder.ts'
import { type Run, startRun } from './run.ts'
import type { Scenario, ScenarioMove } from './scenario.ts'
import { belongsTo, showRun, showWorld } from './show.ts'
import { createStage } from './stage.ts'
import { checkTampering, type Tampering } from './tamper.ts'
import { answerChecks, turnsAt } from './truth.ts'

const TICK_MS = 500

export function createPlayer(lab: Lab, builtIn: readonly Scenario[], clock: Clock): Player {
  const { engine, clients, services } = lab
  const { topology, judge } = engine
  const changed = createEvents<void>()
  const beads = createEvents<Bead[]>()
  const recorder = createRecorder(engine)
  const stage = createStage(lab)
  let scenarios = builtIn
  let cards = scenarios.map(({ card }) => card)
  let run: Run | null = null
  /** The last one, for its truth and its record. */
  let last: Run | null = null
  let moves: Move[] = []
  let tampering: Tampering = { removeRules: false, swap: null }
  /** The play without a story, with the adaptive censor's part in it. */
  let free: FreePlay | null = null
  let adaptive: AdaptivePlay | null = null
  /** Addresses that were blocked after the last move. */
  let blocked = 0
  let ticking: Timer | null = null
  const carriers = watchCarriers(engine, clients.isKnown)

  const part = () => run?.scenario.card.id ?? (adaptive ? ADAPTIVE : null)
  const neighbours = () => {
    const belongs = belongsTo(topology, part())
    return topology.world.hosts.filter(({ id, role }) => role === 'neighbour' && belongs(id))
  }
  const people = createPeople({
    engine,
    root: lab.offer.roots[0] ?? '',
    neighbours,
    service: () => (run ? stage.offer.endpoints.slice(0, 1).flatMap((endpoint) => endpoint.addresses.slice(0, 1)) : []),
    step: () => run?.made ?? 0,
  })
  const watchPlaces = (): string[] => {
    const place = run ? placeOf(run.client) : (free?.place ?? null)
    if (place === null) return []
    return [...new Set([place, run?.scenario.elsewhere ?? topology.world.home])]
  }
  const placeOf = (client: string) => clients.originOf(client).place ?? topology.world.home
  const tell = () => changed.emit()
  const world = () => showWorld({ lab, people, scenario: run?.scenario ?? null, part: part(), place: watchPlaces()[0] ?? null, stage })
  /** So far into the run, or into the play without a story. */
  const elapsed = () => Math.round((run ?? free)?.elapsedMs() ?? 0)
  const keep = (atMs = elapsed()) => {
    if (run || free) recorder.picture(atMs, world())
  }
  const made = (told: Move) => {
    // The place of the person who plays, and what it lost by this.
    const lost = world().addressesBlocked
    const move = lost === blocked ? told : { ...told, addressesBlocked: lost }
    blocked = lost
    moves.push(move)
    if (!run) free?.moved(move.atMs)
    recorder.move(move)
    keep(move.atMs)
  }
  const state = (): PlayState => ({
    scenarios: cards,
    vantages: topology.world.places
      .filter(({ id }) => belongsTo(topology, part())(id) || clients.list().some(({ vantage }) => vantage === id))
      .map(({ id, title, country, provider }) => ({ id, title, country, provider })),
    running: run && showRun(run, run.elapsedMs()),
    free: free?.show(free.elapsedMs()) ?? null,
    adaptive: adaptive?.state() ?? null,
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
    begin(place, atMs) {
      if (!run) freely(place, atMs)
    },
    made,
    onChanged() {
      settle()
      tell()
    },
  })

  const undos = [
    clients.changed.on(({ moved }) => {
      if (moved && (run || isBusy())) people.watch(watchPlaces())
      tell()
    }),
    services.tracker.changed.on(tell),
    services.met.on(({ who, outcome }) => recorder.met(who, outcome)),
    people.changed.on(tell),
  ]
  const offered = () => stage.offer.endpoints
  const beading = createBeads(engine, clients.isKnown, offered, (list) => beads.emit(list))

  const apply = (move: ScenarioMove, atMs: number, scenario: Scenario, client: string) => {
    stage.apply(move, scenario, client, tampering)
    if (scenario.survey?.after === move.id) people.survey(scenario.survey.name, scenario.survey.stations)
    const { story, side, text, effect } = move
    made({ atMs, story, side, text, ...(effect !== undefined && { effect }) })
    tell()
  }
  const restore = () => {
    endFree()
    stage.restore()
    hand.clear()
  }
  /** Something of the play without a story stands in somebody's way. */
  const isBusy = () => hand.standing.length > 0 || adaptive?.on === true
  /** Goes on with the play without a story, or begins one, so far into it. */
  const freely = (place: string, atMs = 0): FreePlay => {
    if (free && !free.finished && !free.over) {
      free.place = place
      return free
    }
    endFree()
    beginRecord()
    last = null
    free = startFreePlay(clock, place, atMs, () => {
      ticking?.cancel()
      keep()
      recorder.end()
      tell()
    })
    recorder.begin(free)
    ticking = clock.after(TICK_MS, tick)
    return free
  }
  const endFree = () => {
    adaptive?.stop()
    adaptive = null
    free?.stop()
    free = null
  }
  /** After something was imposed or lifted in it. */
  const settle = () => {
    if (!run) free?.rest(!isBusy())
    people.watch(run || isBusy() ? watchPlaces() : [])
  }
  /** The story's clock is seen to move between the moves, too. */
  const tick = () => {
    ticking = clock.after(TICK_MS, tick)
    keep()
    tell()
  }
  const stop = () => {
    if (!run && !free) return
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
      ;(run ?? free)?.pause(paused)
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
      const found = handMove(move, place, { topology, endpoints: stage.offer.endpoints, pathOf: carriers.at })
      hand.impose(found.rule, found.hand, place)
    },
    resume(deeds, place) {
      stop()
      hand.resume(deeds, place)
    },
    hand,
    undo() {
      if (!isBusy()) return
      adaptive?.stop()
      hand.undo()
      if (free) free.over = true
    },
    get offer() {
      return stage.offer
    },
    know(list) {
      scenarios = list
      cards = list.map(({ card }) => card)
      tell()
    },
    adaptive(wish) {
      if (wish === null && !adaptive?.on) return
      if (wish === null) adaptive?.stop()
      else {
        if (!topology.place(wish.vantage)) throw new BackendError('bad-input', 'no such place')
        stop()
        adaptive = startAdaptive(wish, { lab, people, stage, made, changed: tell, play: freely(wish.vantage) })
      }
      settle()
      made(wish ? { atMs: 0, side: 'world', ...beganWith(wish) } : { atMs: elapsed(), side: 'censor', ...stopped })
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
        turns: (at, cloud) => turnsAt(people.turns, topology, at === 'client' ? scenario.card.vantage : scenario.elsewhere, cloud),
      })
    },
    state,
    at(atMs) {
      const play = run ?? free
      if (!play) throw new BackendError('bad-input', 'nothing was played')
      const then = Math.min(Math.max(0, atMs), play.elapsedMs())
      const { scenarios: _, ...now } = state()
      return {
        ...{ ...now, ...recorder.pictureAt(then), moves: moves.filter((move) => move.atMs <= then) },
        ...(run ? { running: showRun(run, then) } : { free: free?.show(then) ?? null }),
      }
    },
    close() {
      stop()
      beading.stop()
      carriers.stop()
      recorder.close()
      for (const undo of undos) undo()
    },
  }
}
