/** Joins a running rehearsal with its users: one lab state, and a plain client wherever the scenario puts its client. */
import type { Clock } from '../../shared/util/clock.ts'
import { labNetwork } from '../core/net/lab-network.ts'
import type { Network } from '../core/net/network.ts'
import { createLabGroup, type LabGroup } from './lab-group.ts'
import { startPlainClient } from './plain-client.ts'
import { readBundle } from './read-bundle.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { Users } from './users.ts'

export async function followLab(rehearsal: Rehearsal, users: Users, clock: Clock): Promise<LabGroup> {
  const { endpoints } = await readBundle(rehearsal.bundlePath, clock)
  const door = endpoints.find((endpoint) => endpoint.plane === 'chat')
  if (!door) throw new Error('the rehearsal has no chat endpoint')
  const { host, port } = door
  const startPlain = (vantage: string) =>
    startPlainClient({ network: standAt(rehearsal, 'plain', vantage, clock), host, port, ca: rehearsal.roots, clock })
  return createLabGroup({ lab: rehearsal.lab, users, startPlain, clock })
}

/** A network as somebody has it who stands at `vantage` of the simulated internet. To be closed. */
export function standAt(rehearsal: Pick<Rehearsal, 'uplink'>, client: string, vantage: string, clock: Clock): Network {
  return labNetwork({ connect: rehearsal.uplink, client, vantage, clock })
}
