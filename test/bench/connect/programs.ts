/** What is measured, each in a process of its own that was loaded beforehand: our engine as built, and the plain client. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { type Child, endChild, processPort, type Spawn } from '../../../electron/host/child.ts'
import type { CoreStart } from '../../../electron/host/engine.ts'
import { calls, events } from '../../../shared/contract/api.ts'
import type { Attempt, PathState } from '../../../shared/contract/path.ts'
import { type Client, connect } from '../../../shared/contract/port.ts'
import { coreControl } from '../../../shared/protocol/processes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { PlainAnswer, type PlainJob } from '../../fixtures/plain-connect.ts'
import { bundleEntry } from '../../support/relay-process.ts'

const engineApi = { calls: { ...calls, ...coreControl.calls }, events } as const
const root = join(import.meta.dirname, '../../..')

/** The built programs as a shell starts them; what they log goes beside the results, not among the figures. */
export const spawn: Spawn = (program) => {
  mkdirSync(join(root, 'bench-results'), { recursive: true })
  const log = openSync(join(root, 'bench-results/connect.log'), 'a')
  const path = join(root, 'dist', `${program}.js`)
  const child = fork(path, [], { serialization: 'advanced', stdio: ['ignore', log, log, 'ipc'], execArgv: [] })
  closeSync(log)
  const ended = once(child, 'exit').then(() => {})
  return { port: processPort(child), ended, kill: () => void child.kill('SIGKILL') }
}

export interface Connected {
  /** From the start of the race until the relay had proven itself. */
  readonly ms: number
  readonly attempt: Attempt
}

export interface EngineProgram {
  /** `null` when it did not get through in time. */
  connect(start: CoreStart, limitMs: number): Promise<Connected | null>
  /** Stays connected until the way is remembered for this network, and ends in order. Rejects when that takes too long. */
  learn(start: CoreStart, limitMs: number): Promise<void>
  /** At once: nothing it might still do disturbs the next run. */
  kill(): Promise<void>
}

export async function loadEngine(): Promise<EngineProgram> {
  const child = spawn('core')
  const core = connect(engineApi, child.port)
  // Harmless before it was started, and answered once everything is loaded.
  await core.call('core.stop', {})
  return {
    async connect(start, limitMs) {
      const path = until(core, ({ status }) => status === 'connected', limitMs)
      await core.call('core.start', start)
      return connected(await path)
    },
    async learn(start, limitMs) {
      const path = until(core, ({ network }) => network.known, limitMs)
      await core.call('core.start', start)
      if (!(await path)) throw new Error('no way was remembered in time')
      await core.call('core.stop', {})
      await endChild(child)
    },
    kill: () => kill(child),
  }
}

function kill(child: Child): Promise<void> {
  child.kill()
  return child.ended
}

function connected(path: PathState | null): Connected | null {
  const attempt = path?.attempts.find(({ outcome }) => outcome === 'won')
  return path?.route && attempt ? { ms: path.route.connectMs, attempt } : null
}

function until(core: Client<typeof engineApi>, isEnough: (path: PathState) => boolean, ms: number): Promise<PathState | null> {
  return new Promise((resolve) => {
    const end = (path: PathState | null) => {
      undo()
      timer.cancel()
      resolve(path)
    }
    const undo = core.on('path.changed', (path) => {
      if (isEnough(path)) end(path)
    })
    const timer = systemClock.after(ms, () => end(null))
  })
}

/** A copy of what an engine left behind, so that every run on a known network begins alike. */
export function copyProfile(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true })
}

export interface PlainProgram {
  /** Ms, or `null` when it did not get through in time. Several may run at once. */
  connect(job: PlainJob): Promise<number | null>
  kill(): Promise<void>
}

export async function loadPlain(): Promise<PlainProgram> {
  const child = fork(await bundleEntry('test/fixtures/plain-connect.ts'), [], { execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] })
  const ended = once(child, 'exit')
  const waiting = new Map<number, (ms: number | null) => void>()
  await once(child, 'message')
  child.on('message', (raw) => {
    const { id, ms } = v.parse(PlainAnswer, raw)
    waiting.get(id)?.(ms)
    waiting.delete(id)
  })
  let ids = 0
  return {
    connect(job) {
      const id = ++ids
      return new Promise((resolve) => {
        waiting.set(id, resolve)
        child.send({ id, ...job })
      })
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
