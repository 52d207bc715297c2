/** An engine for a command: with a profile of its own for as long as the command runs, or with one the person keeps. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BackendError } from '../../shared/contract/errors.ts'
import type { PathState } from '../../shared/contract/path.ts'
import type { Timer } from '../../shared/util/clock.ts'
import { type Engine, startEngine } from '../host/engine.ts'
import { explainBundle } from '../host/refused-bundle.ts'
import { UsageError } from '../host/usage-error.ts'
import { CLI_CLIENT } from './lab-command.ts'
import { meetLab } from './meet-lab.ts'
import { type NetworkFlags, parseNetwork } from './options.ts'
import { clock, existingFile, spawn, untilAsked, withTemporaryFolder } from './parts.ts'

export interface CoreFlags extends NetworkFlags {
  readonly bundle: string
}

export interface ProfileFlags extends CoreFlags {
  readonly profile: string
  readonly handle?: string
}

/** Somebody nobody knows: the relay gets to see a new account, and nothing else. Asked to end before, it fails, and leaves nothing behind. */
export function withPassingEngine<T>(flags: CoreFlags, use: (engine: Engine) => Promise<T>): Promise<T> {
  const asked = untilAsked()
  return withTemporaryFolder(async (folder) => {
    const handle = `probe_${randomBytes(8).toString('hex')}`
    const engine = await open({ ...flags, profile: folder, handle }, CLI_CLIENT)
    const ended = asked.then(() => {
      throw new Error('Ended before it was through.')
    })
    try {
      return await Promise.race([use(engine), ended])
    } finally {
      await engine.stop()
    }
  })
}

/**
 * The passphrase of a profile, from the file that THROUGHLINE_PASSPHRASE_FILE names; `null` where it names none. Never from the
 * arguments: every program on the computer can read those.
 */
export async function passphraseFromFile(env: Readonly<Record<string, string | undefined>> = process.env): Promise<string | null> {
  const path = env.THROUGHLINE_PASSPHRASE_FILE
  if (!path) return null
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError('The file that THROUGHLINE_PASSPHRASE_FILE names cannot be read.')
  })
  return text.replace(/\r?\n$/, '')
}

/** In the lab the profile's user is known by the handle. */
export function openProfile(flags: ProfileFlags): Promise<Engine> {
  return open(flags, flags.handle ?? CLI_CLIENT)
}

async function open(flags: ProfileFlags, client: string): Promise<Engine> {
  const network = parseNetwork(flags, client)
  const bundlePath = await existingFile(flags.bundle, '--bundle')
  if (network.kind === 'lab') await meetLab(network, clock)
  const profileDir = resolve(flags.profile)
  await mkdir(profileDir, { recursive: true, mode: 0o700 })
  const start = { profileDir, handle: flags.handle ?? null, bundlePath, network, storeKey: null, contacts: [] }
  return startEngine(spawn, start, clock).catch((error: unknown) => {
    if (error instanceof BackendError && error.code === 'bad-input') throw new UsageError('A new profile needs a valid --handle.')
    throw explainBundle(error, flags.bundle, 'To begin with this relay, name a new folder with --profile.')
  })
}

/** Resolves with a state that `isEnough` and stayed so for `holdMs`, or with the newest one after `ms`. */
export function watchPath({ core }: Engine, ms: number, isEnough: (path: PathState) => boolean, holdMs = 0): Promise<PathState> {
  return new Promise((resolve, reject) => {
    let newest: PathState | null = null
    let hold: Timer | null = null
    const look = (path: PathState) => {
      newest = path
      if (!isEnough(path)) {
        hold?.cancel()
        hold = null
      } else if (holdMs === 0) end(path)
      else hold ??= clock.after(holdMs, () => end(newest ?? path))
    }
    const off = core.on('path.changed', look)
    const timer = clock.after(ms, () => {
      if (newest) end(newest)
      else core.call('path.get', {}).then(end, reject)
    })
    const end = (path: PathState) => {
      off()
      timer.cancel()
      hold?.cancel()
      resolve(path)
    }
    core.call('path.get', {}).then(look, reject)
  })
}
