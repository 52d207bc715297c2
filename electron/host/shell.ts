/** What every graphical shell is made of: the rehearsal or a real relay, the users with their engines, and the windows joined to them. */
import { join } from 'node:path'
import type { Port } from '../../shared/contract/port.ts'
import type { Clock } from '../../shared/util/clock.ts'
import { createEvents } from '../../shared/util/events.ts'
import { explainAccount, readAccount } from './account-file.ts'
import { type BridgeGroup, createBridgeGroup } from './bridge/group.ts'
import { realPlace, rehearsalPlace } from './bridge/place.ts'
import { relayAddresses } from './bridge/relay-addresses.ts'
import type { Spawn } from './child.ts'
import type { CoreStart } from './engine.ts'
import { followLab } from './follow-lab.ts'
import type { LabGroup } from './lab-group.ts'
import { readBundle } from './read-bundle.ts'
import { explainBundle } from './refused-bundle.ts'
import { type Rehearsal, startRehearsal } from './rehearsal.ts'
import { startUsers, type Users } from './users.ts'
import { createUsersGroup, type Windows } from './users-group.ts'
import { type EventFrame, type Hello, joinWindow } from './window-session.ts'

export interface ShellOptions {
  readonly kind: Hello['shell']
  readonly build: string
  readonly spawn: Spawn
  readonly clock: Clock
  readonly dataDir: string
  readonly handles: readonly string[]
  /** A real relay's bundle; `null` for a rehearsal on this computer. */
  readonly bundleFile: string | null
  /** An account that comes from another computer, for the first of `handles`. */
  readonly accountFile: string | null
  readonly windows: Windows
  /** Offers an https address to the user's browser, after asking; absent where the page does that itself. */
  readonly openExternal?: (url: string) => Promise<void>
  readonly storeKey?: (handle: string) => Promise<string | null>
  /** How well the keychain keeps those keys. */
  readonly keychain?: 'protected' | 'weak'
  /** Leaves a user's window out of screenshots, or lets it in again; absent where the system cannot. */
  readonly guardCapture?: (handle: string, on: boolean) => void
  readonly onBug: (name: string, error: unknown) => void
}

export interface Shell {
  readonly users: Users
  /** Serves a window of `handle` until it closes. False if there is no such user. */
  join(handle: string, window: Port): boolean
  /** Resolves, with the reason, when a process that everything rests on is gone. */
  readonly broken: Promise<string>
  stop(): Promise<void>
}

/** In a rehearsal the plain path need hold less long before the app returns to it, and the quiet planes are looked at more often. */
const REHEARSAL_TUNING = { returnHoldMs: 20_000, planeCheckMs: 3000, transferCheckMs: 6000 }

const TO_BEGIN = 'To begin with this relay, name a new folder with --data, or add --fresh, which forgets all chats of the usual folder.'

/** Rejects if anything cannot start, with `UsageError` where the bundle is at fault; nothing is left running then. */
export async function startShell(options: ShellOptions): Promise<Shell> {
  const { spawn, clock, dataDir, bundleFile, accountFile } = options
  const account = accountFile === null ? null : await readAccount(accountFile)
  const rehearsal = bundleFile === null ? await startRehearsal({ spawn, dataDir: join(dataDir, 'rehearsal') }) : null
  try {
    const users = await startUsers(options.handles, {
      spawn,
      clock,
      // Profiles of a rehearsal know another relay than those of the real one: they never mix.
      profilesDir: join(dataDir, rehearsal ? 'users' : 'profiles'),
      bundlePath: rehearsal?.bundlePath ?? bundleFile ?? '',
      network: (client): CoreStart['network'] =>
        rehearsal ? { kind: 'lab', address: rehearsal.labAddress, client, vantage: null } : { kind: 'system' },
      ...(rehearsal && { tuning: REHEARSAL_TUNING }),
      ...(options.storeKey && { storeKey: options.storeKey }),
      ...(options.keychain && { keychain: options.keychain }),
      ...(account !== null && { account }),
    })
    const lab = rehearsal && (await followLab(rehearsal, users, clock))
    const bridges = createBridgeGroup({
      spawn,
      dataDir: rehearsal ? join(dataDir, 'rehearsal', 'bridges') : join(dataDir, 'bridges'),
      place: rehearsal ? rehearsalPlace(rehearsal.lab, rehearsal.labAddress) : realPlace(),
      relay: async () => relayAddresses(await readBundle(rehearsal?.bundlePath ?? bundleFile ?? '', clock)),
    })
    return assemble(options, users, rehearsal, lab, bridges)
  } catch (error) {
    await rehearsal?.stop()
    const explained = accountFile === null ? error : explainAccount(error, accountFile)
    throw bundleFile === null ? explained : explainBundle(explained, bundleFile, TO_BEGIN)
  }
}

function assemble(options: ShellOptions, users: Users, rehearsal: Rehearsal | null, lab: LabGroup | null, bridges: BridgeGroup): Shell {
  const hostEvents = createEvents<EventFrame>()
  const emit = (name: string, payload: unknown) => hostEvents.emit({ t: 'event', name, payload })
  const usersGroup = createUsersGroup(users, options.windows, rehearsal !== null)
  usersGroup.onChanged((list) => emit('users.changed', list))
  let told = lab?.state().scenarios
  lab?.onChanged(({ scenarios, ...now }) => {
    emit('lab.changed', scenarios === told ? now : { ...now, scenarios })
    told = scenarios
  })
  lab?.onMoved((beads) => emit('lab.moved', beads))

  return {
    users,
    join(handle, window) {
      const engine = users.engine(handle)
      if (!engine) return false
      const { kind, build, openExternal, guardCapture, onBug } = options
      const groups: Hello['groups'] = [
        'users',
        'bridge',
        ...(lab ? (['lab'] as const) : []),
        ...(openExternal ? (['openExternal'] as const) : []),
        ...(guardCapture ? (['captureGuard'] as const) : []),
      ]
      const { greet } = joinWindow({
        window,
        engine: engine.open(),
        host: {
          ...usersGroup.handlers,
          ...bridges.handlers(handle),
          ...lab?.handlers(handle),
          ...(guardCapture && {
            'host.guardCapture': async ({ on }) => {
              guardCapture(handle, on)
              return {}
            },
          }),
          ...(openExternal && { 'host.openExternal': async ({ url }) => openExternal(url).then(() => ({})) }),
        },
        onHostEvent(listener) {
          const undo = [
            hostEvents.on(listener),
            bridges.onChanged(handle, (payload) => listener({ t: 'event', name: 'bridge.changed', payload })),
          ]
          return () => {
            for (const off of undo) off()
          }
        },
        hello: { build, shell: kind, groups, user: handle },
        onBug,
      })
      window.onClose(engine.onRestarted(greet))
      // A page that is loaded anew shows nothing secret yet.
      if (guardCapture) window.onClose(() => guardCapture(handle, false))
      return true
    },
    broken: rehearsal?.broken ?? new Promise(() => {}),
    async stop() {
      lab?.close()
      await bridges.stop()
      await users.stop()
      await rehearsal?.stop()
    },
  }
}
