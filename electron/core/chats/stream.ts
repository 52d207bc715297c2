/**
 * Reads this device's numbered stream: what was missed, then what is pushed. Items and the cursor are committed together,
 * so nothing is lost or doubled however it ends. While older items are still being fetched, pushed ones are not applied,
 * for the cursor must never pass something unread; they are fetched in their turn.
 */
import type { StreamItem } from '../../../shared/protocol/relay.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { errorFacts, type Log } from '../log.ts'
import { within } from '../net/deadline.ts'
import { createPauses } from '../pauses.ts'
import type { CursorSource, RelayLink } from '../reach/relay-link.ts'
import type { ValueStore } from '../store/values.ts'
import type { Ledger } from './ledger.ts'

const CURSOR = 'stream.cursor'
const ANSWER_MS = 20_000

export interface Stream {
  /** A session began with these. */
  began(missed: { readonly items: readonly StreamItem[]; readonly more: boolean }): void
  ended(): void
  pushed(items: readonly StreamItem[]): void
  close(): void
}

export interface StreamDeps {
  readonly ledger: Ledger
  readonly link: RelayLink
  readonly apply: (item: StreamItem) => void
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** After each commit: receipts may be due, files may be wanted. */
  applied(): void
}

export const cursorSource = (values: ValueStore): CursorSource => ({ cursor: () => Number(values.get(CURSOR) ?? 0) })

export function createStream({ ledger, link, apply, clock, random, log, applied }: StreamDeps): Stream {
  const { values } = ledger.store
  const cursor = cursorSource(values)
  /** Set while older items are being fetched; aborted when the session ends. */
  let fetching: AbortController | null = null
  let again = false
  const pauses = createPauses(clock, random, () => {
    if (fetching) void fetchPages(fetching)
  })

  const commit = (items: readonly StreamItem[]) => {
    if (items.length === 0) return
    ledger.write(() => {
      for (const item of items) apply(item)
      const newest = items.reduce((highest, item) => Math.max(highest, item.seq), cursor.cursor())
      values.set(CURSOR, String(newest))
    })
    applied()
  }

  const startFetching = () => {
    fetching = new AbortController()
    void fetchPages(fetching)
  }

  const fetchPages = async (session: AbortController) => {
    try {
      for (;;) {
        again = false
        const after = cursor.cursor()
        const page = await within(clock, ANSWER_MS, session.signal, (signal) => link.request('stream.read', { after }, signal))
        if (session.signal.aborted) return
        if (!page.ok) return pauses.start(CURSOR, page.retryMs)
        commit(page.items)
        // A page that says "more" and brings nothing new would go round for ever.
        if (page.more && cursor.cursor() === after) return pauses.start(CURSOR)
        if (page.more || again) continue
        pauses.clear(CURSOR)
        fetching = null
        return
      }
    } catch (error) {
      if (session.signal.aborted) return
      log.warn('reading the stream stopped', errorFacts(error))
      pauses.start(CURSOR)
    }
  }

  const stop = () => {
    fetching?.abort()
    fetching = null
    pauses.clearAll()
  }

  /** What could not be written (a full disk) is asked for again later; the cursor stays before it. */
  const commitOrFetch = (items: readonly StreamItem[], more: boolean) => {
    try {
      commit(items)
    } catch (error) {
      log.warn('items not written', errorFacts(error))
      fetching = new AbortController()
      pauses.start(CURSOR)
      return
    }
    if (more) startFetching()
  }

  return {
    began({ items, more }) {
      stop()
      commitOrFetch(items, more)
    },
    ended: stop,
    pushed(items) {
      if (fetching) again = true
      else commitOrFetch(items, false)
    },
    close: stop,
  }
}
