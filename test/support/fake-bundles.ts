/** The desk for bundles where a test is about something else: one bundle, and every text is refused. */
import type { BundleState } from '../../shared/contract/bundle.ts'

export const quietBundle: BundleState = {
  version: 1,
  takenAt: 0,
  takenFrom: 'file',
  confirmedAt: 0,
  expires: 8_640_000_000_000,
  isExpired: false,
  shards: [],
  isLooking: false,
  channels: [],
}

export function fakeBundles() {
  return {
    take: () => ({ outcome: 'refused' as const, reason: 'no-bundle' as const }),
    forFew: (): readonly string[] => [],
    share: () => ({ link: 'throughline:bundle#~', works: null, version: 1 }),
    state: () => quietBundle,
    refresh() {},
    onState: () => () => {},
  }
}
