/** A whole engine over real sockets to a relay on loopback, with an encrypted store of its own. */
import { join } from 'node:path'
import { cursorSource } from '../../electron/core/chats/stream.ts'
import { createCore } from '../../electron/core/index.ts'
import { systemNetwork } from '../../electron/core/net/system-network.ts'
import type { Core } from '../../electron/core/parts.ts'
import { openProfile } from '../../electron/core/profile.ts'
import { createReach } from '../../electron/core/reach/reach.ts'
import type { RelayLink } from '../../electron/core/reach/relay-link.ts'
import { systemRandom } from '../../electron/core/system-random.ts'
import type { SignedBundle } from '../../shared/protocol/bundle.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { partsOver } from '../unit/chats/profile.ts'

const clock = systemClock
const random = systemRandom
/** A computer with nothing but itself: no resolver is ever asked. */
const readFacts = () => ({ id: 'loopback', up: true, gateway: null, resolvers: [], v6: false })

export interface RealCore {
  readonly core: Core
  end(): Promise<void>
}

export interface RealCoreOptions {
  /** Where profiles lie. */
  readonly folder: string
  readonly handle: string
  readonly bundle: SignedBundle
  /** Sees what goes to the relay inside TLS, as text. */
  readonly tap?: (sent: string) => void
}

export function startRealCore({ folder, handle, bundle, tap }: RealCoreOptions): RealCore {
  const profile = openProfile({ profileDir: join(folder, handle), handle, storeKey: null }, random)
  const { store, identity } = profile
  const log = { info() {}, warn() {} }
  const network = systemNetwork({ clock, readFacts })
  const reach = createReach({ network, clock, random, bundle, values: store.values, identity, cursor: cursorSource(store.values), log })
  const link: RelayLink = Object.create(reach.link, {
    request: {
      value: (...[name, input, signal]: Parameters<RelayLink['request']>) => {
        tap?.(JSON.stringify([name, input]))
        return reach.link.request(name, input, signal)
      },
    },
  })
  const parts = partsOver(reach.link)
  const core = createCore({
    ...profile,
    version: '0.0.0',
    clock,
    random,
    log,
    bundle: reach.bundle,
    parts: { ...parts, reach: { ...reach, link } },
  })
  core.start()
  return {
    core,
    async end() {
      await core.close()
      network.close()
    },
  }
}
