/** A program with everything it starts: what it says, and whether any of its family is left. Knows nothing of windows. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The machine may be busy: this long for what takes a second or two on a quiet one. */
export const PATIENCE_MS = 60_000

export interface Program {
  readonly pid: number
  /** Standard output and error as they came. */
  said(): string
  /** Resolves once it has said so; rejects with all it said if it ends first. */
  says(words: RegExp): Promise<void>
  signal(name: NodeJS.Signals): void
  /** Itself and all that it and they have started, those still alive. */
  family(): readonly number[]
  readonly ended: Promise<number | null>
}

/** `env`: what differs from ours; undefined takes a variable away. */
export function startProgram([file = '', ...args]: readonly string[], env: Readonly<Record<string, string | undefined>>): Program {
  const child: ChildProcess = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const { pid } = child
  if (pid === undefined) throw new Error(`${file} cannot be started`)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const known = new Set([pid])
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  return {
    pid,
    said: () => said,
    async says(words) {
      await new Promise<void>((resolve, reject) => {
        const fail = (why: string) => reject(new Error(`${why} and had said:\n${said}`))
        const tooLate = setTimeout(() => fail(`It was not said within ${2 * PATIENCE_MS} ms`), 2 * PATIENCE_MS)
        const look = () => {
          if (!words.test(said)) return
          clearTimeout(tooLate)
          resolve()
        }
        for (const stream of [child.stdout, child.stderr]) stream?.on('data', look)
        void ended.then((code) => {
          clearTimeout(tooLate)
          fail(`It ended with code ${code}`)
        })
        look()
      })
    },
    signal: (name) => void child.kill(name),
    family() {
      const alive = processes()
      // Whoever lost its parent belongs to another one now: those seen before stay known.
      for (let before = -1; before !== known.size; ) {
        before = known.size
        for (const [child, parent] of alive) if (known.has(parent)) known.add(child)
      }
      return [...known].filter((one) => alive.has(one))
    },
    ended,
  }
}

/** Every process of this computer that is not a mere leftover entry, with its parent. */
function processes(): ReadonlyMap<number, number> {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n')
  return new Map(
    lines.flatMap((line): [number, number][] => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/)
      return state.startsWith('Z') ? [] : [[Number(pid), Number(parent)]]
    }),
  )
}
