import type { Clock, Timer } from './clock.ts'

interface Entry {
  readonly at: number
  readonly order: number
  readonly run: () => void
  cancelled: boolean
}

/** A clock that moves only when told to. Entries due at the same moment run in the order they were set. */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  #wallOffset = 0
  /** A binary heap: the first is the next one due. */
  readonly #entries: Entry[] = []

  constructor(startAt = 0) {
    this.#now = startAt
  }

  now(): number {
    // As the system's: whole milliseconds.
    return Math.floor(this.#now + this.#wallOffset)
  }

  monotonic(): number {
    return this.#now
  }

  after(ms: number, run: () => void): Timer {
    // Less than a number of this size can tell is the least it can: who waits for the rest of a fraction does not wait for ever.
    const least = ms > 0 ? this.#now * (1 + Number.EPSILON) : this.#now
    const entry: Entry = { at: Math.max(this.#now + ms, least), order: this.#order++, run, cancelled: false }
    this.#push(entry)
    return {
      cancel: () => {
        entry.cancelled = true
      },
    }
  }

  /** Moves the wall clock alone, as a user or a time server does. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms
  }

  /** When the next entry is due, on the monotonic scale; `null` when nothing waits. */
  nextAt(): number | null {
    return this.#first()?.at ?? null
  }

  /** Moves to the next entry's time and runs the one entry that is first. Returns false when nothing waits. */
  step(): boolean {
    const first = this.#first()
    if (!first) return false
    this.#pop()
    this.#now = Math.max(this.#now, first.at)
    first.run()
    return true
  }

  /** Runs everything due within `ms`, then stands exactly `ms` later. Synchronous: promises settle in between only if awaited. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.nextAt(); next !== null && next <= end; next = this.nextAt()) this.step()
    this.#now = end
  }

  /** As `advance`, but lets `settle` drain promises and input between entries. */
  async run(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (let next = this.nextAt(); next !== null && next <= end; next = this.nextAt()) {
      this.step()
      await settle()
    }
    this.#now = end
  }

  /** What was cancelled is forgotten once it comes to the top. */
  #first(): Entry | undefined {
    while (this.#entries[0]?.cancelled) this.#pop()
    return this.#entries[0]
  }

  #push(entry: Entry): void {
    const entries = this.#entries
    let at = entries.length
    for (let above = (at - 1) >> 1; at > 0 && isBefore(entry, entries[above]); above = (at - 1) >> 1) {
      entries[at] = entries[above] ?? entry
      at = above
    }
    entries[at] = entry
  }

  #pop(): void {
    const entries = this.#entries
    const last = entries.pop()
    if (!last || entries.length === 0) return
    let at = 0
    for (;;) {
      const left = at * 2 + 1
      const below = isBefore(entries[left + 1], entries[left]) ? left + 1 : left
      const next = entries[below]
      if (!next || !isBefore(next, last)) break
      entries[at] = next
      at = below
    }
    entries[at] = last
  }
}

function isBefore(a: Entry | undefined, b: Entry | undefined): boolean {
  return a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order))
}
