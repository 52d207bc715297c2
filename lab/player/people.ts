/** The lab's own people: browsers that follow a link, and strangers who watch whether other services still answer. */
import type { Clock, Timer } from '../../shared/util/clock.ts'
import { createEvents, type Events } from '../../shared/util/events.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import { nth } from '../gateway/clients.ts'
import { lookUp, visit } from '../services/browser.ts'
import { isOpen, isWell } from '../services/sentinel.ts'

/** Names in the packet log of those who are not clients. */
export const PEOPLE = 'people'
export const VISITOR = 'visitor'
export const STRANGERS = 'strangers'
export const STATIONS = 'stations'

const WATCH_EVERY_MS = 1500
/** One slow answer is not an outage. */
const FAILURES = 2
/** Stations ask one after the other, this far apart. */
const STATION_EVERY_MS = 20

/** A neighbour was seen to go down, or to stand again. */
export interface Turn {
  readonly place: string
  readonly host: string
  readonly up: boolean
  /** How many moves had been made. */
  readonly step: number
}

export interface People {
  /** Every `everyMs` somebody at the next of `places` follows the link; every other time a plain browser beside `client`. */
  follow(name: string, places: readonly string[], client: () => string, everyMs: number): void
  /** Looks at every neighbour from each place until told otherwise; none: looks once more from the last, then rests. */
  watch(places: readonly string[]): void
  isUp(place: string, host: string): boolean
  /** Since the last `clear`. */
  readonly turns: readonly Turn[]
  /** Every station asks its lookup about the name, once. */
  survey(name: string, stations: readonly { readonly place: string; readonly count: number; readonly resolver: string }[]): void
  clear(): void
  stop(): void
  readonly changed: Events<void>
}

export interface PeopleDeps {
  readonly engine: Engine
  /** PEM. */
  readonly root: string
  /** Whom to look at; asked before each look, as are the others. */
  neighbours(): readonly Host[]
  /** Addresses that prove themselves to their own clients only. */
  service(): readonly string[]
  /** How many moves were made. */
  step(): number
}

export function createPeople({ engine, root, neighbours, service, step }: PeopleDeps): People {
  const { clock, topology } = engine
  const failures = new Map<string, number>()
  let turns: Turn[] = []
  const changed = createEvents<void>()
  let visitTimer: Timer | null = null
  let watchTimer: Timer | null = null
  let watched: readonly string[] = []

  const key = (place: string, host: string) => `${place} ${host}`
  const origin = (placeId: string, who: string, last: number): { from: Origin; resolver: string } | null => {
    const place = topology.place(placeId)
    const [resolver] = place?.resolvers ?? []
    if (!place || resolver === undefined) return null
    return { from: { who, place: place.id, provider: place.provider, address: nth(place.clients, last) }, resolver }
  }
  const look = async (placeId: string, host: Host) => {
    const from = origin(placeId, STRANGERS, 20)?.from
    if (!from) return
    const well = await isWell(engine, from, host, root)
    const before = failures.get(key(placeId, host.id)) ?? 0
    const now = well ? 0 : before + 1
    failures.set(key(placeId, host.id), now)
    if (before >= FAILURES === now >= FAILURES) return
    turns.push({ place: placeId, host: host.id, up: well, step: step() })
    changed.emit()
  }
  const lookAround = (places: readonly string[]) => {
    for (const place of places) {
      for (const host of neighbours()) void look(place, host)
      const from = origin(place, STRANGERS, 21)?.from
      if (from) for (const address of service()) void isOpen(engine, from, address)
    }
  }
  const round = (timer: Clock['after'], places: readonly string[]) => {
    lookAround(places)
    watchTimer = timer(WATCH_EVERY_MS, () => round(timer, places))
  }

  return {
    changed,
    follow(name, places, client, everyMs) {
      let turn = 0
      const next = () => {
        const beside = turn % 2 === 1
        const at = origin(beside ? client() : (places[(turn / 2) % places.length] ?? ''), beside ? VISITOR : PEOPLE, 30 + (turn % 60))
        turn++
        if (at) void visit(engine, at.from, at.resolver, name)
        visitTimer = clock.after(everyMs, next)
      }
      visitTimer?.cancel()
      next()
    },
    watch(places) {
      watchTimer?.cancel()
      watchTimer = null
      if (places.length > 0) round(clock.after.bind(clock), places)
      else lookAround(watched)
      watched = places
    },
    isUp: (place, host) => (failures.get(key(place, host)) ?? 0) < FAILURES,
    get turns() {
      return turns
    },
    survey(name, stations) {
      let turn = 0
      for (const { place, count, resolver } of stations) {
        for (let i = 0; i < count; i++) {
          const at = origin(place, STATIONS, 100 + i)
          if (at) clock.after(STATION_EVERY_MS * turn++, () => void lookUp(engine, at.from, resolver, name))
        }
      }
    },
    clear() {
      failures.clear()
      turns = []
    },
    stop() {
      visitTimer?.cancel()
      visitTimer = null
    },
  }
}
