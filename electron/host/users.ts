/** The test users of this computer: a practice profile and an engine each, already contacts of each other. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { Handle } from '../../shared/contract/chat.ts'
import { BackendError, type ErrorCode } from '../../shared/contract/errors.ts'
import type { Clock } from '../../shared/util/clock.ts'
import { createEvents } from '../../shared/util/events.ts'
import type { Spawn } from './child.ts'
import { type CoreStart, type Engine, startEngine } from './engine.ts'

export interface UsersOptions {
  readonly spawn: Spawn
  readonly clock: Clock
  /** Holds one folder per user. */
  readonly profilesDir: string
  readonly bundlePath: string
  readonly network: (handle: string) => CoreStart['network']
  readonly tuning?: NonNullable<CoreStart['tuning']>
  /** The account file of the first user, whose passphrase is asked for in the window. */
  readonly account?: string
  /** base64url of 32 bytes that open this user's store; `null`: a practice profile. */
  readonly storeKey?: (handle: string) => Promise<string | null>
  /** How well those keys are kept. */
  readonly keychain?: NonNullable<CoreStart['keychain']>
}

export interface Users {
  list(): readonly { readonly handle: string; readonly engine: Engine }[]
  engine(handle: string): Engine | undefined
  /** `name-taken` if this computer has such a user already. */
  add(handle: string): Promise<Engine>
  /** This user goes on from a new computer: a fresh profile of the same account, the old one put aside. Throws `no-such-contact`. */
  move(handle: string): Promise<void>
  onAdded(listener: (handle: string) => void): () => void
  /** A profile was opened with its passphrase; its card is known now. */
  onOpened(listener: () => void): () => void
  stop(): Promise<void>
}

/** Starts `handles`, who get to know each other, and whoever was added in earlier runs. Nothing is left running if one cannot start. */
export async function startUsers(handles: readonly string[], options: UsersOptions): Promise<Users> {
  await mkdir(options.profilesDir, { recursive: true })
  const engines = new Map<string, Engine>()
  const starting = new Set<string>()
  const added = createEvents<string>()
  const opened = createEvents<void>()

  const dirOf = (handle: string) => join(options.profilesDir, handle)
  const startOf = async (handle: string): Promise<CoreStart> => {
    const profileDir = dirOf(handle)
    await mkdir(profileDir, { recursive: true })
    const storeKey = (await options.storeKey?.(handle)) ?? null
    const { bundlePath, tuning, keychain, account } = options
    const asked: CoreStart = { profileDir, handle, bundlePath, network: options.network(handle), storeKey, keychain, contacts: [] }
    const isBrought = account !== undefined && handle === handles[0]
    return { ...asked, ...(tuning && { tuning }), ...(isBrought && { account: { text: account, passphrase: null } }) }
  }
  const start = async (handle: string): Promise<Engine> => {
    const engine = await startEngine(options.spawn, await startOf(handle), options.clock)
    engine.onOpened(opened.emit)
    return engine
  }
  const stop = async () => {
    await Promise.all([...engines.values()].map((engine) => engine.stop()))
  }

  try {
    const earlier = (await readdir(options.profilesDir)).filter((name) => v.is(Handle, name) && !handles.includes(name))
    // Every start is waited for, so that a failure of one leaves no other half-started behind.
    const everybody = [...handles, ...earlier]
    const results = await Promise.allSettled(everybody.map(start))
    for (const [i, handle] of everybody.entries()) {
      const result = results[i]
      if (result?.status === 'fulfilled') engines.set(handle, result.value)
    }
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    const together = handles.flatMap((handle) => engines.get(handle) ?? [])
    await introduce(together)
    // Whoever has stopped meanwhile is introduced at the next start.
    opened.on(() => void introduce(together).catch(() => {}))
  } catch (error) {
    await stop()
    throw error
  }

  return {
    list: () => [...engines].map(([handle, engine]) => ({ handle, engine })),
    engine: (handle) => engines.get(handle),
    async add(handle) {
      if (engines.has(handle) || starting.has(handle)) throw new BackendError('name-taken')
      starting.add(handle)
      try {
        const engine = await start(handle)
        engines.set(handle, engine)
        added.emit(handle)
        return engine
      } finally {
        starting.delete(handle)
      }
    },
    async move(handle) {
      const engine = engines.get(handle)
      if (!engine) throw new BackendError('no-such-contact')
      const passphrase = randomBytes(24).toString('base64url')
      const { text } = await engine.core.call('account.export', { passphrase })
      await engine.renew(async () => {
        await rename(dirOf(handle), unusedName(`${dirOf(handle)}.old`))
        return { ...(await startOf(handle)), account: { text, passphrase } }
      })
    },
    onAdded: added.on,
    onOpened: opened.on,
    stop,
  }
}

/** Known already, or the screens were locked just now. */
const harmless: readonly ErrorCode[] = ['already-there', 'store-locked']

/** A name no handle has, so that nobody is started from it. */
function unusedName(path: string): string {
  for (let i = 1; ; i++) {
    const name = `${path}-${i}`
    if (!existsSync(name)) return name
  }
}

/** Everybody gets everybody's card, as if they had handed them over in person. Harmless to repeat. */
async function introduce(engines: readonly Engine[]): Promise<void> {
  for (const engine of engines) {
    for (const other of engines) {
      // A locked profile neither takes a card nor shows its own.
      if (other === engine || engine.card === null || other.card === null) continue
      await engine.core.call('contact.add', { card: other.card }).catch((error: unknown) => {
        if (!(error instanceof BackendError && harmless.includes(error.code))) throw error
      })
    }
  }
}
