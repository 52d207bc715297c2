/** The programs of a run, each a process of its own: the lab as shells start it, a plain proxy, and the server behind both. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as v from 'valibot'
import { processPort } from '../../../electron/host/child.ts'
import type { LabClient } from '../../../electron/host/rehearsal.ts'
import { connect } from '../../../shared/contract/port.ts'
import { labControl } from '../../../shared/protocol/processes.ts'
import { bundleEntry } from '../../support/relay-process.ts'
import { FAR, NEAR, scenario } from './world.ts'

const dist = join(import.meta.dirname, '../../../dist')
const Probed = v.object({ probed: v.object({ rss: v.number(), held: v.number(), cpuMs: v.number() }) })
export type Usage = v.InferOutput<typeof Probed>['probed']

export interface Program {
  readonly child: ChildProcess
  /** What the process used until now. `memory`: after everything it no longer needs was let go. */
  usage(what: 'cpu' | 'memory'): Promise<Usage>
  end(): Promise<void>
}

async function start(path: string, args: readonly string[], flags: readonly string[] = []): Promise<Program> {
  const probe = pathToFileURL(await bundleEntry('test/fixtures/usage-probe.ts')).href
  const child = fork(path, [...args], { serialization: 'advanced', stdio: ['pipe', 2, 2, 'ipc'], execArgv: [...flags, '--import', probe] })
  child.setMaxListeners(0)
  return {
    child,
    usage: (what) =>
      new Promise((resolve) => {
        const hear = (message: unknown) => {
          const answer = v.safeParse(Probed, message)
          if (!answer.success) return
          child.off('message', hear)
          resolve(answer.output.probed)
        }
        child.on('message', hear)
        child.stdin?.write(`${what}\n`)
      }),
    async end() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** One that tells the port it listens on once it does. */
async function startListening(...args: readonly string[]): Promise<Program & { readonly port: number }> {
  const program = await start(await bundleEntry('test/fixtures/plain-tcp.ts'), args)
  const [message] = await once(program.child, 'message')
  return { ...program, port: v.parse(v.object({ port: v.number() }), message).port }
}

export interface Programs {
  readonly server: Program & { readonly port: number }
  readonly proxy: Program & { readonly port: number }
  readonly lab: Program & { readonly port: number; readonly control: LabClient }
  end(): Promise<void>
}

/** `profile`: a folder for a CPU profile of the lab's process. */
export async function startPrograms(profile?: string): Promise<Programs> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
  const scenarioFile = join(folder, 'scenario.json')
  await writeFile(scenarioFile, JSON.stringify(scenario))
  const server = await startListening('serve')
  const proxy = await startListening('proxy', String(server.port))
  const lab = await start(join(dist, 'lab.js'), [], profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])
  const control = connect(labControl, processPort(lab.child))
  const maps = [NEAR, FAR].map(({ address, port }) => ({ address, port, host: '127.0.0.1', toPort: server.port }))
  const started = await control.call('lab.start', { host: '127.0.0.1', port: 0, seed: 1, maps, scenarioFile, dataDir: folder })
  return {
    server,
    proxy,
    lab: { ...lab, control, port: Number(new URL(`tcp://${started.lab}`).port) },
    async end() {
      for (const each of [lab, proxy, server]) await each.end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
