/** What every command has at hand: how programs are started, when the person wants the end, and folders that go away again. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../shared/util/clock.ts'
import { nodeSpawn, type Spawn } from '../host/child.ts'
import { UsageError } from '../host/usage-error.ts'

export const spawn: Spawn = nodeSpawn(dirname(fileURLToPath(import.meta.url)))
export const clock = systemClock

/** Resolves at Ctrl+C or a polite kill. */
export function untilAsked(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done())
  })
}

/** Runs `use` with an empty folder that is gone afterwards. */
export async function withTemporaryFolder<T>(use: (folder: string) => Promise<T>, parent = tmpdir()): Promise<T> {
  const folder = await mkdtemp(join(parent, 'throughline-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The absolute path of an existing file. */
export async function existingFile(path: string, option: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile) throw new UsageError(`${option}: there is no file "${path}".`)
  return resolve(path)
}
