/** This device's message counter: with the device id it names a message once and for all, so no number is ever used twice. */
import type { ValueStore } from '../store/values.ts'

const KEY = 'outbox.cid'

export function nextCid(values: ValueStore): number {
  const next = Number(values.get(KEY) ?? 0) + 1
  values.set(KEY, String(next))
  return next
}

/** The relay knows a number of ours that we do not: this store is older than what was sent. */
export function raiseCid(values: ValueStore, seen: number): void {
  if (seen > Number(values.get(KEY) ?? 0)) values.set(KEY, String(seen))
}
