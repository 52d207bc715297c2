/**
 * The lab put together: world, engine, services, clients. The gateway process and the in-memory carrier both start here; neither
 * adds behaviour of its own.
 */
import type { Duplex } from 'node:stream'
import type { Offer } from '../shared/protocol/processes.ts'
import type { Clock } from '../shared/util/clock.ts'
import type { Random } from '../shared/util/random.ts'
import { duplexPair, type Pulse } from './engine/duplex-pair.ts'
import { type Connect, createEngine, type Engine } from './engine/engine.ts'
import type { Host, World, WorldPart } from './engine/world.ts'
import { type Clients, createClients } from './gateway/clients.ts'
import { serveUplink } from './gateway/session.ts'
import { type Authority, type Certificate, openAuthority } from './services/authority.ts'
import { type Conditions, createConditions } from './services/conditions.ts'
import { createNames, type Names } from './services/names.ts'
import { type Services, standUp } from './services/stand-up.ts'

export interface LabDeps {
  readonly world: World
  readonly clock: Clock
  readonly random: Random
  readonly authority: Authority
  /** For the box that terminates TLS with a certificate nobody accepts; absent: no such box. */
  readonly foreignAuthority?: Authority
  /** Names beyond the offer's that the service's certificate must cover. */
  readonly moreNames?: readonly string[]
  /** A connection that broke the uplink's protocol. */
  onViolation?(reason: string): void
}

export interface Lab {
  readonly engine: Engine
  readonly clients: Clients
  readonly names: Names
  /** What holds though nobody censors. */
  readonly conditions: Conditions
  readonly services: Services
  readonly offer: Offer
  /** For the real relay: all its names, signed by the lab's authority. */
  readonly certificate: Certificate
  /** From now on the certificate covers these names too; resolves with it if they are new, `null` if not. */
  cover(names: readonly string[]): Promise<Certificate | null>
  /** What a scenario brings, from now on, in place of what it brought before. Rejects with `RangeError` when it does not fit; then nothing has changed. */
  add(scenario: string, part: WorldPart): Promise<void>
  /** What only this scenario brought is there no more. */
  remove(scenario: string): void
  /** What stands behind the service's virtual addresses; `null`: nothing listens there. */
  setService(connect: Connect | null): void
  /** One client's uplink. */
  serve(stream: Duplex): void
  pair(): [Duplex, Duplex]
  close(): void
}

export async function createLab(deps: LabDeps): Promise<Lab> {
  const { world, clock, random, authority } = deps
  const pulse: Pulse = { count: 0 }
  const engine = createEngine({ world, clock, random, pulse })
  const conditions = createConditions()
  const names = createNames(world.hosts, conditions, engine.topology)
  const inspectors = {
    installed: await openAuthority(null, 'Company gateway', () => clock.now()),
    unknown: await openAuthority(null, 'Home Guard antivirus', () => clock.now()),
  }
  const clients = createClients(engine.topology, conditions, inspectors.installed.root)
  const pair = () => duplexPair(pulse)
  let hosts = [...new Set([...world.offer.endpoints.map((endpoint) => endpoint.host), ...(deps.moreNames ?? [])])]
  let certificate = await authority.issue(hosts)
  const services = await standUp({
    engine,
    names,
    conditions,
    authority,
    foreignAuthority: deps.foreignAuthority ?? null,
    inspectors,
    pair,
  })

  /** Whoever is there no more stops answering; gives those who were not there before. */
  const change = (before: readonly Host[]): Host[] => {
    const { hosts: now } = engine.topology.world
    const gone = notAmong(before, now)
    names.remove(gone)
    services.remove(gone)
    return notAmong(now, before)
  }

  return {
    engine,
    clients,
    names,
    conditions,
    services,
    get certificate() {
      return certificate
    },
    async cover(more) {
      const all = [...new Set([...hosts, ...more])]
      if (all.length === hosts.length) return null
      certificate = await authority.issue(all)
      hosts = all
      return certificate
    },
    async add(scenario, part) {
      const { topology } = engine
      const before = topology.world.hosts
      topology.add(scenario, part)
      const fresh = change(before)
      names.add(fresh)
      await services.add(fresh)
    },
    remove(scenario) {
      const before = engine.topology.world.hosts
      engine.topology.remove(scenario)
      change(before)
    },
    offer: { ...world.offer, bogons: world.bogons, householdFilters: world.householdFilters, roots: [authority.root] },
    setService: services.setRelay,
    serve: (stream) => serveUplink(stream, engine, clients, deps.onViolation ?? (() => {})),
    pair,
    close() {
      engine.close()
      services.close()
    },
  }
}

/** Hosts of one list that the other does not have, or has changed. */
function notAmong(hosts: readonly Host[], others: readonly Host[]): Host[] {
  const known = new Map(others.map((host) => [host.id, host]))
  return hosts.filter((host) => {
    const other = known.get(host.id)
    return host !== other && JSON.stringify(host) !== JSON.stringify(other)
  })
}
