/** A live path cut while somebody writes: how long until what is written after the cut is answered. Own addresses are cut off; other ways are left. */

import { setMaxListeners } from 'node:events'
import type { Reach } from '../../../electron/core/reach/reach-interface.ts'
import type { RuleInput } from '../../../lab/censor/rule.ts'
import { sleep } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { labKit } from './lab-kit.ts'
import { LIMIT_MS, type Measuring, OURS } from './measure.ts'
import { installOurs, online } from './ours.ts'
import type { Outcome } from './outcome.ts'
import type { Peer } from './peer.ts'
import { peers } from './peers/all.ts'
import { openStage, type Stage } from './stage.ts'
import { HOME, OWN } from './world.ts'

/** How own addresses are cut off, as blocks of outcomes. */
export const CUT = { silence: 'cut by silence', reset: 'cut by a reset' } as const
type Cut = keyof typeof CUT
/** Ours, with a second connection kept ready. */
export const OURS_STANDBY = `${OURS}, standby`
const WRITE_EVERY_MS = 100
/** Long enough for whatever is kept ready beside a session. */
const LIVED_MS = 20_000
const acts = { silence: 'drop', reset: 'reset' } as const
const rulesOf = (cut: Cut): readonly RuleInput[] => [
  { id: 'cut', label: 'cut', match: { places: [HOME], to: OWN.map((address) => `${address}/32`) }, act: { do: acts[cut] } },
]

/** Ours, without and with a standby; and those whose source says when they take a silent connection for dead. */
export async function measureCuts({ line, runs, contestants, authority }: Measuring): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const stage = await openStage(line, 2, authority)
  try {
    for (const who of contestants) {
      const peer = peers.find(({ name }) => name === who)
      if (who !== OURS && peer?.deadAfter === undefined) continue
      for (let run = 0; run < runs; run++) {
        if (peer) outcomes.push(await cutOfPeer(stage, peer, run))
        else
          for (const name of [OURS, OURS_STANDBY])
            for (const cut of ['silence', 'reset'] as const) outcomes.push(await cutOfOurs(stage, cut, name, run))
      }
    }
  } finally {
    stage.close()
  }
  return outcomes
}

async function cutOfOurs(stage: Stage, cut: Cut, who: string, run: number): Promise<Outcome> {
  const network = await join(stage, `${who} ${cut}`, run, 'relay')
  const reach = installOurs(stage, network, run + 1).start()
  reach.chooseStandby(who === OURS_STANDBY ? 'always' : 'off')
  const recover = (signal: AbortSignal) => answered(stage, reach, signal)
  const first = await gapOf(stage, cut, run, () => online(reach), recover)
  reach.close()
  network.close()
  return { block: CUT[cut], who, first, later: null }
}

async function cutOfPeer(stage: Stage, peer: Peer, run: number): Promise<Outcome> {
  const { clock, roots } = stage
  const network = await join(stage, peer.name, run, 'anybody')
  const client = peer.install(labKit({ network, clock, random: seededRandom(run + 1), roots }), { useProxies: false })
  const first = await gapOf(stage, 'silence', run, client.connect, async (signal) => {
    await sleep(clock, peer.deadAfter?.ms ?? 0, signal)
    await client.connect(signal)
  })
  network.close()
  return { block: CUT.silence, who: peer.name, first, later: null }
}

const join = (stage: Stage, who: string, run: number, to: 'relay' | 'anybody') =>
  stage.join(`${who.replaceAll(/\W+/g, '-').toLowerCase()}-${run}`, to)

async function gapOf(
  stage: Stage,
  cut: Cut,
  run: number,
  connect: (signal: AbortSignal) => Promise<void>,
  recover: (signal: AbortSignal) => Promise<void>,
) {
  if ((await stage.time(connect, LIMIT_MS)) === null) return null
  // Not always at the same moment between two heartbeats.
  await stage.run(LIVED_MS + 37 * run)
  const lift = stage.impose(rulesOf(cut))
  const gap = await stage.time(recover, LIMIT_MS)
  lift()
  return gap
}

/** Writes as the app does in the middle of it, and again once another session carries; resolves with the first answer to anything written since. */
function answered({ clock }: Stage, { link }: Reach, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const over = AbortSignal.any([signal, done.signal])
  // Each request under way listens.
  setMaxListeners(0, over)
  return new Promise((resolve, reject) => {
    const write = () => {
      link.request('receipt.set', { peer: 'bob', state: 'read', upTo: 1 }, over).then(
        () => done.abort(),
        () => {},
      )
    }
    const undo = link.onOnline(write)
    const goOn = () => {
      write()
      timer = clock.after(WRITE_EVERY_MS, goOn)
    }
    let timer = clock.after(0, goOn)
    over.addEventListener(
      'abort',
      () => {
        timer.cancel()
        undo()
        if (signal.aborted) reject(signal.reason)
        else resolve()
      },
      { once: true },
    )
  })
}
