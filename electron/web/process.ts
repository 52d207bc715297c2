/** `node dist/web.js start [flags]`: the browser shell as a program. Says on standard output what a person needs, and ends with its starter. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Port } from '../../shared/contract/port.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { nodeSpawn } from '../host/child.ts'
import { watchParent } from '../host/leash.ts'
import { type Shell, startShell } from '../host/shell.ts'
import { parseStartFlags, type StartFlags } from '../host/start-flags.ts'
import { UsageError } from '../host/usage-error.ts'
import { findBrowser, hasDisplay } from './app-window.ts'
import { createWebWindows } from './web-windows.ts'

const distDir = dirname(fileURLToPath(import.meta.url))
const rootDir = dirname(distDir)
/** After this long of orderly ending, end anyway. */
const LONGEST_END_MS = 5000

const say = (line: string) => void process.stdout.write(`${line}\n`)
const complain = (line: string) => void process.stderr.write(`${line}\n`)

async function run(flags: StartFlags): Promise<number> {
  const ended = whenToEnd()
  const dataDir = flags.data === null ? join(rootDir, '.throughline') : resolve(flags.data)
  if (flags.fresh) await rm(dataDir, { recursive: true, force: true })
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const { version } = JSON.parse(await readFile(join(rootDir, 'package.json'), 'utf8'))
  const browser = hasDisplay() ? findBrowser() : null

  let shell: Shell | null = null
  const windows = createWebWindows({
    dataDir,
    pagesDir: join(distDir, 'renderer'),
    random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
    browser,
    join: (handle: string, window: Port) => shell?.join(handle, window) ?? false,
  })
  let reason: string | null = null
  try {
    shell = await startShell({
      kind: 'web',
      build: String(version),
      spawn: nodeSpawn(distDir),
      clock: systemClock,
      dataDir,
      handles: flags.users,
      bundleFile: flags.bundle,
      accountFile: flags.account,
      windows,
      // Codes and call names only: an error's text may quote what a person wrote.
      onBug: (name, error) => complain(`${name} failed: ${error instanceof Error ? error.name : 'error'}`),
    })
    const addresses = await windows.openAll(flags.users)
    for (const line of readyLines(flags.users, addresses)) say(line)
    reason = await Promise.race([ended, windows.allClosed.then(() => null), shell.broken])
  } finally {
    setTimeout(() => process.exit(1), LONGEST_END_MS).unref()
    await windows.close()
    await shell?.stop()
  }
  if (reason !== null) complain(`Ended: ${reason}.`)
  return reason === null ? 0 : 1
}

/** Resolves when the person or whoever started us wants the end. */
function whenToEnd(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(null))
    watchParent(() => resolve(null))
  })
}

function readyLines(handles: readonly string[], addresses: readonly { readonly handle: string; readonly url: string }[]): string[] {
  const title = (handle: string) => handle.charAt(0).toUpperCase() + handle.slice(1)
  if (addresses.length > 0) {
    return [
      'Open each address in a window of its own.',
      ...addresses.map(({ handle, url }) => `${title(handle)}: ${url}`),
      'Ready. Press Ctrl+C to stop; chats are kept.',
    ]
  }
  const [left = '', right = '', ...more] = handles.map(title)
  if (handles.length === 1) return [`Ready. The window is ${left}'s. Close it or press Ctrl+C to stop; chats are kept.`]
  if (more.length > 0)
    return [`Ready. From left to right: ${[left, right, ...more].join(', ')}. Close all or press Ctrl+C to stop; chats are kept.`]
  return [`Ready. ${left} is the left window, ${right} the right. Close both or press Ctrl+C to stop; chats are kept.`]
}

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv
  try {
    if (command !== 'start') throw new UsageError('The browser shell knows one command: start.')
    return await run(parseStartFlags(rest))
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
    return error instanceof UsageError ? 2 : 1
  }
}

process.exit(await main(process.argv.slice(2)))
