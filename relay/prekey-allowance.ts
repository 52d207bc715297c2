/**
 * How many one-time prekeys may be taken, so that nobody empties a device's stock. Kept in memory only: who asks for whose keys
 * is not written down.
 */

// docs/PROTOCOL-SECRET.md, "Keys of a device".
const PER_REQUESTER = 10
const PER_TARGET = 100
const WINDOW_MS = 60 * 60_000

interface Taken {
  readonly requester: number
  readonly at: number
}

export class PrekeyAllowance {
  readonly #taken = new Map<number, readonly Taken[]>()
  #prunedAt = 0

  /** Whether this account may have one-time prekeys of that one now. `now` is monotonic. */
  allows(requester: number, target: number, now: number): boolean {
    const taken = this.#within(target, now)
    return taken.length < PER_TARGET && taken.filter((each) => each.requester === requester).length < PER_REQUESTER
  }

  /** They were given. */
  note(requester: number, target: number, now: number): void {
    this.#taken.set(target, [...this.#within(target, now), { requester, at: now }])
    if (now - this.#prunedAt < WINDOW_MS) return
    this.#prunedAt = now
    for (const other of this.#taken.keys()) if (this.#within(other, now).length === 0) this.#taken.delete(other)
  }

  #within(target: number, now: number): readonly Taken[] {
    return (this.#taken.get(target) ?? []).filter(({ at }) => now - at < WINDOW_MS)
  }
}
