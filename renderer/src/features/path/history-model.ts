/** The log as entries to be read: what is the same trouble of several planes is one entry. */
import type { HistoryLine } from '../../../../shared/contract/history.ts'
import type { Plane } from '../../../../shared/contract/path.ts'
import en from '../../i18n/en/path.json'
import { findingKeys } from '../../ui/line/finding-words.ts'
import type { PathKey } from '../../ui/line/line-words.ts'

/** Planes are looked at one after the other. */
const TOGETHER_MS = 15_000

export interface Entry {
  readonly planes: readonly Plane[]
  readonly from: number
  /** The one that began first; the others are as it. */
  readonly line: HistoryLine
}

/** Newest first. */
export function entriesOf(lines: readonly HistoryLine[]): readonly Entry[] {
  const entries: Entry[] = []
  for (const line of lines.toSorted((a, b) => a.from - b.from)) {
    const at = entries.findIndex((entry) => !entry.planes.includes(line.plane) && isTogether(entry.line, line))
    const entry = entries[at]
    if (entry) entries[at] = { ...entry, planes: [...entry.planes, line.plane] }
    else entries.push({ planes: [line.plane], from: line.from, line })
  }
  return entries.reverse()
}

function isTogether(a: HistoryLine, b: HistoryLine): boolean {
  if (a.kind !== b.kind || a.end !== b.end || a.mechanisms.join() !== b.mechanisms.join()) return false
  return Math.abs(a.from - b.from) < TOGETHER_MS && (a.end === 'open' || Math.abs(a.until - b.until) < TOGETHER_MS)
}

const isKey = (key: string): key is PathKey => key in en

/** What it was, in a few words each: those of the finding, without its plane. */
export function logKeys(line: HistoryLine): readonly PathKey[] {
  return findingKeys(line).flatMap((key) => {
    const said = `log.${key.slice(`finding.${line.plane}.`.length).replace('.suspected', '')}`
    return isKey(said) ? [said] : []
  })
}
