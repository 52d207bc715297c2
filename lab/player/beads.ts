/** Beads on the map: packets of the log, thinned out to what an eye can follow. Nothing moves that did not move on the wire. */
import type { Bead } from '../../shared/contract/lab.ts'
import type { Timer } from '../../shared/util/clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { PacketEvent } from '../engine/packet-log.ts'
import type { Host } from '../engine/world.ts'
import { hostNode, placeNode, providerNode } from './map.ts'

const PER_SECOND = 30
const EVERY_MS = 100
/** Strangers leave this much of the allowance to the clients. */
const FOR_CLIENTS = PER_SECOND / 2

export interface Beads {
  stop(): void
}

/** `planeOf` names the plane that a server name, or before it was said an address, belongs to. */
export function createBeads(
  engine: Engine,
  isClient: (who: string) => boolean,
  planeOf: (name: string | null, address: string) => Bead['kind'] | null,
  emit: (beads: Bead[]) => void,
): Beads {
  const { clock, judge, topology } = engine
  const waiting: Bead[] = []
  let timer: Timer | null = null
  let spent = 0
  let second = clock.monotonic()

  const flush = () => {
    timer = null
    emit(waiting.splice(0))
  }
  const undo = engine.packets.on((event) => {
    const now = clock.monotonic()
    if (now - second >= 1000) {
      second = now
      spent = 0
    }
    if (spent >= (isClient(event.way.who) ? PER_SECOND : PER_SECOND - FOR_CLIENTS)) return
    const bead = beadOf(event)
    if (!bead) return
    spent++
    waiting.push(bead)
    timer ??= clock.after(EVERY_MS, flush)
  })

  const beadOf = (event: PacketEvent): Bead | null => {
    const { way } = event
    const host = topology.hostAt(way.to)
    const start = way.place === null ? (topology.host(way.who) ? hostNode(way.who) : null) : placeNode(way.place)
    const end = host ? hostNode(host.id) : way.toProvider === null ? null : providerNode(way.toProvider)
    if (start === null || end === null) return null
    // What a box took never gets beyond the provider where the box stands.
    const isTaken = event.fate === 'dropped' || event.fate === 'reset'
    const reach = isTaken ? providerNode(boxOf(event)) : end
    const up = event.direction === 'up'
    return { from: up ? start : reach, to: up ? reach : start, who: way.who, kind: kindOf(event, host), fate: event.fate }
  }
  const boxOf = ({ rule, way }: PacketEvent) => {
    const providers = judge.rules.find(({ id }) => id === rule)?.match.providers
    return way.through != null && providers?.includes(way.through) ? way.through : way.provider
  }
  const kindOf = (event: PacketEvent, host: Host | null): Bead['kind'] => {
    if (event.t === 'dns' || host?.kind === 'resolver' || host?.kind === 'doh') return 'dns'
    if (host?.kind === 'socks5' || host?.kind === 'http-connect') return 'proxy'
    if (host?.kind === 'relay') return planeOf(event.name, event.way.to) ?? 'other'
    return host?.kind === 'site' || host?.kind === 'false-page' ? 'web' : 'other'
  }

  return {
    stop() {
      undo()
      timer?.cancel()
    },
  }
}
