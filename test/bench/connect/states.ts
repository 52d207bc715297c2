/** The states of the simulated internet in which connecting is measured, and how fast physics would allow it there. */
import { createTopology, type Topology } from '../../../lab/engine/topology.ts'
import { loadScenarios } from '../../../lab/player/library.ts'
import { builtInWorld } from '../../../lab/world.ts'
import type { CensorMove } from '../../../shared/contract/lab.ts'

export interface State {
  readonly name: string
  readonly place: string
  /** The machine that the fastest way left open leads to. */
  readonly leads: string
  /** What the design asks for, ms: connecting for the first time on a network, and on a known one. */
  readonly goal: { readonly first: number; readonly later: number }
}

/** One simulated internet, and what is done to it before each round of measuring. */
export interface Story {
  readonly acts: readonly Act[]
}
export interface Act {
  /** The scenario is played for the first state's client, and paused once this many of its moves were made. */
  readonly scenario?: { readonly id: string; readonly moves: number }
  /** A person's moves as censor. */
  readonly censor: readonly { readonly move: CensorMove; readonly place: string }[]
  readonly states: readonly State[]
}

/** 4R + 10 % at R = 80 ms. */
const PLAIN_GOAL = 352
const LATER_GOAL = 350
const LATER_BY_PROXY_GOAL = 500

const openly = { leads: 'service', goal: { first: PLAIN_GOAL, later: PLAIN_GOAL } }
const silently = { leads: 'service-sibling', goal: { first: 600, later: LATER_GOAL } }

export const stories: readonly Story[] = [
  {
    acts: [
      {
        censor: [
          { move: 'dns_lie', place: 'de-a' },
          { move: 'ip_drop', place: 'fr-b' },
          { move: 'prefix_block', place: 'fr-c' },
          { move: 'sni_reset', place: 'fr-d' },
        ],
        states: [
          { name: 'nothing blocked', place: 'nl-a', ...openly },
          { name: 'lookup lies about chat', place: 'de-a', leads: 'service', goal: { first: 350, later: LATER_GOAL } },
          { name: 'own addresses dropped', place: 'fr-b', ...silently },
          { name: 'own range dropped', place: 'fr-c', ...silently },
          {
            name: 'all relay names reset, bridges left',
            place: 'fr-d',
            leads: 'proxy-birch',
            goal: { first: 550, later: LATER_BY_PROXY_GOAL },
          },
        ],
      },
    ],
  },
  {
    acts: [
      {
        scenario: { id: 'france-2023', moves: 3 },
        censor: [],
        states: [{ name: 'France: lookup lies about links', place: 'fr-a', ...openly }],
      },
    ],
  },
  {
    acts: [
      {
        scenario: { id: 'russia-2018-day-one', moves: 5 },
        censor: [],
        states: [{ name: 'Russia: own addresses dropped', place: 'ru-moscow-a', ...silently, leads: 'service-cloud-a' }],
      },
      {
        scenario: { id: 'russia-2018-day-one', moves: 7 },
        censor: [],
        // The second relay is left, and is there before a bridge.
        states: [{ name: 'Russia: both clouds dropped too', place: 'ru-moscow-a', ...silently }],
      },
    ],
  },
]

/** The plain path's machine, which every bridge is near to. */
const SERVICE = 'service'
/** TLS 1.3, WebSocket upgrade, namespace CONNECT: one round trip each, all the way to the relay. */
const TRIPS_AFTER_TCP = 3

export interface Floors {
  /** Ms that the round trips to the end of the state's fastest way take. */
  of(state: State): number
}

/** From the lab's own round-trip times. */
export async function createFloors(): Promise<Floors> {
  const scenarios = await loadScenarios(null)
  const topology = createTopology(builtInWorld())
  for (const { card, world } of scenarios) topology.add(card.id, world)
  return {
    of({ place, leads }) {
      const host = topology.host(leads)
      const from = topology.place(place)
      if (!host || !from) throw new Error(`the lab has no ${leads} or no ${place}`)
      const rtt = topology.route(from.provider, host.provider).rttMs
      const onward = rtt + behind(topology, host.provider)
      switch (host.kind) {
        // TCP and the greeting to the bridge, its answer once it has reached the relay, and the rest.
        case 'socks5':
          return 2 * rtt + (1 + TRIPS_AFTER_TCP) * onward
        case 'http-connect':
          return rtt + (1 + TRIPS_AFTER_TCP) * onward
        default:
          return (1 + TRIPS_AFTER_TCP) * rtt
      }
    },
  }
}

function behind(topology: Topology, bridge: string): number {
  const service = topology.host(SERVICE)?.provider ?? null
  return topology.route(bridge, service).rttMs
}
