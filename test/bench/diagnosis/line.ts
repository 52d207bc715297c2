/** The built-in world with other distances and a line that loses packets: what a scenario is played on. */
import type { Link, World, WorldPart } from '../../../lab/engine/world.ts'

export interface Line {
  /** Round trip to the service, ms; everything else abroad is as much nearer or farther. */
  readonly rttMs: number
  /** Share of packets lost on the client's side, each way. */
  readonly loss: number
}

/** What the built-in world has to the service. */
const USUAL_RTT_MS = 80
/** Where the world says nothing (lab/engine/topology.ts). */
const DEFAULT_RTT_MS = 60
const NEAR_RTT_MS = 8
/** Machines between two providers are no client's line. */
const isClients = ({ from }: Link) => from === '*'

export function onLine(world: World, line: Line): World {
  return { ...world, links: linksOn(line, world, world.links) }
}

/** What a scenario brings, on the same line. */
export function partOnLine(part: WorldPart, line: Line): WorldPart {
  return { ...part, links: linksOn(line, part, part.links) }
}

function linksOn({ rttMs, loss }: Line, { providers }: Pick<World, 'providers'>, links: readonly Link[]): Link[] {
  const longer = (ms: number) => Math.max(2, (ms * rttMs) / USUAL_RTT_MS)
  const lossy = (link: Link): Link => ({ ...link, rttMs: longer(link.rttMs), loss: 1 - (1 - link.loss) * (1 - loss) })
  const told = new Set(links.filter(isClients).map(({ to }) => to))
  const untold = providers.flatMap(({ id, kind }): Link[] => {
    if (kind === 'access') return [{ from: id, to: id, rttMs: NEAR_RTT_MS, jitterMs: 0, loss }]
    return told.has(id) ? [] : [{ from: '*', to: id, rttMs: longer(DEFAULT_RTT_MS), jitterMs: 0, loss }]
  })
  return [...untold, ...links.map((link) => (isClients(link) ? lossy(link) : link))]
}
