/**
 * The newest messages, which the index tables do not know yet: kept findable in memory, and handed over in sorted slices.
 * Lost with the process and rebuilt from the log at its end, so nothing here needs to be durable.
 */

export interface Located {
  readonly seq: number
  readonly sender: number
  readonly recipient: number
  readonly device: number
  readonly cid: number
}

const STREAM_COLUMNS = 2
const SENT_COLUMNS = 3

/** A run of messages that is indexed together: large enough that neighbours in the index share pages. */
const SEGMENT = 4096

class Segment {
  readonly entries: Located[] = []
  readonly #byAccount = new Map<number, number[]>()
  readonly #byDevice = new Map<number, Map<number, number>>()

  add(entry: Located): void {
    this.entries.push(entry)
    this.#remember(entry.sender, entry.seq)
    if (entry.recipient !== entry.sender) this.#remember(entry.recipient, entry.seq)
    const sent = this.#byDevice.get(entry.device) ?? new Map<number, number>()
    sent.set(entry.cid, entry.seq)
    this.#byDevice.set(entry.device, sent)
  }

  seqs(account: number): readonly number[] {
    return this.#byAccount.get(account) ?? []
  }

  find(device: number, cid: number): number | undefined {
    return this.#byDevice.get(device)?.get(cid)
  }

  highestCid(device: number): number {
    let highest = -1
    for (const cid of this.#byDevice.get(device)?.keys() ?? []) highest = Math.max(highest, cid)
    return highest
  }

  /** Rows of `stream`, one after the other: account, seq. */
  streamRows(): number[] {
    const rows: number[] = []
    for (const [account, seqs] of inOrder(this.#byAccount)) for (const seq of seqs) rows.push(account, seq)
    return rows
  }

  /** Rows of `sent`, one after the other: device, cid, seq. */
  sentRows(): number[] {
    const rows: number[] = []
    for (const [device, cids] of inOrder(this.#byDevice)) for (const [cid, seq] of inOrder(cids)) rows.push(device, cid, seq)
    return rows
  }

  #remember(account: number, seq: number): void {
    const seqs = this.#byAccount.get(account)
    if (seqs) seqs.push(seq)
    else this.#byAccount.set(account, [seq])
  }
}

function inOrder<T>(entries: ReadonlyMap<number, T>): [number, T][] {
  return [...entries].sort(([a], [b]) => a - b)
}

interface Draining {
  readonly segment: Segment
  readonly stream: readonly number[]
  readonly sent: readonly number[]
  /** Rows of both. */
  taken: number
}

export interface Slice {
  readonly stream: readonly number[]
  readonly sent: readonly number[]
  readonly rows: number
  /** Once these rows are written, everything up to this seq is in the index; `null`: more slices of the segment follow. */
  readonly doneTo: number | null
}

export class Tail {
  #growing = new Segment()
  #draining: Draining | null = null

  add(entry: Located): void {
    this.#growing.add(entry)
  }

  find(device: number, cid: number): number | undefined {
    return this.#growing.find(device, cid) ?? this.#draining?.segment.find(device, cid)
  }

  /** -1 when the tail has none of this device. */
  highestCid(device: number): number {
    return Math.max(this.#growing.highestCid(device), this.#draining?.segment.highestCid(device) ?? -1)
  }

  /** Messages in this account's stream that the index does not have, oldest first. */
  seqs(account: number): readonly number[] {
    return [...(this.#draining?.segment.seqs(account) ?? []), ...this.#growing.seqs(account)]
  }

  /** The next rows to index, about `budget` of them; `null` while too few messages wait. Call `taken` once they are committed. */
  slice(budget: number): Slice | null {
    if (!this.#draining && this.#growing.entries.length >= SEGMENT) {
      const segment = this.#growing
      this.#growing = new Segment()
      this.#draining = { segment, stream: segment.streamRows(), sent: segment.sentRows(), taken: 0 }
    }
    const draining = this.#draining
    if (!draining) return null
    const { stream, sent, taken } = draining
    const streamRows = stream.length / STREAM_COLUMNS
    const rows = streamRows + sent.length / SENT_COLUMNS
    const end = Math.min(rows, taken + budget)
    return {
      stream: stream.slice(taken * STREAM_COLUMNS, end * STREAM_COLUMNS),
      sent: sent.slice(Math.max(0, taken - streamRows) * SENT_COLUMNS, Math.max(0, end - streamRows) * SENT_COLUMNS),
      rows: end - taken,
      doneTo: end === rows ? (draining.segment.entries.at(-1)?.seq ?? 0) : null,
    }
  }

  taken(slice: Slice): void {
    if (!this.#draining) return
    this.#draining.taken += slice.rows
    if (slice.doneTo !== null) this.#draining = null
  }
}
