/**
 * A network's log of troubles: verdicts in, lines with a beginning and an end out. Pure. What is fine makes no line, and what nobody knows
 * (`inconclusive`) is no news, until nobody has known for `UNSURE_MS`: then a trouble was seen last before that. A verdict that lasted less than
 * `BRIEF_MS` and was contradicted is no line either; what is understood better within `SHARPENS_MS` is the same trouble under its better name.
 */
import type { HistoryLine } from '../../../shared/contract/history.ts'
import { confidenceWords, type Plane, type Verdict } from '../../../shared/contract/path.ts'

/** One look at a plane may be mistaken; the next is due before this is over. */
export const BRIEF_MS = 5000
/** A finding is to be confirmed within ten seconds; on a poor line it takes a few rounds. */
const SHARPENS_MS = 30_000
/** Three looks at a plane: one may miss what it needs. */
export const UNSURE_MS = 180_000
/** Looking away, or not knowing, for so long and finding the same again: it never ended. */
const RESUMED_MS = 30 * 60_000

export type Said = Pick<Verdict, 'plane' | 'kind' | 'mechanisms' | 'word' | 'place'>

/** A verdict that has not lasted yet. */
interface Pending extends Said {
  readonly since: number
}

/** Since when nobody knows any more of what is open or waits. */
interface Unsure {
  readonly plane: Plane
  readonly since: number
}

export interface FindingLog {
  /** Newest first by their beginning. */
  readonly lines: readonly HistoryLine[]
  readonly pending: readonly Pending[]
  readonly unsure: readonly Unsure[]
}

export const emptyLog: FindingLog = { lines: [], pending: [], unsure: [] }

/** `now`: epoch ms. To be called with every change of verdicts, and again at `dueAt`. */
export function advance(log: FindingLog, verdicts: readonly Said[], now: number): FindingLog {
  return verdicts.reduce(
    (before, said) => (said.kind === 'inconclusive' ? doubted(before, said.plane, now) : heard(certain(before, said.plane), said, now)),
    log,
  )
}

/** When a verdict that waits will have lasted, or nobody will have known for too long; `null`: neither. What waits and is doubted is heard of with the next verdict. */
export function dueAt({ pending, unsure }: FindingLog): number | null {
  const waiting = pending.filter((one) => !unsure.some(({ plane }) => plane === one.plane))
  const dues = [...waiting.map(({ since }) => since + BRIEF_MS), ...unsure.map(({ since }) => since + UNSURE_MS)]
  return dues.length === 0 ? null : Math.min(...dues)
}

/** Nobody looks any more: what goes on is only known up to now. */
export function lookAway({ lines }: Pick<FindingLog, 'lines'>): FindingLog {
  return { ...emptyLog, lines: lines.map((line) => (line.end === 'open' ? { ...line, end: 'unseen' } : line)) }
}

function doubted(log: FindingLog, plane: Plane, now: number): FindingLog {
  const open = openOf(log, plane)
  const isWaiting = log.pending.some((one) => one.plane === plane)
  if (!open && !isWaiting) return log
  const doubt = log.unsure.find((one) => one.plane === plane)
  if (!doubt) {
    // Up to this moment it was said.
    const lines = open ? replace(log.lines, open, { ...open, until: now }) : log.lines
    return { ...log, lines, unsure: [...log.unsure, { plane, since: now }] }
  }
  if (now - doubt.since < UNSURE_MS) return log
  return {
    lines: open ? replace(log.lines, open, { ...open, end: 'unclear' }) : log.lines,
    pending: log.pending.filter((one) => one.plane !== plane),
    unsure: log.unsure.filter((one) => one !== doubt),
  }
}

function certain(log: FindingLog, of: Plane): FindingLog {
  return { ...log, unsure: log.unsure.filter(({ plane }) => plane !== of) }
}

function heard(log: FindingLog, said: Said, now: number): FindingLog {
  const { plane } = said
  const open = openOf(log, plane)
  const others = log.pending.filter((one) => one.plane !== plane)
  if (open ? isSame(open, said) : said.kind === 'ok') {
    const lines = open ? replace(log.lines, open, { ...open, word: surest(open.word, said.word), until: now }) : log.lines
    return { ...log, lines, pending: others }
  }
  const waiting = log.pending.find((one) => one.plane === plane)
  // Trouble that is only called something else now began when it was first called anything.
  const began = waiting && (isSame(waiting, said) || (waiting.kind !== 'ok' && said.kind !== 'ok')) ? waiting.since : now
  if (now - began < BRIEF_MS) return { ...log, pending: [...others, { ...said, since: began }] }
  return { ...log, lines: settled(log.lines, open, said, began, now), pending: others }
}

function settled(lines: readonly HistoryLine[], open: HistoryLine | undefined, said: Said, began: number, now: number): HistoryLine[] {
  const { plane, kind, mechanisms, word, place } = said
  if (open && kind !== 'ok' && began - open.from < SHARPENS_MS)
    return replace(lines, open, { ...open, kind, mechanisms: [...mechanisms], word, place, until: now })
  const ended = open ? replace(lines, open, { ...open, until: Math.max(open.from, began), end: 'over' }) : [...lines]
  if (kind === 'ok') return ended
  const last = ended.find((line) => line.plane === plane)
  if (last && last.end !== 'over' && isSame(last, said) && began - last.until < RESUMED_MS)
    return replace(ended, last, { ...last, word: surest(last.word, word), until: now, end: 'open' })
  return [{ plane, kind, mechanisms: [...mechanisms], word, place, from: began, until: now, end: 'open' }, ...ended]
}

function openOf({ lines }: FindingLog, plane: Plane): HistoryLine | undefined {
  return lines.find((line) => line.plane === plane && line.end === 'open')
}

function isSame(a: Said, b: Said): boolean {
  return a.kind === b.kind && a.mechanisms.join() === b.mechanisms.join()
}

function surest(a: Said['word'], b: Said['word']): Said['word'] {
  return confidenceWords.indexOf(a) > confidenceWords.indexOf(b) ? a : b
}

function replace(lines: readonly HistoryLine[], old: HistoryLine, line: HistoryLine): HistoryLine[] {
  return lines.map((one) => (one === old ? line : one))
}
