/**
 * The simulated internet as a library: who listens where, and how flows and datagrams get there past the boxes on the way. It
 * opens no socket; what stands behind a virtual address is a function that gives a stream.
 */
import type { Duplex } from 'node:stream'
import type { RefusedCode } from '../../shared/protocol/uplink.ts'
import type { Clock } from '../../shared/util/clock.ts'
import { createEvents, type Events } from '../../shared/util/events.ts'
import type { Random } from '../../shared/util/random.ts'
import { createHelloReader } from '../censor/client-hello.ts'
import { createJudge, type Judge, type Judgement, type Watch, type Way } from '../censor/judge.ts'
import { createLots } from '../censor/lots.ts'
import { canonical, isSelf } from './address.ts'
import { type Tell, tapDatagram, tapFlow } from './capture.ts'
import { type Answer, createDatagrams, type DatagramListener } from './datagrams.ts'
import type { Pulse } from './duplex-pair.ts'
import { openFlow } from './flow.ts'
import type { FarEnd, FlowHandle, FlowSink } from './flow-api.ts'
import type { PacketEvent } from './packet-log.ts'
import { createPipes } from './pipes.ts'
import { openPremises, type Premises, watchPremises } from './premises.ts'
import { createTopology, type Topology } from './topology.ts'
import type { Provider, World } from './world.ts'

/** Where a packet starts: a client at its place, or a machine of the simulated world. */
export interface Origin {
  readonly who: string
  readonly place: string | null
  readonly provider: string
  readonly address: string
  /** Of a client with IPv6: its address of that family. */
  readonly address6?: string
  /** False: a box's own packets, which no box looks at. */
  readonly inspected?: boolean
  /** True: it starts beyond the client's own computer and network, which have nothing to do with it any more. */
  readonly outside?: boolean
}

export interface Target {
  readonly address: string
  readonly port: number
}

export type Connect = (from: Origin, asked: Target) => Duplex | Promise<Duplex>

export interface Engine {
  readonly clock: Clock
  readonly random: Random
  readonly topology: Topology
  readonly judge: Judge
  readonly pulse: Pulse
  /** Every packet that met the boxes on its way. */
  readonly packets: Events<PacketEvent>
  /** Has everything that passes clients' own network cards told to `tell`, bytes and all; `null`: to nobody. */
  capture(tell: Tell | null): void
  /** Has the same told to somebody more, of flows that are open already too. Returns its undo. */
  tap(tell: Tell): () => void
  /** Puts a listener behind a virtual address; replaces what was there. Returns its undo. Flows already open live on. */
  listen(target: Target, connect: Connect): () => void
  listenDatagrams(target: Target, answer: DatagramListener): () => void
  /** Ports of an address where nobody answers, not even with a refusal. */
  hush(target: Target): () => void
  /** Where flows go that a box terminates in the middle; it is told the true target. */
  interceptWith(connect: Connect, ca: 'trusted' | 'own'): void
  /** What clients' own computers and networks do before anything leaves them. */
  premisesAre(premises: Premises): void
  open(from: Origin, to: Target, sink: FlowSink): FlowHandle
  datagram(from: Origin, to: Target, bytes: Uint8Array, onReply: (reply: Answer) => void): void
  /** Resets every open flow of the world. */
  close(): void
}

export interface EngineDeps {
  readonly world: World
  readonly clock: Clock
  readonly random: Random
  readonly pulse: Pulse
}

export function createEngine({ world, clock, random, pulse }: EngineDeps): Engine {
  const topology = createTopology(world)
  const judge = createJudge(clock, random)
  const pipes = createPipes(clock)
  const packets = createEvents<PacketEvent>()
  const listeners = new Map<string, Connect>()
  /** How many of them each address has. */
  const doors = new Map<string, number>()
  const hushed = new Set<string>()
  const interceptors: Partial<Record<'trusted' | 'own', Connect>> = {}
  const flows = new Set<FlowHandle>()
  const lots = createLots(random)
  let tell: Tell | null = null
  let told = 0
  const taps = new Set<Tell>()
  /** A capture holds whole flows only; taps come and go. */
  const tellTo =
    (capture: Tell | null): Tell =>
    (packet) => {
      capture?.(packet)
      for (const each of taps) each(packet)
    }
  let premises = openPremises
  const datagrams = createDatagrams({ clock, lots, topology, judge, packets, premises: () => premises })

  /** `goesTo`: where its packets really end. */
  const wayOf = (from: Origin, to: Target, goesTo = to.address): Way => ({
    who: from.who,
    from: addressFor(from, to.address),
    place: from.place,
    provider: from.provider,
    to: to.address,
    toProvider: topology.providerOf(to.address)?.id ?? null,
    port: to.port,
    through: wayOut(topology.provider(from.provider), topology.providerOf(goesTo)),
  })

  return {
    clock,
    random,
    topology,
    judge,
    pulse,
    packets,
    capture(next) {
      tell = next
    },
    tap(next) {
      taps.add(next)
      return () => void taps.delete(next)
    },
    listen(target, connect) {
      const key = keyOf(target)
      const address = canonical(target.address)
      if (!listeners.has(key)) doors.set(address, (doors.get(address) ?? 0) + 1)
      listeners.set(key, connect)
      return () => {
        if (listeners.get(key) !== connect) return
        listeners.delete(key)
        doors.set(address, (doors.get(address) ?? 0) - 1)
      }
    },
    listenDatagrams: (target, answer) => datagrams.listen(keyOf(target), answer),
    hush(target) {
      hushed.add(keyOf(target))
      return () => void hushed.delete(keyOf(target))
    },
    interceptWith(connect, ca) {
      interceptors[ca] = connect
    },
    premisesAre(next) {
      premises = next
    },
    open(from, asked, sink) {
      const to = { address: canonical(asked.address), port: asked.port }
      if (isSelf(to.address)) return refuseSoon(clock, sink, 'ECONNREFUSED')
      // A computer without an address of that family has no way to there, and says so at once.
      if (hasNoWay(from, to.address)) return refuseSoon(clock, sink, 'ENETUNREACH')
      const astray = from.inspected === false ? null : judge.reroutes(wayOf(from, to))
      const end = { address: astray?.to ?? to.address, port: to.port }
      const way = { ...wayOf(from, to, end.address), ...(astray && { rerouted: astray.rule.id }) }
      const own = lots.next(`${way.from}|${way.to}|${way.port}`)
      const hello = createHelloReader({ segments: true, records: true })
      let name: string | null = null
      const route = topology.route(from.provider, topology.providerOf(end.address)?.id ?? null)
      const tap = from.inspected === false ? null : tapFlow(told++, from, to, sink, tellTo(tell))
      const handle = openFlow({
        clock,
        random: own,
        pipes,
        route: premises.flow(from, to)?.t === 'divert' ? topology.route(from.provider, from.provider) : premises.route(from, route),
        watch: from.inspected === false ? unwatched : watchPremises(premises, from, to, judge.watch(way)),
        sink: tap?.sink ?? sink,
        farEnd(interceptedBy): FarEnd {
          const box = typeof interceptedBy === 'string' ? interceptors[interceptedBy] : interceptedBy
          if (box) return { t: 'listening', connect: () => box(from, to) }
          const key = `${end.address} ${end.port}`
          const connect = listeners.get(key)
          if (connect) return { t: 'listening', connect: () => connect(from, to) }
          // A machine that is there refuses; where there is none, nobody answers.
          const there = (doors.get(end.address) ?? 0) > 0 && !hushed.has(key)
          return { t: there ? 'closed' : 'silent' }
        },
        met(packet, direction, judgement) {
          if (direction === 'up' && packet instanceof Uint8Array && name === null) {
            const finding = hello.read(packet)
            if (finding.t === 'sni') name = finding.name
          }
          if (direction === 'up') tap?.sent(packet, judgement.t === 'drop')
          packets.emit({
            t: packet === 'syn' ? 'syn' : 'data',
            direction,
            way,
            bytes: packet instanceof Uint8Array ? packet.length : 0,
            name,
            fate: judgement.t === 'pass' && astray ? 'lied' : fateOf(judgement),
            rule: judgement.t === 'pass' ? (astray?.rule.id ?? null) : judgement.rule.id,
          })
        },
        ended: () => void flows.delete(handle),
      })
      flows.add(handle)
      return tap?.handle(handle) ?? handle
    },
    datagram(from, asked, bytes, onReply) {
      const to = { address: canonical(asked.address), port: asked.port }
      const heard = tell || taps.size > 0 ? tapDatagram(told++, from, to, bytes, onReply, tellTo(tell)) : onReply
      datagrams.send(from, wayOf(from, to), bytes, heard)
    },
    close() {
      for (const flow of [...flows]) flow.reset()
    },
  }
}

export function keyOf({ address, port }: Target): string {
  return `${canonical(address)} ${port}`
}

/** Two that leave by the same transit meet before it. */
function wayOut(from: Provider | null, to: Provider | null): string | null {
  return from?.via !== undefined && from.via !== to?.via ? from.via : null
}

function fateOf(judgement: Judgement): PacketEvent['fate'] {
  switch (judgement.t) {
    case 'pass':
      return 'passed'
    case 'drop':
      return 'dropped'
    case 'slow':
      return 'slowed'
    case 'divert':
      return 'lied'
    case 'act':
      return judgement.act.do === 'intercept' || judgement.act.do === 'blockpage' ? 'lied' : 'reset'
  }
}

const unwatched: Watch = { syn: () => ({ t: 'pass' }), segment: () => ({ t: 'pass' }), end: () => {} }

function addressFor(from: Origin, to: string): string {
  return to.includes(':') ? (from.address6 ?? from.address) : from.address
}

function hasNoWay(from: Origin, to: string): boolean {
  return from.place !== null && to.includes(':') && from.address6 === undefined
}

/** A real stack answers so without a packet leaving. */
function refuseSoon(clock: Clock, sink: FlowSink, code: RefusedCode): FlowHandle {
  let open = true
  clock.after(0, () => {
    if (open) sink.refused(code)
  })
  const nothing = () => {}
  return {
    segment: nothing,
    fin: nothing,
    reset: () => {
      open = false
    },
    credit: nothing,
  }
}
