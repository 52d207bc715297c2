/**
 * What a shell asks of an engine process before and after its screens speak with it: start with a profile, and stop. Both
 * kinds of calls come over one port; the contract's wait until the engine runs, or fail while its profile is locked.
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { ContactCard } from '../../shared/contract/chat.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import { type Port, serve } from '../../shared/contract/port.ts'
import { type Bundle, MAX_BUNDLE_BYTES } from '../../shared/protocol/bundle.ts'
import { coreControl } from '../../shared/protocol/processes.ts'
import type { Clock } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import { errorFacts, type Log } from './log.ts'
import type { Core, CoreDeps } from './parts.ts'
import type { OpenProfile } from './profile.ts'
import { openDoor, type Running, type StartInput } from './profile-door.ts'
import { splitPort } from './split-port.ts'

/** How this engine gets through: everything between its profile and the world. */
export interface Connections {
  readonly bundle: () => Bundle
  readonly parts: CoreDeps['parts']
  close(): void
}

export interface ControlDeps {
  /** Of this program. */
  readonly version: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly createCore: (deps: CoreDeps) => Core
  /** `bundle` is the file's content, unchecked. Throws `bad-bundle`. */
  readonly connect: (input: StartInput, profile: OpenProfile, bundle: unknown) => Promise<Connections>
}

export interface CoreControl {
  /** Writes everything down and lets go of the profile. Harmless when nothing runs. */
  stop(): Promise<void>
}

export function serveCoreControl(port: Port, { version, clock, random, log, createCore, connect }: ControlDeps): CoreControl {
  const [control, contract] = splitPort(port, 'core.')
  let starting: ReturnType<typeof openDoor> | null = null

  const start = (input: StartInput) => {
    const cards = v.safeParse(v.array(ContactCard), input.contacts)
    if (!cards.success) throw new BackendError('bad-input', 'contacts')
    const bundle = readBundle(input.bundlePath)
    const run = async (profile: OpenProfile, screens: Port): Promise<Running> => {
      let connections: Connections
      try {
        connections = await connect(input, profile, bundle)
      } catch (error) {
        profile.store.close()
        throw error
      }
      const { parts } = connections
      const core = createCore({ ...profile, version, clock, random, log, bundle: connections.bundle, parts })
      for (const card of [...cards.output, ...profile.cards]) await addOnce(core, card)
      core.serve(screens)
      core.start()
      return {
        core,
        async close() {
          await core.close()
          connections.close()
        },
      }
    }
    return openDoor({ port: contract, input, clock, random, log, run })
  }

  const stop = async () => {
    const stopping = starting
    starting = null
    const door = await stopping?.catch(() => null)
    await door?.close()
  }

  serve(
    coreControl,
    control,
    {
      'core.start': async (input) => {
        if (starting) throw new BackendError('already-there', 'this engine has a profile')
        starting = start(input)
        try {
          return { card: (await starting).card() }
        } catch (error) {
          starting = null
          throw error
        }
      },
      'core.stop': async () => {
        await stop()
        return {}
      },
    },
    (name, error) => log.warn('bug in a control call', { name, ...errorFacts(error) }),
  )
  return { stop }
}

/** The people a practice profile starts with; those it has, and itself, are left as they are. */
async function addOnce(core: Core, card: string): Promise<void> {
  try {
    await core.handlers['contact.add']({ card })
  } catch (error) {
    if (!(error instanceof BackendError) || (error.code !== 'already-there' && error.code !== 'own-card')) throw error
  }
}

function readBundle(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new BackendError('bad-bundle', 'cannot be read')
  }
  // The payload's own limit, with room for its escaping and signature.
  if (text.length > 4 * MAX_BUNDLE_BYTES) throw new BackendError('bad-bundle', 'too large')
  try {
    return JSON.parse(text)
  } catch {
    throw new BackendError('bad-bundle', 'no JSON')
  }
}
