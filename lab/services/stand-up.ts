/** Puts the world's machines behind their addresses, each kind with its service. */
import type { Duplex } from 'node:stream'
import { assertNever } from '../../shared/util/assert-never.ts'
import type { Connect, Engine } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import { type Authority, type Certificate, openAuthority } from './authority.ts'
import { tlsBridge, webSocketBridge } from './bridges.ts'
import { cdn } from './cdn.ts'
import type { Conditions } from './conditions.ts'
import { dohServer } from './doh.ts'
import { dotServer } from './dot.ts'
import { echo } from './echo.ts'
import { createTracker, falsePage, type Tracker } from './false-page.ts'
import { underConditions } from './host-conditions.ts'
import { httpConnect } from './http-connect.ts'
import { interceptor } from './interceptor.ts'
import type { Names } from './names.ts'
import { type PremisesDeps, standPremises } from './premises.ts'
import { createProber } from './prober.ts'
import { createResolver } from './resolver.ts'
import { createShelves, redirectToTls, type Shelves, site } from './site.ts'
import { socks5 } from './socks5.ts'
import { createTalkers, type Talkers } from './talker.ts'

export interface Services {
  /** Whom the false page recorded. */
  readonly tracker: Tracker
  /** What came of what the lab's own people tried. */
  readonly met: Talkers['met']
  /** What lies at the world's sites. */
  readonly shelves: Shelves
  /** What stands behind the addresses of every `relay` host. */
  setRelay(connect: Connect | null): void
  /** More machines; those that are up answer once it resolves. */
  add(hosts: readonly Host[]): Promise<void>
  /** Machines that are there no more. */
  remove(hosts: readonly Host[]): void
  /** A host that was down comes up, or goes; connections it has are left alone. */
  setUp(id: string, up: boolean): void
  close(): void
}

export interface ServiceDeps {
  readonly engine: Engine
  readonly names: Names
  readonly conditions: Conditions
  readonly authority: Authority
  readonly foreignAuthority: Authority | null
  /** Of boxes that clients' own computers have: one that they were told to trust, one that they were not. */
  readonly inspectors: PremisesDeps['inspectors']
  pair(): [Duplex, Duplex]
}

/** Kinds that show a certificate of their own names. */
const certified: ReadonlySet<Host['kind']> = new Set(['site', 'doh', 'dot', 'tls-bridge', 'ws-bridge'])

export async function standUp(deps: ServiceDeps): Promise<Services> {
  const { engine, names, conditions, authority, foreignAuthority, inspectors, pair } = deps
  const undo = new Map<string, (() => void)[]>()
  let relay: Connect | null = null
  const tracker = createTracker()
  const shelves = createShelves()
  const certificates = new Map<string, Certificate>()
  const certificateOf = (host: Host) => {
    const certificate = certificates.get(host.id)
    if (!certificate) throw new Error('no certificate was made')
    return certificate
  }
  const toRelay: Connect = (from, asked) => {
    if (!relay) throw new Error('the service is not there')
    return relay(from, asked)
  }
  engine.judge.probeWith(createProber(engine))
  const signing = (by: Authority) => (name: string | null) => by.issue([name ?? 'unnamed.test'])
  engine.interceptWith(interceptor(engine, signing(authority), pair), 'trusted')
  if (foreignAuthority) engine.interceptWith(interceptor(engine, signing(foreignAuthority), pair), 'own')
  const leavePremises = standPremises({ engine, conditions, authority, inspectors, pair })
  const talkers = createTalkers(engine, authority.root, (place) =>
    conditions.atPlace('inspect', place)?.installed ? [inspectors.installed.root] : [],
  )
  const unknownAuthority = await openAuthority(null, 'Somebody nobody knows', () => engine.clock.now())

  const put = (host: Host, port: number, connect: Connect) => {
    const met = underConditions({ engine, conditions, authority, unknownAuthority, pair }, host, port, connect)
    return [met.close, ...host.addresses.map((address) => engine.listen({ address, port }, met.connect))]
  }
  const raise = (host: Host): (() => void)[] => {
    switch (host.kind) {
      case 'resolver': {
        const resolver = createResolver({ engine, names, conditions, host, pair })
        return [
          ...put(host, 53, resolver.connect),
          ...host.addresses.map((address) => engine.listenDatagrams({ address, port: 53 }, resolver.datagrams)),
        ]
      }
      case 'relay':
        return [...put(host, 443, toRelay), ...put(host, 80, redirectToTls(pair))]
      case 'doh': {
        const resolver = createResolver({ engine, names, conditions, host, pair })
        return put(host, 443, dohServer(resolver, host, certificateOf(host), pair))
      }
      case 'dot': {
        const resolver = createResolver({ engine, names, conditions, host, pair })
        return put(host, 853, dotServer(engine, resolver, certificateOf(host), pair))
      }
      case 'cdn':
        return [
          ...put(
            host,
            443,
            cdn({ engine, authority, host, toRelay, relayName: engine.topology.world.offer.endpoints[0]?.host ?? '', pair }),
          ),
          ...put(host, 80, redirectToTls(pair)),
        ]
      case 'tls-bridge':
        return put(host, 443, tlsBridge({ engine, names, host, pair }, certificateOf(host)))
      case 'ws-bridge':
        return put(host, 443, webSocketBridge({ engine, names, host, pair }, certificateOf(host)))
      case 'site': {
        const { https, http } = site(host, certificateOf(host), shelves, pair)
        return [...put(host, 443, https), ...put(host, 80, http)]
      }
      case 'socks5':
        return put(host, 1080, socks5({ engine, names, host, pair }))
      case 'http-connect':
        return put(host, 3128, httpConnect({ engine, names, host, pair }))
      case 'false-page':
        return [
          ...put(host, 80, falsePage(tracker, engine.random, pair)),
          // Nobody answers on the TLS port, not even to refuse: https links to it hang, as was measured.
          ...host.addresses.map((address) => engine.hush({ address, port: 443 })),
        ]
      case 'echo':
        return [53, 80, 443, 8388].flatMap((port) => put(host, port, echo(pair)))
      case 'talker':
        return [talkers.start(host)]
      default:
        return assertNever(host.kind)
    }
  }

  const add = async (hosts: readonly Host[]) => {
    for (const { id, kind, names: own } of hosts) {
      if (certified.has(kind)) certificates.set(id, await authority.issue(own))
    }
    for (const host of hosts) if (host.up) undo.set(host.id, raise(host))
  }
  await add(engine.topology.world.hosts)

  return {
    tracker,
    shelves,
    met: talkers.met,
    add,
    remove(hosts) {
      for (const { id } of hosts) {
        for (const each of undo.get(id) ?? []) each()
        undo.delete(id)
        certificates.delete(id)
      }
    },
    setRelay(connect) {
      relay = connect
    },
    setUp(id, up) {
      const host = engine.topology.host(id)
      if (!host || undo.has(id) === up) return
      if (up) undo.set(id, raise(host))
      else {
        for (const each of undo.get(id) ?? []) each()
        undo.delete(id)
      }
    },
    close() {
      leavePremises()
      for (const undos of undo.values()) for (const each of undos) each()
    },
  }
}
