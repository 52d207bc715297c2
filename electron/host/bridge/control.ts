/** What a shell asks of a bridge process (shared/protocol/processes.ts): one bridge, and what it counts. */

import type { BridgeCounts } from '../../../shared/contract/bridge.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Handlers } from '../../../shared/contract/port.ts'
import type { bridgeControl } from '../../../shared/protocol/processes.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { ConnectionsInput } from '../../core/connections.ts'
import type { Network } from '../../core/net/network.ts'
import { type Bridge, startBridge } from './bridge.ts'
import { type BridgeIdentity, bridgeIdentity, NOBODY, pinOf } from './identity.ts'
import { readSpent, writeSpent } from './spent-file.ts'

const COUNT_EVERY_MS = 1000
const WRITE_EVERY_MS = 30_000

export interface BridgeControlDeps {
  readonly clock: Clock
  openNetwork(input: ConnectionsInput['network']): Network
  counted(counts: BridgeCounts): void
}

export interface BridgeControl {
  readonly handlers: Handlers<typeof bridgeControl>
  close(): Promise<void>
}

interface Running {
  readonly bridge: Bridge
  readonly network: Network
  readonly folder: string
}

export function bridgeHandlers({ clock, openNetwork, counted }: BridgeControlDeps): BridgeControl {
  let running: Running | null = null
  let starting = false
  let timer: Timer | null = null
  let told = ''
  let writtenAt = clock.monotonic()

  const countsOf = (bridge: Bridge): BridgeCounts => {
    const { spent, ...counts } = bridge.counts()
    return { ...counts, bytesThisMonth: spent.bytes }
  }
  const write = async ({ bridge, folder }: Running) => {
    writtenAt = clock.monotonic()
    // A full disk is no reason to leave anybody without a way.
    await writeSpent(folder, bridge.counts().spent).catch(() => {})
  }
  const look = () => {
    timer = clock.after(COUNT_EVERY_MS, look)
    if (!running) return
    const counts = countsOf(running.bridge)
    const text = JSON.stringify(counts)
    if (text !== told) counted(counts)
    told = text
    if (clock.monotonic() - writtenAt >= WRITE_EVERY_MS) void write(running)
  }
  const close = async () => {
    timer?.cancel()
    const ending = running
    running = null
    if (!ending) return
    await write(ending)
    await ending.bridge.close()
    ending.network.close()
  }

  return {
    close,
    handlers: {
      'bridge.start': async ({ dataDir, host, port, relay, network: choice, limits }) => {
        if (starting || running) throw new BackendError('already-there')
        starting = true
        const network = openNetwork(choice)
        try {
          const identity = await bridgeIdentity(dataDir, NOBODY, clock.now()).catch(damaged)
          const spent = await readSpent(dataDir)
          const { streams, kilobytesPerSecond, gigabytesPerMonth } = limits
          const given = { streams, bytesPerSecond: kilobytesPerSecond * 1000, bytesPerMonth: gigabytesPerMonth * 1e9 }
          const bridge = await startBridge({ host, port, identity, relay, limits: given, spent, network, clock }).catch(taken)
          running = { bridge, network, folder: dataDir }
          look()
          return { port: bridge.port, path: identity.path, pin: pinOf(identity.cert), counts: countsOf(bridge) }
        } catch (error) {
          network.close()
          throw error
        } finally {
          starting = false
        }
      },
      'bridge.stop': async () => {
        await close()
        return {}
      },
    },
  }
}

function damaged(error: unknown): BridgeIdentity {
  throw error instanceof RangeError ? new BackendError('refused', 'damaged') : error
}

function taken(error: unknown): Bridge {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE' || code === 'EACCES') throw new BackendError('refused', 'port-taken')
  if (code === 'EADDRNOTAVAIL') throw new BackendError('refused', 'no-address')
  throw error
}
