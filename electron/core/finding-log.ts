/**
 * The logs of troubles, one for each network, in the encrypted store. A network is known by a salted hash; nothing here tells where
 * the user was. Kept: the newest 64 lines of each of the 16 networks used last, none of them older than 90 days.
 */
import * as v from 'valibot'
import { type History, HistoryLine } from '../../shared/contract/history.ts'
import type { Clock, Timer } from '../../shared/util/clock.ts'
import { createEvents } from '../../shared/util/events.ts'
import type { Random } from '../../shared/util/random.ts'
import { advance, dueAt, emptyLog, type FindingLog, lookAway, type Said } from './diagnose/log.ts'
import type { NetworkFacts } from './net/network.ts'
import { loadSalted, networkKey, newSalt } from './reach/network-key.ts'
import type { ValueStore } from './store/values.ts'

const KEY = 'diagnose.log.v1'
const MAX_LINES = 64
const MAX_NETWORKS = 16
const KEPT_MS = 90 * 24 * 3_600_000
/** Of what goes on, so much at most is not known to have been seen after a crash. */
const WRITE_EVERY_MS = 60_000

const Known = v.strictObject({ key: v.string(), kind: v.picklist(['real', 'simulated']), at: v.number(), lines: v.array(HistoryLine) })
const Kept = v.strictObject({ salt: v.string(), networks: v.array(Known) })

export interface HistoryPart {
  history(): History
  onHistory(listener: () => void): () => void
  /** Of the network in use, or of all. What goes on begins anew. */
  forget(scope: 'here' | 'all'): void
  close(): void
}

export interface FindingLogs extends HistoryPart {
  /** What is said now, each time it changes. */
  note(verdicts: readonly Said[]): void
  /** The network in use; told of every change, one that is down changes nothing. */
  onNetwork(facts: NetworkFacts): void
}

/** What is unreadable in the store is as good as nothing. */
export function createFindingLogs(values: ValueStore, clock: Clock, random: Random): FindingLogs {
  const changed = createEvents<void>()
  let { salt, networks } = loadSalted(values, KEY, Kept) ?? { salt: newSalt(random), networks: [] }
  let here: { readonly id: string; readonly kind: NetworkFacts['kind'] } | null = null
  let log: FindingLog = emptyLog
  let said: readonly Said[] = []
  let timer: Timer | null = null
  let writtenAt = Number.NEGATIVE_INFINITY

  const keyHere = () => (here ? networkKey(salt, here.id) : null)
  const write = () => {
    const key = keyHere()
    if (key === null || !here) return
    const now = clock.now()
    const lines = [...log.lines]
    const rest = networks.filter((known) => known.key !== key && now - known.at < KEPT_MS)
    networks = (lines.length > 0 ? [{ key, kind: here.kind, at: now, lines }, ...rest] : rest).slice(0, MAX_NETWORKS)
    values.set(KEY, JSON.stringify({ salt, networks }))
    writtenAt = clock.monotonic()
  }
  const take = (next: FindingLog) => {
    const before = log
    const now = clock.now()
    log = { ...next, lines: next.lines.filter(({ until }) => now - until < KEPT_MS).slice(0, MAX_LINES) }
    timer?.cancel()
    const due = dueAt(log)
    timer = due === null || due <= now ? null : clock.after(due - now, () => note(said))
    const isNews = shapeOf(before) !== shapeOf(log)
    if (isNews || (log.lines.some(isOpen) && clock.monotonic() - writtenAt >= WRITE_EVERY_MS)) write()
    if (isNews) changed.emit()
  }
  const note = (verdicts: readonly Said[]) => {
    said = verdicts
    if (here) take(advance(log, verdicts, clock.now()))
  }
  const leave = () => {
    timer?.cancel()
    log = lookAway(log)
    if (log.lines.length > 0) write()
  }

  return {
    note,
    onNetwork({ up, id, kind }) {
      if (!up || id === here?.id) return
      leave()
      here = { id, kind }
      said = []
      log = lookAway({ lines: networks.find(({ key }) => key === keyHere())?.lines ?? [] })
      changed.emit()
    },
    history: () => ({ network: here?.kind ?? null, lines: [...log.lines] }),
    onHistory: (listener) => changed.on(listener),
    forget(scope) {
      if (scope === 'all') {
        salt = newSalt(random)
        networks = []
        values.set(KEY, null)
      }
      log = emptyLog
      if (scope === 'here') write()
      changed.emit()
      note(said)
    },
    close() {
      leave()
      here = null
    },
  }
}

const isOpen = ({ end }: HistoryLine) => end === 'open'

/** All of it but the moment up to which it goes on. */
function shapeOf({ lines }: FindingLog): string {
  return JSON.stringify(lines.map((line) => ({ ...line, until: isOpen(line) ? 0 : line.until })))
}
