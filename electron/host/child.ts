/** Starting the built programs (`dist/{relay,lab,core,rehearsal,bridge}.js`) as child processes that speak frames. Says nothing about what they do. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Port } from '../../shared/contract/port.ts'

export type Program = 'relay' | 'lab' | 'core' | 'rehearsal' | 'bridge'

/** One running program. Closing its port is the order to end. */
export interface Child {
  readonly port: Port
  /** Resolves when the process is gone, however it ended. */
  readonly ended: Promise<void>
  /** Ends it at once, without its leave. */
  kill(): void
}

/** How a shell starts a program: Node's fork here, a utility process in Electron, a memory pair in tests. */
export type Spawn = (program: Program) => Child

const GRACE_MS = 3000

/**
 * What Node is told when it runs a program. A relay under load has thousands of messages under way, which the default nursery
 * copies again and again: this size saves a sixth of all its work.
 */
export const nodeFlags: Readonly<Record<Program, readonly string[]>> = {
  relay: ['--max-semi-space-size=32'],
  lab: [],
  core: [],
  bridge: [],
  rehearsal: ['--max-semi-space-size=32', '--disable-warning=ExperimentalWarning'],
}

/**
 * What a program finds in its environment besides. With one thread for files and keys, what several people in a rehearsal ask of the
 * system at once comes back in the order in which they asked, also on a busy machine: one seed, one record.
 */
const nodeEnvironment: Partial<Readonly<Record<Program, NodeJS.ProcessEnv>>> = { rehearsal: { UV_THREADPOOL_SIZE: '1' } }

/**
 * Programs as Node child processes. They stand in a process group of their own, so that Ctrl+C in a terminal reaches the
 * shell alone, which then ends them in order; if the shell is killed, their pipe closes and they end by themselves.
 */
export function nodeSpawn(distDir: string): Spawn {
  return (program) => {
    const child = fork(join(distDir, `${program}.js`), [], {
      serialization: 'advanced',
      // Standard output belongs to the shell's own answers (JSON lines of the command line).
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: [...nodeFlags[program]],
      env: { ...process.env, ...nodeEnvironment[program] },
      detached: process.platform !== 'win32',
    })
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    return { port: processPort(child), ended, kill: () => void child.kill('SIGKILL') }
  }
}

/** The shell's end of a child's IPC channel. */
export function processPort(child: ChildProcess): Port {
  const onClose: (() => void)[] = []
  let closed = false
  const close = () => {
    if (closed) return
    closed = true
    for (const listener of onClose) listener()
  }
  child.once('disconnect', close)
  child.once('exit', close)
  // A failed spawn or a write after the other end went: the same news as a closed pipe.
  child.on('error', close)
  return {
    send: (frame) => {
      if (!closed && child.connected) child.send(frame, () => {})
    },
    onFrame: (listener) =>
      void child.on('message', (raw) => {
        if (!closed) listener(raw)
      }),
    onClose: (listener) => void onClose.push(listener),
    close: () => {
      if (child.connected) child.disconnect()
      close()
    },
  }
}

/** Closes the pipe and waits; whoever has not ended after three seconds is killed. */
export async function endChild(child: Child): Promise<void> {
  child.port.close()
  const timer = setTimeout(() => child.kill(), GRACE_MS)
  await child.ended
  clearTimeout(timer)
}
