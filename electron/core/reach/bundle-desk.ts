/** What people do with bundles: bring one in as text, hand on what is here, see how old it is and what each channel last said. */
import type { BundleState, ImportOutcome } from '../../../shared/contract/bundle.ts'
import type { Said } from './bundle-channels.ts'
import { type Hints, isSigned } from './bundle-hints.ts'
import type { BundleHolder } from './bundle-holder.ts'
import { printLink, readParcel } from './bundle-parcel.ts'

export interface BundleDesk {
  take(text: string): ImportOutcome
  /** Nothing in it says whose it is. */
  share(): { readonly link: string; readonly works: string | null; readonly version: number }
  /** Ids of endpoints that stand in shards: they were meant for some people only. */
  forFew(): readonly string[]
  state(): BundleState
  /** Asks mirrors and records now. */
  refresh(): void
  onState(listener: () => void): () => void
}

export interface BundleDeskOptions {
  readonly holder: BundleHolder
  readonly hints: Hints
  /** The recipe in use, if there is one. */
  readonly inUse: () => string | null
  readonly onTaken: (said: Said) => void
}

export function createBundleDesk({ holder, hints, inUse, onTaken }: BundleDeskOptions): Pick<BundleDesk, 'take' | 'share' | 'forFew'> {
  const take = (text: string): ImportOutcome => {
    const read = readParcel(text)
    if (!read.ok) return { outcome: 'refused', reason: read.reason }
    const { works: told, ...signed } = read.parcel
    const taken = holder.take(signed, 'hand')
    // Older than ours, it may still say what works.
    if (!taken.ok && (taken.reason !== 'old' || told === undefined)) return { outcome: 'refused', reason: taken.reason }
    const isNews = told !== undefined && !hints.list().includes(told) && isSigned(told, holder.current())
    if (isNews) hints.add(told)
    const { version, addedWays } = taken.ok ? taken : { version: null, addedWays: 0 }
    if (version !== null || addedWays > 0 || isNews) return { outcome: 'taken', version, addedWays, works: isNews ? told : null }
    return taken.ok ? { outcome: 'known' } : { outcome: 'refused', reason: taken.reason }
  }
  return {
    take(text) {
      const outcome = take(text)
      onTaken(outcome.outcome === 'refused' ? outcome.reason : outcome.outcome === 'known' ? 'same' : 'newer')
      return outcome
    },
    forFew: () => holder.shards().flatMap(({ endpoints }) => endpoints.map(({ id }) => id)),
    share() {
      const { bundle, shards } = holder.signed()
      const recipe = inUse()
      const works = recipe !== null && isSigned(recipe, holder.current()) ? recipe : null
      // Of the shards only the one that holds this way: whoever reads the link need not learn the others.
      const needed = works === null ? [] : shards.filter((shard) => !isSigned(works, holder.without(shard)))
      const parcel = { bundle, ...(needed.length > 0 && { shards: needed }), ...(works !== null && { works }) }
      return { link: printLink(parcel), works, version: holder.current().version }
    },
  }
}
