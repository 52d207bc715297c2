/** What a run changes about the lab: rules and conditions in force, machines, true names, the service's offer. Puts all of it back. */
import type { Offer } from '../../shared/protocol/processes.ts'
import { createEvents, type Events } from '../../shared/util/events.ts'
import type { Host } from '../engine/world.ts'
import type { Lab } from '../lab.ts'
import type { Scenario, ScenarioMove } from './scenario.ts'
import { type Tampering, tamper } from './tamper.ts'

export interface Stage {
  /** What the service offers now. */
  readonly offer: Offer
  /** The service offers something else from now on. */
  readonly offered: Events<Offer>
  /** A machine that a move may have raised or lowered. */
  isUp(host: Host): boolean
  /** Makes a move of the scenario for `client`, with its rules as tampered. */
  apply(move: ScenarioMove, scenario: Scenario, client: string, tampering: Tampering): void
  /** Lifts every rule and condition, whoever imposed it, and puts the world back as it was before any move. */
  restore(): void
}

export function createStage({ engine, clients, conditions, names, services, offer: plain }: Lab): Stage {
  const { judge, topology } = engine
  const offered = createEvents<Offer>()
  /** Hosts that a move raised or lowered. */
  const changed = new Map<string, boolean>()
  let offer = plain

  const setUp = (id: string, up: boolean) => {
    services.setUp(id, up)
    changed.set(id, up)
  }
  return {
    offered,
    get offer() {
      return offer
    },
    isUp: (host) => changed.get(host.id) ?? host.up,
    apply(move, scenario, client, tampering) {
      for (const id of move.end) if (!conditions.end(id)) judge.remove(id)
      for (const rule of scenario.rules) {
        const imposed = move.start.includes(rule.id) ? tamper(rule, tampering) : null
        if (imposed) judge.add(imposed, 'scenario')
      }
      // A counter-proof leaves out all that the scenario does to the world, whoever does it.
      if (!tampering.removeRules) {
        for (const condition of scenario.conditions) if (move.start.includes(condition.id)) conditions.start(condition)
        if (move.travel !== undefined) clients.place(client, move.travel)
      }
      for (const id of move.raise) setUp(id, true)
      for (const id of move.lower) setUp(id, false)
      for (const [name, addresses] of Object.entries(move.names)) names.set(name, addresses)
      if (move.offer) {
        const { endpoints, proxies, doh, controls } = move.offer
        offer = {
          ...offer,
          ...(endpoints && { endpoints }),
          ...(proxies && { proxies }),
          ...(doh && { doh }),
          ...(controls && { controls }),
        }
        offered.emit(offer)
      }
    },
    restore() {
      for (const rule of [...judge.rules]) judge.remove(rule.id)
      for (const condition of conditions.inForce) conditions.end(condition.id)
      for (const id of changed.keys()) services.setUp(id, topology.host(id)?.up ?? true)
      changed.clear()
      names.reset()
      if (offer !== plain) {
        offer = plain
        offered.emit(offer)
      }
    },
  }
}
