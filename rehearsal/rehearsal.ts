/**
 * A rehearsal to be led by hand: the lab, the relay and the engines of a few people, all real, under a clock that moves when told to. For
 * tests of what the app does while the network changes. A story is begun by `lab.call('lab.play', …)`, a move of the censor by `lab.censor`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CoreStart } from '../electron/host/engine.ts'
import type { Person } from '../electron/host/lab-run/traffic.ts'
import { memoryFolder } from '../electron/host/memory-folder.ts'
import { type LabClient, type Rehearsal, startRehearsal } from '../electron/host/rehearsal.ts'
import { startUsers, type Users } from '../electron/host/users.ts'
import type { Clock } from '../shared/util/clock.ts'
import { enterVirtualTime } from './virtual-time.ts'

export interface VirtualRehearsalOptions {
  readonly seed: number
  readonly people?: readonly [string, string, ...string[]]
  /** A scenario file of one's own. */
  readonly scenarioFile?: string
  readonly tuning?: NonNullable<CoreStart['tuning']>
  /** Told of what no program expected. */
  readonly onTrouble: (what: string, facts: object) => void
}

export interface VirtualRehearsal {
  readonly clock: Clock
  readonly lab: LabClient
  readonly users: Users
  /** By name, contacts of each other, as the shell speaks with their engines. */
  person(name: string): Person
  /** For clients beside them, as `standAt` and `followLab` take it. */
  readonly rehearsal: Rehearsal
  /** Lets so much time pass, in milliseconds. */
  run(ms: number): Promise<void>
  /** Lets time pass until `work` is done: every call of an engine or the lab wants this. Rejects with `Hung` after five minutes of it. */
  until<T>(work: Promise<T>): Promise<T>
  /** Ends everything in order and removes its files. */
  close(): Promise<void>
}

const LIMITS = { virtualMs: 300_000, cpuMs: 60_000 }

/** Nobody is connected yet when it resolves: that takes time, which passes only by `run` and `until`. One at a time in a process. */
export async function createRehearsal(options: VirtualRehearsalOptions): Promise<VirtualRehearsal> {
  const { seed, people = ['alice', 'bob'], scenarioFile, tuning, onTrouble } = options
  const dataDir = await mkdtemp(join(memoryFolder(), 'throughline-rehearsal-'))
  const { clock, spawn, connect, rest, during, leave } = enterVirtualTime({ seed, startAt: Date.now(), onTrouble })
  const until = <T>(work: Promise<T>) => during(work, LIMITS)
  const end = async () => {
    leave()
    await rm(dataDir, { recursive: true, force: true })
  }
  const start = async () => {
    const rehearsal = await startRehearsal({ spawn, connect, dataDir, seed, ...(scenarioFile !== undefined && { scenarioFile }) })
    const users = await startUsers(people, {
      spawn,
      clock,
      profilesDir: join(dataDir, 'users'),
      bundlePath: rehearsal.bundlePath,
      network: (client) => ({ kind: 'lab', address: rehearsal.labAddress, client, vantage: null }),
      ...(tuning && { tuning }),
    })
    return { rehearsal, users }
  }
  try {
    const { rehearsal, users } = await until(start())
    return {
      clock,
      lab: rehearsal.lab,
      users,
      person(name) {
        const engine = users.engine(name)
        if (!engine) throw new Error(`nobody is called ${name}`)
        return { name, core: engine.core }
      },
      rehearsal,
      run: (ms) => clock.run(ms, rest),
      until,
      async close() {
        try {
          await until(users.stop().then(rehearsal.stop))
        } finally {
          await end()
        }
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}
