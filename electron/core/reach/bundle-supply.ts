/** The bundle and all that brings it: what is held, the channels that look for a newer one, what friends said, and the desk where people bring and take. */
import type { BundleState } from '../../../shared/contract/bundle.ts'
import type { PathState } from '../../../shared/contract/path.ts'
import { waysIn } from '../../../shared/protocol/bundle-shard.ts'
import type { RelayHello } from '../../../shared/protocol/relay.ts'
import type { Log } from '../log.ts'
import type { ValueStore } from '../store/values.ts'
import { type BundleChannelsOptions, createBundleChannels } from './bundle-channels.ts'
import { type BundleDesk, createBundleDesk } from './bundle-desk.ts'
import { createHints } from './bundle-hints.ts'
import { type BundleHolder, createBundleHolder } from './bundle-holder.ts'

export interface BundleSupplyOptions extends Omit<BundleChannelsOptions, 'holder'> {
  /** As read from its file; not checked yet. */
  readonly bundle: unknown
  readonly values: ValueStore
  readonly log: Log
  /** The recipe in use, if there is one. */
  readonly inUse: () => string | null
}

export interface BundleSupply extends Pick<BundleHolder, 'current' | 'onChange'> {
  /** How it stands with the connection, whenever that may have changed; `network` tells one network from another. */
  follow(status: PathState['status'], isRacing: boolean, network: string): void
  /** What a proven relay says of the time, and the newer bundle that it has, if so. */
  proven(hello: Pick<RelayHello, 'at' | 'bundle'>): void
  /** What it pushes later. */
  inBand(raw: unknown): void
  /** Recipes that friends said work for them, the newest first. */
  hints(): readonly string[]
  readonly desk: BundleDesk
}

/** Throws `bad-bundle` with the reason when there is no bundle to begin with. */
export function createBundleSupply(options: BundleSupplyOptions): BundleSupply {
  const { bundle, values, clock, log, inUse } = options
  const holder = createBundleHolder(bundle, values, clock)
  const hints = createHints(values, clock)
  const channels = createBundleChannels({ ...options, holder })
  const desk = createBundleDesk({ holder, hints, inUse, onTaken: (said) => channels.heard('hand', said) })
  let wasRacing = false
  let wasOn: string | null = null

  const state = (): BundleState => {
    const { version, expires } = holder.current()
    const note = holder.note()
    return {
      version,
      takenAt: note?.takenAt ?? null,
      takenFrom: note?.takenFrom ?? null,
      confirmedAt: note?.confirmedAt ?? null,
      expires,
      isExpired: holder.isExpired(),
      shards: holder.shards().map((shard) => ({ id: shard.shard, ways: waysIn(shard), expires: shard.expires })),
      ...channels.state(),
    }
  }
  const inBand = (signed: unknown) => {
    const said = holder.offer(signed, 'in-band')
    if (said !== 'same' && said !== 'newer') log.warn('bundle refused', { reason: said })
    channels.heard('in-band', said)
  }
  return {
    current: holder.current,
    onChange: holder.onChange,
    hints: hints.list,
    follow(status, isRacing, network) {
      if (network !== wasOn) channels.moved()
      wasOn = network
      if (status !== 'looking') channels.settled()
      else if (isRacing && !wasRacing) channels.racing()
      else if (!isRacing && wasRacing) channels.missed()
      wasRacing = isRacing
    },
    proven({ at, bundle: newer }) {
      holder.provenTime(at)
      if (newer !== undefined) return inBand(newer)
      holder.confirmed()
      channels.heard('in-band', 'same')
    },
    inBand,
    desk: { ...desk, state, refresh: channels.refresh, onState: channels.onChange },
  }
}
