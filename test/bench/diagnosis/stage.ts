/**
 * One scenario on one line: the lab's moves, a real relay, and getting through and diagnosis of the app, wired as the app wires them. No
 * messages, no plain client, no strangers and no talkers of the lab's: they are for its own checks, and cost most of the time.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createDiagnosis } from '../../../electron/core/diagnose/index.ts'
import { networkSenses } from '../../../electron/core/diagnose/network-senses.ts'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import { createReach } from '../../../electron/core/reach/reach.ts'
import { memoryFolder } from '../../../electron/host/memory-folder.ts'
import type { WorldPart } from '../../../lab/engine/world.ts'
import { createMemoryLab } from '../../../lab/memory.ts'
import type { Scenario } from '../../../lab/player/scenario.ts'
import { createStage } from '../../../lab/player/stage.ts'
import { type Authority, openAuthority } from '../../../lab/services/authority.ts'
import { builtInWorld } from '../../../lab/world.ts'
import { enterVirtualTime, type VirtualTime } from '../../../rehearsal/virtual-time.ts'
import type { Verdict } from '../../../shared/contract/path.ts'
import { connect } from '../../../shared/contract/port.ts'
import { relayControl } from '../../../shared/protocol/processes.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { type Cost, counted, noCost } from './counted.ts'
import { type Line, onLine, partOnLine } from './line.ts'

export type Said = Pick<Verdict, 'plane' | 'kind' | 'mechanisms' | 'word' | 'place'>

/** What stood from `atMs` of the run until the next; the first is what stood when it began. */
export interface Moment {
  readonly atMs: number
  readonly verdicts: readonly Said[]
}

export interface Played {
  readonly moments: readonly Moment[]
  readonly cost: Cost
}

export interface Authorities {
  readonly own: Authority
  readonly foreign: Authority
}

/** Keys are dear; these do for all runs of a process. */
export const openAuthorities = async (): Promise<Authorities> => ({
  own: await openAuthority(null, 'Lab authority', Date.now, 'ed25519'),
  foreign: await openAuthority(null, 'Some box on the way', Date.now, 'ed25519'),
})

/** As in rehearsals (electron/host/lab-run/run-scenario.ts). */
const TUNING = { planeCheckMs: 2000, transferCheckMs: 2000, returnHoldMs: 60_000 } as const
const CONNECT_MS = 20_000
const LIMITS = { virtualMs: 300_000, cpuMs: 120_000 }
const ALICE = 'alice'
const AS_WRITTEN = { removeRules: false, swap: null } as const

/** One at a time in a process. Rejects with `Hung` when it does not come to its end. */
export async function playOn(scenario: Scenario, line: Line, seed: number, authorities: Authorities): Promise<Played> {
  const dataDir = await mkdtemp(join(memoryFolder(), 'throughline-calibration-'))
  const time = enterVirtualTime({ seed, startAt: Date.now(), onTrouble: () => {} })
  try {
    return await time.during(play(time, scenario, line, { seed, dataDir, authorities }), LIMITS)
  } finally {
    time.leave()
    await rm(dataDir, { recursive: true, force: true })
  }
}

interface Where {
  readonly seed: number
  readonly dataDir: string
  readonly authorities: Authorities
}

async function play({ clock, spawn, connect: dial }: VirtualTime, scenario: Scenario, line: Line, where: Where): Promise<Played> {
  const { seed, dataDir, authorities } = where
  const lab = await createMemoryLab({
    world: onLine(builtInWorld(), line),
    clock,
    random: seededRandom(seed),
    authority: authorities.own,
    foreignAuthority: authorities.foreign,
    moreNames: scenario.moves.flatMap(({ offer }) => offer?.endpoints?.map(({ host }) => host) ?? []),
  })
  await lab.add(scenario.card.id, partOnLine(withoutTalkers(scenario.world), line))
  const stage = createStage(lab)
  const relay = spawn('relay')
  const shell = connect(relayControl, relay.port)
  const { offer, certificate } = lab
  const served = await shell.call('relay.start', { dataDir, host: '127.0.0.1', port: 0, certificate, offer })
  lab.setService(() => dial(`127.0.0.1:${served.port}`))
  stage.offered.on((moved) => void shell.call('relay.offer', moved).catch(() => {}))

  const cost = noCost()
  const network = labNetwork({ connect: async () => lab.uplink(), client: ALICE, vantage: scenario.card.vantage, clock })
  const random = seededRandom(seed * 1000 + 1)
  const identity = { handle: ALICE, key: signingKeyFromSeed(random.bytes(32)), device: random.bytes(16) }
  const log = { info: () => {}, warn: () => {} }
  const tuning = { returnHoldMs: TUNING.returnHoldMs }
  const reach = createReach({
    network,
    clock,
    random,
    bundle: served.bundle,
    values: memoryValues(),
    identity,
    cursor: { cursor: () => 0 },
    log,
    tuning,
  })
  const { bundle } = reach
  const diagnosis = createDiagnosis({
    network,
    senses: networkSenses({ network: counted(network, cost), clock, random, bundle }),
    clock,
    random,
    bundle,
    relayAlive: () => reach.link.online,
    clockSkewMs: () => reach.state().clockSkewMs,
    planeCheckMs: TUNING.planeCheckMs,
    transferCheckMs: TUNING.transferCheckMs,
  })
  reach.onObservation(diagnosis.observe)
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve))
  try {
    reach.start()
    diagnosis.start()
    for (let waited = 0; !reach.link.online && waited < CONNECT_MS; waited += 50) await sleep(50)
    const began = clock.monotonic()
    const elapsed = () => clock.monotonic() - began
    const moments: Moment[] = [{ atMs: 0, verdicts: diagnosis.verdicts().map(said) }]
    const off = diagnosis.onVerdicts((all) => {
      const verdicts = all.map(said)
      if (JSON.stringify(verdicts) !== JSON.stringify(moments.at(-1)?.verdicts)) moments.push({ atMs: Math.round(elapsed()), verdicts })
    })
    for (const move of withoutTalking(scenario).moves) {
      await sleep(Math.max(0, move.atMs - elapsed()))
      stage.apply(move, scenario, ALICE, AS_WRITTEN)
    }
    await sleep(Math.max(0, scenario.lastsMs - elapsed()))
    off()
    return { moments, cost: { ...cost } }
  } finally {
    diagnosis.close()
    reach.close()
    network.close()
    await shell.call('relay.stop', {}).catch(() => {})
    relay.kill()
    lab.close()
  }
}

const said = ({ plane, kind, mechanisms, word, place }: Said): Said => ({ plane, kind, mechanisms: [...mechanisms], word, place })

const isTalker = ({ kind }: WorldPart['hosts'][number]) => kind === 'talker'

function withoutTalkers(part: WorldPart): WorldPart {
  return { ...part, hosts: part.hosts.filter((host) => !isTalker(host)) }
}

function withoutTalking(scenario: Scenario): Scenario {
  const talkers = new Set(scenario.world.hosts.filter(isTalker).map(({ id }) => id))
  const speechless = (ids: readonly string[]) => ids.filter((id) => !talkers.has(id))
  return {
    ...scenario,
    moves: scenario.moves.map((move) => ({ ...move, raise: speechless(move.raise), lower: speechless(move.lower) })),
  }
}

function memoryValues() {
  const kept = new Map<string, string>()
  return {
    get: (key: string) => kept.get(key) ?? null,
    set: (key: string, value: string | null) => void (value === null ? kept.delete(key) : kept.set(key, value)),
  }
}
