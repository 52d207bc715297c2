/** A live path cut while somebody writes: how long until what is written after the cut is answered. Own addresses go silent; other ways are left. */

import { setMaxListeners } from 'node:events'
import type { Reach } from '../../../electron/core/reach/reach-interface.ts'
import { sleep } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { blocks } from './blocks.ts'
import { labKit } from './lab-kit.ts'
import { LIMIT_MS, type Measuring, OURS } from './measure.ts'
import { installOurs, online } from './ours.ts'
import type { Outcome } from './outcome.ts'
import { peers } from './peers/all.ts'
import { openStage, type Stage } from './stage.ts'

export const CUT = 'cut'
const WRITE_EVERY_MS = 100
/** Long enough for whatever is kept ready beside a session. */
const LIVED_MS = 20_000
const block = blocks.find(({ id }) => id === 'syn-dropped')

/** Ours, and those whose source says when they take a connection for dead. */
export async function measureCuts({ line, runs, contestants, authority }: Measuring): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const stage = await openStage(line, 2, authority)
  try {
    for (const who of contestants) {
      const peer = peers.find(({ name }) => name === who)
      if (who !== OURS && peer?.deadAfter === undefined) continue
      for (let run = 0; run < runs; run++) {
        const network = await stage.join(`${who.replaceAll(/\W+/g, '-').toLowerCase()}-${run}`, who === OURS ? 'relay' : 'anybody')
        const { clock, roots } = stage
        let first: number | null
        if (peer?.deadAfter) {
          const client = peer.install(labKit({ network, clock, random: seededRandom(run + 1), roots }), { useProxies: false })
          first = await cutOf(stage, run, client.connect, async (signal) => {
            await sleep(clock, peer.deadAfter?.ms ?? 0, signal)
            await client.connect(signal)
          })
        } else {
          const reach = installOurs(stage, network, run + 1).start()
          first = await cutOf(
            stage,
            run,
            () => online(reach),
            (signal) => answered(stage, reach, signal),
          )
          reach.close()
        }
        network.close()
        outcomes.push({ block: CUT, who, first, later: null })
      }
    }
  } finally {
    stage.close()
  }
  return outcomes
}

async function cutOf(
  stage: Stage,
  run: number,
  connect: (signal: AbortSignal) => Promise<void>,
  recover: (signal: AbortSignal) => Promise<void>,
) {
  if ((await stage.time(connect, LIMIT_MS)) === null) return null
  // Not always at the same moment between two heartbeats.
  await stage.run(LIVED_MS + 37 * run)
  const lift = stage.impose(block?.rules(0) ?? [])
  const gap = await stage.time(recover, LIMIT_MS)
  lift()
  return gap
}

/** Writes as somebody does who is in the middle of it; resolves with the first answer to anything written since. */
function answered({ clock }: Stage, { link }: Reach, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const over = AbortSignal.any([signal, done.signal])
  // Each request under way listens.
  setMaxListeners(0, over)
  return new Promise((resolve, reject) => {
    const write = () => {
      if (over.aborted) return signal.aborted ? reject(signal.reason) : resolve()
      link.request('receipt.set', { peer: 'bob', state: 'read', upTo: 1 }, over).then(
        () => {
          done.abort()
          resolve()
        },
        () => {},
      )
      clock.after(WRITE_EVERY_MS, write)
    }
    write()
  })
}
