/** Two files beside each other. What decides is found by asking the same pure function what it would say with that one thing seen as at the other place. */
import * as v from 'valibot'
import type { Comparison, Difference, PlaneComparison } from '../../../shared/contract/compare.ts'
import { Diagnostics, MAX_DIAGNOSTICS_CHARS } from '../../../shared/contract/diagnostics.ts'
import { type Plane, planes } from '../../../shared/contract/path.ts'
import { runs } from '../diagnose/history.ts'
import type { Observation } from '../diagnose/observation.ts'
import { diagnose, type Finding } from '../diagnose/verdict.ts'
import { thingOf } from './compared-things.ts'
import type { Evidence } from './measurement-out.ts'
import { evidenceIn, zeroOf } from './recompute.ts'

const MOST_DIFFERENCES = 12

/** `text`: what somebody handed over; anything may be in it. */
export function compareWith(mine: Diagnostics, text: string): Comparison {
  const read = readFile(text)
  if (typeof read === 'string') return { outcome: 'refused', reason: read }
  const hosts = new Set(mine.test_keys.context.endpoints.map(({ host }) => host))
  if (!read.test_keys.context.endpoints.some(({ host }) => hosts.has(host))) return { outcome: 'refused', reason: 'foreign' }
  const here = evidenceIn(mine)
  const there = evidenceIn(read)
  return {
    outcome: 'compared',
    theirsAt: zeroOf(read),
    theirNetwork: read.annotations.network,
    planes: planes.flatMap((plane) => planeCompared(plane, here, there) ?? []),
  }
}

function readFile(text: string): Diagnostics | Extract<Comparison, { outcome: 'refused' }>['reason'] {
  if (text.length > MAX_DIAGNOSTICS_CHARS) return 'too-large'
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return 'not-json'
  }
  const parsed = v.safeParse(Diagnostics, raw)
  if (parsed.success) return parsed.output
  if (typeof raw !== 'object' || raw === null) return 'foreign'
  if ('format' in raw && typeof raw.format === 'string' && raw.format.startsWith('throughline')) return 'older'
  return 'software_name' in raw && raw.software_name === 'throughline' ? 'malformed' : 'foreign'
}

function planeCompared(plane: Plane, here: Evidence, there: Evidence): PlaneComparison | null {
  const mine = findingOf(here, plane)
  const theirs = findingOf(there, plane)
  if (!mine && !theirs) return null
  const isSame = mine !== undefined && theirs !== undefined && isAlike(mine, theirs)
  const [seenHere, seenThere] = [newest(here, plane), newest(there, plane)]
  const differences = [...seenHere].flatMap(([key, one]): Difference[] => {
    const other = seenThere.get(key)
    if (!other || other.outcome === one.outcome) return []
    const { what, about } = one
    const decides = !isSame && (sways(here, there, plane, key) || sways(there, here, plane, key))
    return [{ what, about, mine: one.outcome, theirs: other.outcome, decides }]
  })
  return {
    plane,
    mine: sideOf(mine),
    theirs: sideOf(theirs),
    isSame,
    differences: differences.toSorted((a, b) => Number(b.decides) - Number(a.decides)).slice(0, MOST_DIFFERENCES),
  }
}

function findingOf({ observations, context }: Evidence, plane: Plane): Finding | undefined {
  return diagnose(observations, context).find((finding) => finding.plane === plane)
}

function isAlike(a: Finding, b: Finding): boolean {
  return a.kind === b.kind && a.mechanisms.join() === b.mechanisms.join()
}

function sideOf(finding: Finding | undefined): PlaneComparison['mine'] {
  if (!finding) return null
  const { kind, mechanisms, word, place } = finding
  return { kind, mechanisms, word, place }
}

/** How each thing came out last, of this plane and of strangers, by what has the same name in both files. */
function newest({ observations, context }: Evidence, plane: Plane) {
  const meant = observations.filter((o) => o.plane === plane || o.role === 'control')
  const lasts = runs(meant, () => '').map(({ last }) => last)
  return new Map(
    lasts
      .toSorted((a, b) => a.at - b.at)
      .flatMap((o) => {
        const thing = thingOf(o, context)
        return thing ? [[thing.key, thing] as const] : []
      }),
  )
}

/** Whether the finding of the one would be another, had this thing alone been seen as by the other. */
function sways(one: Evidence, other: Evidence, plane: Plane, key: string): boolean {
  const before = findingOf(one, plane)
  const isIt = (evidence: Evidence) => (o: Observation) =>
    (o.plane === plane || o.role === 'control') && thingOf(o, evidence.context)?.key === key
  const shift = one.context.now - other.context.now
  const taken = other.observations.filter(isIt(other)).map((o) => ({ ...o, at: o.at + shift }))
  const rest = one.observations.filter((o) => !isIt(one)(o))
  const after = findingOf({ observations: [...rest, ...taken], context: one.context }, plane)
  return before !== undefined && after !== undefined && !isAlike(before, after)
}
