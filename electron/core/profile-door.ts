/**
 * The door of a profile: opens it, with a passphrase where one is set, and takes the screens away again when asked or after a
 * time without input. A door that is shut while the engine runs keeps the screens out; the store stays open and goes on receiving.
 */
import { contract, type DoorHandlers } from '../../shared/contract/api.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import { type Parsed, type Port, serve } from '../../shared/contract/port.ts'
import type { Profile } from '../../shared/contract/profile.ts'
import type { coreControl } from '../../shared/protocol/processes.ts'
import type { Clock } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import { createAutoLock } from './auto-lock.ts'
import { lockedPort } from './locked-port.ts'
import { errorFacts, type Log } from './log.ts'
import type { Core } from './parts.ts'
import { NEEDS_ACCOUNT_PASSPHRASE, NEEDS_PASSPHRASE, type OpenProfile, openProfile, vaultOf } from './profile.ts'
import { splitPort } from './split-port.ts'

export type StartInput = Parsed<typeof coreControl, 'core.start'>

/** What runs once the profile is open. */
export interface Running {
  readonly core: Core
  close(): Promise<void>
}

export interface DoorDeps {
  /** Everything that is not for the control of the process. */
  readonly port: Port
  readonly input: StartInput
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Starts the engine of the open profile and lets it speak on `screens`. */
  readonly run: (profile: OpenProfile, screens: Port) => Promise<Running>
}

export interface Door {
  /** `null` until the profile was opened. */
  card(): string | null
  /** Ends what runs. */
  close(): Promise<void>
}

/** Resolves with the engine running, or waiting for a passphrase. Throws what `openProfile` and `run` throw, but for a missing passphrase. */
export async function openDoor({ port, input, clock, random, log, run }: DoorDeps): Promise<Door> {
  const [own, contractPort] = splitPort(port, 'profile.')
  const vault = vaultOf(input, random)
  let shut = true
  /** It is not the store that is locked, but the account that is brought. */
  let bringing = false
  let running: (Running & Pick<OpenProfile, 'store'>) | null = null
  const screens = lockedPort(contractPort, () => shut)
  const autoLock = createAutoLock(clock, () => lock())

  const profile = (): Profile => ({ locked: shut, bringing, passphrase: vault.hasPassphrase(), keeper: keeperOf(input) })
  const tell = () => {
    own.send({ t: 'event', name: 'profile.changed', payload: profile() })
    return profile()
  }
  const lock = () => {
    if (shut || !running || !vault.hasPassphrase()) return
    shut = true
    tell()
  }
  const begin = async (opened: OpenProfile) => {
    shut = false
    bringing = false
    try {
      running = { ...(await run(opened, screens)), store: opened.store }
    } catch (error) {
      shut = true
      throw error
    }
    const { core } = running
    core.onEvent(({ name, payload }) => {
      if (name === 'settings.changed') autoLock.setMinutes(payload.autoLock)
    })
    autoLock.setMinutes((await core.handlers['settings.get']({})).autoLock)
  }
  const unlock = async (passphrase: string) => {
    if (!shut) return profile()
    if (running) vault.check(passphrase)
    else if (bringing && input.account) {
      await begin(openProfile({ ...input, account: { ...input.account, passphrase } }, random, null, vault))
    } else await begin(openProfile(input, random, passphrase, vault))
    shut = false
    autoLock.active()
    return tell()
  }
  /** One after the other: two tries at once would open the store twice. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work)
    last = mine.catch(() => {})
    return mine
  }

  const handlers: DoorHandlers = {
    'profile.get': async () => profile(),
    'profile.unlock': ({ passphrase }) => inTurn(() => unlock(passphrase)),
    'profile.lock': async () => {
      if (!vault.hasPassphrase()) throw new BackendError('refused', 'no passphrase is set')
      lock()
      return profile()
    },
    'profile.active': async () => {
      if (!shut) autoLock.active()
      return {}
    },
    'profile.setPassphrase': ({ current, next }) =>
      inTurn(async () => {
        if (shut || !running) throw new BackendError('store-locked')
        vault.setPassphrase(running.store, current, next)
        return tell()
      }),
  }

  try {
    await begin(openProfile(input, random, null, vault))
  } catch (error) {
    if (!(error instanceof BackendError && waitedFor.includes(error.detail))) throw error
    bringing = error.detail === NEEDS_ACCOUNT_PASSPHRASE
    // Nobody is behind the door yet; what is asked meanwhile is refused rather than kept waiting.
    screens.onFrame(() => {})
  }
  serve(contract, own, handlers, (name, error) => log.warn('bug in a call', { name, ...errorFacts(error) }))

  return {
    card: () => running?.core.card ?? null,
    async close() {
      autoLock.stop()
      await last
      const was = running
      running = null
      await was?.close()
    },
  }
}

const waitedFor = [NEEDS_PASSPHRASE, NEEDS_ACCOUNT_PASSPHRASE]

function keeperOf({ storeKey, keychain }: StartInput): Profile['keeper'] {
  if (storeKey === null) return 'file'
  return keychain === 'weak' ? 'weak-keychain' : 'keychain'
}
