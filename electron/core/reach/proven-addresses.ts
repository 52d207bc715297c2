/**
 * Addresses from lookups at which the relay proved itself, kept for a week per network: verify, then extend. A lookup that is answered
 * with lies, or not at all, later costs nothing then. Networks are told apart by a salted hash that never leaves this computer.
 */
import * as v from 'valibot'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { ValueStore } from '../store/values.ts'
import { loadSalted, networkKey, newSalt } from './network-key.ts'

const KEY = 'reach.proven.v1'
const TTL_MS = 7 * 24 * 3_600_000
const MAX_KEPT = 64

const Kept = v.strictObject({
  salt: v.string(),
  proven: v.array(v.strictObject({ network: v.string(), host: v.string(), address: v.string(), at: v.number() })),
})

export interface ProvenAddresses {
  /** The newest first. */
  of(network: string, host: string): readonly string[]
  /** The relay proved itself there just now. */
  proved(network: string, host: string, address: string): void
  /** What is kept of one network, or of all (`null`), with the salt. */
  forget(network: string | null): void
}

/** Anything unreadable in the store is as good as nothing. */
export function createProvenAddresses(values: ValueStore, clock: Clock, random: Random): ProvenAddresses {
  let { salt, proven } = loadSalted(values, KEY, Kept) ?? { salt: newSalt(random), proven: [] }
  const keyOf = (network: string) => networkKey(salt, network)
  const fresh = () => proven.filter(({ at }) => Math.abs(clock.now() - at) < TTL_MS)
  return {
    of: (network, host) => {
      const key = keyOf(network)
      return fresh().flatMap((each) => (each.network === key && each.host === host ? [each.address] : []))
    },
    proved(network, host, address) {
      const key = keyOf(network)
      const others = fresh().filter((each) => each.network !== key || each.host !== host || each.address !== address)
      proven = [{ network: key, host, address, at: clock.now() }, ...others].slice(0, MAX_KEPT)
      values.set(KEY, JSON.stringify({ salt, proven }))
    },
    forget(network) {
      const key = network === null ? null : keyOf(network)
      if (key === null) salt = newSalt(random)
      proven = key === null ? [] : proven.filter((each) => each.network !== key)
      values.set(KEY, proven.length === 0 ? null : JSON.stringify({ salt, proven }))
    },
  }
}
