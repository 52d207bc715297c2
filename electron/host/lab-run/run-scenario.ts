/** Plays one scenario with everything real but the internet: relay, lab, two engines, a plain client, an unsuspecting visitor. */
import { writeFile } from 'node:fs/promises'
import type { PathState } from '../../../shared/contract/path.ts'
import type { Output } from '../../../shared/contract/port.ts'
import type { labControl, Tampering } from '../../../shared/protocol/processes.ts'
import type { RunCheck, RunReport } from '../../../shared/protocol/run-report.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Spawn } from '../child.ts'
import type { Connect } from '../connect-tcp.ts'
import { followLab, standAt } from '../follow-lab.ts'
import type { LabGroup } from '../lab-group.ts'
import { type Rehearsal, startRehearsal } from '../rehearsal.ts'
import { startUsers, type Users } from '../users.ts'
import { BYSTANDER, startLinkStory } from './link-story.ts'
import { type Person, startTraffic } from './traffic.ts'
import { judgeSteps, type Sample } from './verdict-watch.ts'

export interface RunOptions {
  readonly scenario: string
  readonly seed: number
  readonly tampering: Tampering | null
  readonly spawn: Spawn
  /** How the gateway is reached; without it by TCP. */
  readonly connect?: Connect
  readonly dataDir: string
  readonly clock: Clock
  /** Files to write what happened to: events as JSON lines, packets as a capture file. Absent: not written. */
  readonly events?: string | undefined
  readonly pcap?: string | undefined
  /** Told in words what could not be kept. */
  readonly onLeftOut?: (sentence: string) => void
}

const NAMES = ['alice', 'bob'] as const
const CONNECT_MS = 20_000
const MESSAGES_EACH = 110
/** A scenario that has not finished this long after its own time has hung. */
const OVERTIME_MS = 30_000
/** What was written last may need one more race to arrive. */
const PATIENCE_MS = 30_000

/** Rejects with `no-such-scenario` if the lab has none of this name. */
export async function runScenario(options: RunOptions): Promise<RunReport> {
  const { spawn, connect, dataDir, seed, clock } = options
  const rehearsal = await startRehearsal({ spawn, dataDir, seed, ...(connect && { connect }) })
  try {
    const expected = await rehearsal.lab.call('lab.expectations', { scenario: options.scenario })
    if (options.pcap !== undefined) await rehearsal.lab.call('lab.capture', { on: true })
    if (options.tampering) await rehearsal.lab.call('lab.tamper', options.tampering)
    const users = await startUsers(NAMES, {
      spawn,
      clock,
      profilesDir: `${dataDir}/users`,
      bundlePath: rehearsal.bundlePath,
      network: (client) => ({ kind: 'lab', address: rehearsal.labAddress, client, vantage: null }),
      tuning: { planeCheckMs: 2000, transferCheckMs: 2000, returnHoldMs: 60_000 },
    })
    try {
      const lab = await followLab(rehearsal, users, clock)
      try {
        return await play(options, expected, rehearsal, users, lab)
      } finally {
        lab.close()
      }
    } finally {
      await users.stop()
    }
  } finally {
    await rehearsal.stop()
  }
}

type Expected = Output<typeof labControl, 'lab.expectations'>

async function play(options: RunOptions, expected: Expected, rehearsal: Rehearsal, users: Users, lab: LabGroup): Promise<RunReport> {
  const { clock, scenario, seed } = options
  const [alice, bob] = [personOf(users, 'alice'), personOf(users, 'bob')]
  const connectMs = await untilConnected(alice, clock)
  await untilConnected(bob, clock)

  const fallen = new Map<string, { name: string; what: string; cloud: string }>()
  const samples: (Omit<Sample, 'atMs'> & { at: number })[] = []
  const watch = (person: Person, vantage: string) => {
    const sample = (path: PathState) => samples.push({ at: clock.now(), vantage, verdicts: path.verdicts })
    return person.core.on('path.changed', sample)
  }
  for (const [person, vantage] of [
    [alice, expected.vantage],
    [bob, expected.elsewhere],
  ] as const) {
    samples.push({ at: 0, vantage, verdicts: (await person.core.call('path.get', {})).verdicts })
  }
  const undo = [
    watch(alice, expected.vantage),
    watch(bob, expected.elsewhere),
    lab.onChanged((state) => {
      for (const { name, what, cloud, up } of state.collateral) if (!up) fallen.set(name, { name, what, cloud })
    }),
  ]
  const visitorNetwork = standAt(rehearsal, BYSTANDER, expected.vantage, clock)
  const ended = new AbortController()
  try {
    const traffic = startTraffic([alice, bob], Math.min(200, Math.max(40, expected.lastsMs / MESSAGES_EACH)), clock)
    await rehearsal.lab.call('lab.play', { scenario, client: alice.name })
    const { tracker, running } = await rehearsal.lab.call('lab.state', {})
    const story = tracker && (await startLinkStory({ reader: alice, writer: bob, network: visitorNetwork, lab: lab.state, clock }))
    const told = story?.play(ended.signal)
    await untilFinished(lab, expected.lastsMs + OVERTIME_MS, clock)
    ended.abort()
    await told
    const plain = lab.state().plain
    const startedAt = running?.startedAt ?? 0
    const delivery = await traffic.finish(PATIENCE_MS)
    const truth = await rehearsal.lab.call('lab.truth', {})
    const links = story?.checks() ?? []
    await saveRun(options, rehearsal)
    const { route } = await alice.core.call('path.get', {})
    return {
      scenario,
      seed,
      truth: together([...truth.checks, ...(story ? [story.bystander()] : [])]),
      delivery: { ...delivery, ok: delivery.ok && links.every((check) => check.ok), links },
      verdicts: judgeSteps(
        expected.verdicts,
        samples.map(({ at, ...sample }) => ({ ...sample, atMs: at - startedAt })),
      ),
      moves: lab.state().moves.map(({ atMs, side, text, effect }) => ({ at: atMs, side, move: text, effect: effect ?? '' })),
      path: route?.recipe ?? null,
      connectMs,
      plain: { connected: plain?.state === 'connected', ms: plain?.sinceMs ?? 0 },
      collateral: [...fallen.values()],
    }
  } finally {
    ended.abort()
    visitorNetwork.close()
    for (const off of undo) off()
  }
}

function together(checks: RunCheck[]): RunReport['truth'] {
  return { ok: checks.every((check) => check.ok), checks }
}

async function saveRun({ events, pcap, onLeftOut }: RunOptions, { lab }: Rehearsal): Promise<void> {
  if (events !== undefined) {
    const { text, leftOut } = await lab.call('lab.events', {})
    await writeFile(events, text)
    if (leftOut > 0) onLeftOut?.(`${events}: ${leftOut} packets more than it holds are not in it.`)
  }
  if (pcap !== undefined) {
    const { file, leftOut } = await lab.call('lab.packets', {})
    await writeFile(pcap, file)
    if (leftOut.full > 0) onLeftOut?.(`${pcap}: ${leftOut.full} packets more than it holds are not in it.`)
    if (leftOut.foreign > 0) onLeftOut?.(`${pcap}: ${leftOut.foreign} packets to or from other than simulated addresses are not in it.`)
  }
}

function personOf(users: Users, name: string): Person {
  const engine = users.engine(name)
  if (!engine) throw new Error(`${name} did not start`)
  return { name, core: engine.core }
}

/** Resolves with how long the race took. */
function untilConnected({ name, core }: Person, clock: Clock): Promise<number> {
  return new Promise((resolve, reject) => {
    const look = (path: PathState) => {
      if (path.status !== 'connected' || !path.route) return
      end()
      resolve(Math.round(path.route.connectMs))
    }
    const off = core.on('path.changed', look)
    const timer = clock.after(CONNECT_MS, () => {
      end()
      reject(new Error(`${name} did not connect before the scenario began`))
    })
    const end = () => {
      off()
      timer.cancel()
    }
    core.call('path.get', {}).then(look, reject)
  })
}

function untilFinished(lab: LabGroup, patienceMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = lab.onChanged((state) => {
      if (!state.running?.finished) return
      end()
      resolve()
    })
    const timer = clock.after(patienceMs, () => {
      end()
      reject(new Error('the scenario did not finish in its time'))
    })
    const end = () => {
      off()
      timer.cancel()
    }
  })
}
