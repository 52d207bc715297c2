/** A relay in a process of its own, built from the sources of this moment, with its standard error kept. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { nodeFlags } from '../../electron/host/child.ts'
import { type Client, connect, type Frame, type Port } from '../../shared/contract/port.ts'
import { type Bundle, openBundle } from '../../shared/protocol/bundle.ts'
import { relayControl } from '../../shared/protocol/processes.ts'
import { emptyOffer } from './relay-here.ts'

const root = resolve(import.meta.dirname, '../..')
const built = new Map<string, Promise<string>>()

/** Several files run at once, and each may build the same. */
const worker = process.env.VITEST_POOL_ID ?? 'alone'

/** Bundles one entry as scripts/build.mjs does; once per test file. */
export function bundleEntry(entry: string): Promise<string> {
  const name = entry.replaceAll('/', '-').replace(/\.ts$/, '')
  const outfile = resolve(root, '.cache/test-processes', `${name}-${worker}.js`)
  const options: BuildOptions = {
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
  }
  const building = built.get(entry) ?? build(options).then(() => outfile)
  built.set(entry, building)
  return building
}

function childPort(child: ChildProcess): Port {
  return {
    send: (frame: Frame) => {
      if (child.connected) child.send(frame)
    },
    onFrame: (listener) => void child.on('message', listener),
    onClose: (listener) => void child.on('disconnect', listener),
    close: () => {
      if (child.connected) child.disconnect()
    },
  }
}

export interface RelayProcess {
  readonly child: ChildProcess
  readonly control: Client<typeof relayControl>
  readonly port: number
  readonly bundle: Bundle
  readonly bundlePath: string
  /** What it wrote to standard error so far. */
  stderr(): string
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>
  /** Closes the pipe, as a shell that ends does. */
  close(): Promise<void>
}

export async function startRelayProcess(dataDir: string, entry = 'relay/process.ts', port = 0): Promise<RelayProcess> {
  const child = fork(await bundleEntry(entry), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [...process.execArgv, ...nodeFlags.relay],
  })
  let written = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    written += String(chunk)
  })
  const ended = once(child, 'exit').then(([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? null)
  const control = connect(relayControl, childPort(child))
  const started = await control
    .call('relay.start', { dataDir, host: '127.0.0.1', port, certificate: null, offer: emptyOffer })
    .catch((error: unknown) => {
      child.kill('SIGKILL')
      throw error
    })
  const opened = openBundle(started.bundle, { signers: null, version: 0, now: Date.now() })
  if (!opened.ok) throw new Error(opened.reason)
  return {
    child,
    control,
    port: started.port,
    bundle: opened.bundle,
    bundlePath: started.bundlePath,
    stderr: () => written,
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async close() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
