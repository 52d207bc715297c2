import type { Clock, Timer } from './clock.ts'

interface Entry {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** A clock that moves only when told to. Entries due at the same moment run in the order they were set. */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  #wallOffset = 0
  readonly #entries = new Set<Entry>()

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
    const entry: Entry = { at: this.#now + Math.max(0, ms), order: this.#order++, run }
    this.#entries.add(entry)
    return { cancel: () => void this.#entries.delete(entry) }
  }

  /** Moves the wall clock alone, as a user or a time server does. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms
  }

  /** When the next entry is due, on the monotonic scale; `null` when nothing waits. */
  nextAt(): number | null {
    let next: number | null = null
    for (const entry of this.#entries) if (next === null || entry.at < next) next = entry.at
    return next
  }

  /** Moves to the next entry's time and runs the one entry that is first. Returns false when nothing waits. */
  step(): boolean {
    let first: Entry | undefined
    for (const entry of this.#entries) {
      if (!first || entry.at < first.at || (entry.at === first.at && entry.order < first.order)) first = entry
    }
    if (!first) return false
    this.#entries.delete(first)
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
}
