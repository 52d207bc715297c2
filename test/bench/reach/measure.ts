/** Connects over one kind of line: each block, each contestant, first with nothing known and then again on the same network. */
import type { Authority } from '../../../lab/services/authority.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { type Block, blocks } from './blocks.ts'
import { labKit } from './lab-kit.ts'
import { installOurs, online } from './ours.ts'
import type { Outcome } from './outcome.ts'
import { peers } from './peers/all.ts'
import { installPlain } from './plain.ts'
import { openStage, type Stage } from './stage.ts'
import { type Line, PROXIES } from './world.ts'

/** When a connect is given up, ms. */
export const LIMIT_MS = 60_000
/** Whoever got through in none of so many runs is not asked again. */
const HOPELESS = 3
/** A way of ours is remembered once it has lived for five seconds; between the two there is a pause in which nobody is connected. */
const LIVED_MS = 8_000
const PAUSE_MS = 10_000

export const OURS = 'ours'
export const PLAIN = 'plain socket.io-client'

export interface Measuring {
  readonly line: Line
  readonly runs: number
  readonly contestants: readonly string[]
  readonly authority: Authority
}

export async function measureLine({ line, runs, contestants, authority }: Measuring): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const block of blocks) {
    const stage = await openStage(line, 1, authority)
    try {
      for (const who of contestants) {
        let arrived = 0
        for (let run = 0; run < runs && (arrived > 0 || run < HOPELESS); run++) {
          const times = await once(stage, block, who, run)
          if (times.first !== null) arrived++
          outcomes.push({ block: block.id, who, ...times })
        }
      }
    } finally {
      stage.close()
    }
  }
  return outcomes
}

async function once(stage: Stage, block: Block, who: string, run: number) {
  // Each run has another proxy that works, each contestant the same ones.
  const lift = stage.impose(block.rules((run * 7) % PROXIES.length))
  const network = await stage.join(`${who.replaceAll(/\W+/g, '-').toLowerCase()}-${run}`, who === OURS ? 'relay' : 'anybody')
  try {
    const client = await install(stage, network, block, who, run)
    const first = await stage.time(client.connect, LIMIT_MS)
    if (first === null) return { first, later: null }
    await stage.run(LIVED_MS)
    client.leave()
    await stage.run(PAUSE_MS)
    const later = await stage.time(client.connect, LIMIT_MS)
    client.leave()
    return { first, later }
  } finally {
    network.close()
    lift()
  }
}

async function install(stage: Stage, network: Awaited<ReturnType<Stage['join']>>, block: Block, who: string, run: number) {
  if (who === OURS) {
    const ours = installOurs(stage, network, run + 1)
    let leave = () => {}
    return {
      connect: () => {
        const reach = ours.start()
        leave = () => reach.close()
        return online(reach)
      },
      leave: () => leave(),
    }
  }
  if (who === PLAIN) return { ...installPlain(network, stage.roots), leave: () => {} }
  const peer = peers.find(({ name }) => name === who)
  if (!peer) throw new Error(`nobody is called ${who}`)
  const { clock, roots } = stage
  const kit = labKit({ network, clock, random: seededRandom(run + 1), roots })
  // Where direct ways are all cut, people who have proxies use them.
  return { ...peer.install(kit, { useProxies: block.drawsProxy ?? false }), leave: () => {} }
}
