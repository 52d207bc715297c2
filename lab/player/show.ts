/** The lab's state as the screens read it, from what the player holds at one moment. */
import type { GatewayState } from '../../shared/protocol/processes.ts'
import { addressesBlocked } from '../censor/toll.ts'
import type { Topology } from '../engine/topology.ts'
import type { Host } from '../engine/world.ts'
import type { Lab } from '../lab.ts'
import type { Picture } from './history.ts'
import { draw } from './map.ts'
import type { People } from './people.ts'
import type { Run } from './run.ts'
import { movesDue, type Scenario, storyAt } from './scenario.ts'
import type { Stage } from './stage.ts'

/** Where a run stands `atMs` into it. */
export function showRun(run: Run, atMs: number): NonNullable<GatewayState['running']> {
  const { scenario, client, startedAt, rate, paused } = run
  return {
    scenario: scenario.card.id,
    client,
    startedAt,
    story: storyAt(scenario, atMs),
    step: movesDue(scenario, atMs),
    steps: scenario.moves.length,
    finished: run.finished && atMs >= scenario.lastsMs,
    speed: paused ? 0 : rate,
    rate,
    atMs: Math.round(atMs),
    lastsMs: scenario.lastsMs,
    moveTimes: scenario.moves.map((move) => move.atMs),
  }
}

export interface Showing {
  readonly lab: Lab
  readonly people: People
  /** Of the story that runs, if one does. */
  readonly scenario: Scenario | null
  /** Whose part of the world is shown, beside what is always there: of that story, or of the adaptive censor's play. */
  readonly part: string | null
  /** Seen from where; `null`: nobody watches. */
  readonly place: string | null
  readonly stage: Pick<Stage, 'isUp'>
}

/** What a scenario, or a play, brought to the world belongs to it alone. */
export function belongsTo(topology: Topology, part: string | null): (id: string) => boolean {
  return (id) => {
    const bringer = topology.broughtBy(id)
    return bringer === null || (part !== null && bringer.has(part))
  }
}

export function showWorld({ lab: { clients, engine, services }, people, scenario, part, place, stage }: Showing): Picture {
  const { topology, judge } = engine
  const { tracker } = services
  const list = clients.list()
  const isUp = (id: string) => place === null || people.isUp(place, id)
  const isHostUp = (host: Host) => (host.role === 'neighbour' ? isUp(host.id) : stage.isUp(host))
  const lies = judge.rules.some((rule) => rule.act.do === 'lie')
  const hasPage = tracker.total > 0 || lies || scenario?.visitors !== undefined
  const belongs = belongsTo(topology, part)
  const places = scenario?.places ?? topology.world.places.map(({ id }) => id).filter(belongs)
  return {
    clients: list,
    ...draw({ topology, judge, clients: list, belongs, places, isHostUp, recorded: hasPage ? tracker.total : null }),
    collateral: topology.world.hosts
      .filter((host) => host.role === 'neighbour' && belongs(host.id))
      .map((host) => ({
        name: host.title,
        what: host.what,
        cloud: topology.provider(host.provider)?.title ?? host.provider,
        up: isUp(host.id),
      })),
    addressesBlocked: place === null ? 0 : addressesBlocked(judge.rules, topology, place),
    tracker: hasPage ? { total: tracker.total, byClient: Object.fromEntries(list.map(({ name }) => [name, tracker.countOf(name)])) } : null,
  }
}
