/** The host group `bridge`: for each user of this computer at most one bridge, a process that ends with the app. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contract } from '../../../shared/contract/api.ts'
import { type BridgeCounts, type BridgeState, type BridgeWish, bridgeFaults, usualLimits } from '../../../shared/contract/bridge.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import { type Client, connect, type Handlers } from '../../../shared/contract/port.ts'
import { bridgeLink } from '../../../shared/protocol/bridge-link.ts'
import { bridgeControl } from '../../../shared/protocol/processes.ts'
import { createEvents } from '../../../shared/util/events.ts'
import type { SocketAddress } from '../../core/net/network.ts'
import { type Child, endChild, type Spawn } from '../child.ts'
import type { BridgePlace } from './place.ts'

type BridgeCalls = 'bridge.get' | 'bridge.start' | 'bridge.stop'

export interface BridgeGroupOptions {
  readonly spawn: Spawn
  /** Holds one folder per user: what makes the link the same as last time, and what the month has cost. */
  readonly dataDir: string
  readonly place: BridgePlace
  /** The only addresses a bridge leads to. */
  readonly relay: () => Promise<readonly SocketAddress[]>
}

export interface BridgeGroup {
  /** What `user`'s window may ask. */
  handlers(user: string): Handlers<Contract, BridgeCalls>
  onChanged(user: string, listener: (state: BridgeState) => void): () => void
  stop(): Promise<void>
}

interface Running {
  readonly child: Child
  readonly control: Client<typeof bridgeControl>
  readonly wish: BridgeWish
  readonly secret: { readonly port: number; readonly path: string; readonly pin: string } | null
}

const nothing: BridgeCounts = { now: 0, served: 0, turnedAway: 0, bytes: 0, bytesThisMonth: 0 }
const off: BridgeState = { state: 'off', fault: null, link: null, reach: null, limits: usualLimits, counts: nothing }

export function createBridgeGroup({ spawn, dataDir, place, relay }: BridgeGroupOptions): BridgeGroup {
  const states = new Map<string, BridgeState>()
  const running = new Map<string, Running>()
  const changed = createEvents<string>()
  const stateOf = (user: string) => states.get(user) ?? off
  const tell = (user: string, change: Partial<BridgeState>): BridgeState => {
    const next = { ...stateOf(user), ...change }
    states.set(user, next)
    changed.emit(user)
    return next
  }
  const isOff = { state: 'off', link: null, reach: null } as const

  /** The link as it is now; a computer that moves is found elsewhere. */
  const show = async (user: string, { wish, secret }: Running): Promise<Partial<BridgeState> | null> => {
    const found = secret && (await place.open(user, secret.port, wish))
    if (!found) return null
    const { address, port, reach } = found
    return { state: 'on', fault: null, link: bridgeLink({ address, port, path: secret.path, pin: secret.pin, host: null }), reach }
  }
  const end = async (user: string) => {
    const ending = running.get(user)
    running.delete(user)
    if (!ending) return
    await place.close(user, ending.wish.port).catch(() => {})
    await ending.control.call('bridge.stop', {}).catch(() => {})
    await endChild(ending.child)
  }
  const start = async (user: string, wish: BridgeWish): Promise<BridgeState> => {
    if (running.has(user)) throw new BackendError('already-there')
    const { limits } = wish
    const folder = join(dataDir, user)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const child = spawn('bridge')
    const control = connect(bridgeControl, child.port)
    running.set(user, { child, control, wish, secret: null })
    tell(user, { ...off, state: 'starting', limits })
    // What was counted before it is on comes with the answer.
    control.on('bridge.counted', (counts) => void (stateOf(user).state === 'on' && tell(user, { counts })))
    void child.ended.then(() => {
      if (running.get(user)?.child !== child) return
      running.delete(user)
      tell(user, { ...isOff, fault: 'ended' })
    })
    try {
      const asked = { dataDir: folder, ...place.listen(wish.port), relay: [...(await relay())], network: place.network(user), limits }
      const { counts, ...secret } = await control.call('bridge.start', asked)
      const now: Running = { child, control, wish, secret }
      if (running.get(user)?.child !== child) return stateOf(user)
      running.set(user, now)
      const shown = await show(user, now)
      if (shown) return tell(user, { ...shown, counts })
      await end(user)
      return tell(user, { ...isOff, fault: 'no-address' })
    } catch (error) {
      await end(user)
      const fault = error instanceof BackendError ? bridgeFaults.find((known) => known === error.detail) : undefined
      return tell(user, { ...isOff, fault: fault ?? 'ended' })
    }
  }
  const undo = place.onMoved(() => {
    for (const [user, each] of running) {
      if (!each.secret) continue
      void show(user, each).then(
        (shown) => shown && shown.link !== stateOf(user).link && running.has(user) && tell(user, shown),
        () => {},
      )
    }
  })

  return {
    handlers: (user) => ({
      'bridge.get': async () => stateOf(user),
      'bridge.start': (wish) => start(user, wish),
      'bridge.stop': async () => {
        await end(user)
        return tell(user, { ...isOff, fault: null })
      },
    }),
    onChanged: (user, listener) => changed.on((whose) => whose === user && listener(stateOf(user))),
    async stop() {
      undo()
      await Promise.all([...running.keys()].map(end))
    },
  }
}
