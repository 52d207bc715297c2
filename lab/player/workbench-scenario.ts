/** What a person did as censor, made into a scenario: their moves at their times, somebody to meet each rule, and what must be seen of it. */
import { BackendError } from '../../shared/contract/errors.ts'
import { mechanisms } from '../../shared/contract/path.ts'
import type { HandRule, ScenarioWish } from '../../shared/contract/workbench.ts'
import type { Rule } from '../censor/rule.ts'
import type { Topology } from '../engine/topology.ts'
import type { Deed } from './hand-play.ts'
import { acted, fatesOf, meets } from './workbench-meets.ts'
import { createStaging } from './workbench-staging.ts'

/** Before the first move, after the last, and after everything was lifted. */
export const BEFORE_MS = 3000
const AFTER_MS = 11_000
const END_MS = 3000
const LONGEST_MS = 3_600_000
const DAY = Date.UTC(2024, 0, 1)

interface Version {
  readonly rule: Rule
  readonly hand: HandRule
  readonly from: string
  until: string
  readonly fromMs: number
  untilMs: number
}
interface Step {
  readonly id: string
  readonly atMs: number
  readonly labels: string[]
  readonly start: string[]
  readonly end: string[]
}

/** A file's content, still to be checked like any other. Throws `BackendError('bad-input')` where nothing was done, or for too long. */
export function scenarioOf(id: string, wish: ScenarioWish, deeds: readonly Deed[], topology: Topology): object {
  const { steps, versions, liftMs } = timeline(wish, deeds)
  if (versions.length === 0) throw new BackendError('bad-input', 'nothing was done')
  const lastsMs = liftMs + END_MS
  if (lastsMs > LONGEST_MS) throw new BackendError('bad-input', 'it took too long')
  const placeOf = (place: string) => {
    const found = topology.place(place)
    if (!found) throw new BackendError('bad-input', 'no such place')
    return found
  }
  const [here, elsewhere] = [placeOf(wish.vantage), placeOf(wish.elsewhere)]
  const rules = versions.map(({ rule }) => rule)
  const staging = createStaging(id, topology)
  const { checks } = checksOf({ steps, versions, here: here.provider, elsewhere: elsewhere.provider, topology, staging })
  const staged = staging.hosts.map((host) => host.id)
  const at = (ms: number) => new Date(DAY + ms).toISOString().replace(/\.\d+Z$/, 'Z')

  return {
    $schema: './scenario.schema.json',
    format: 1,
    card: {
      id,
      title: wish.title,
      place: here.title,
      dates: 'any day',
      demand: wish.demand || 'None is told: it was made by hand.',
      answer: 'None.',
      meant: [...new Set(rules.map(({ label }) => label))].join('. '),
      hit: wish.hit || 'See what the lab did, on the truth card.',
      whoPaid: 'Whoever uses what is hit, from there.',
      tryThis: wish.tryThis || `Live through “${wish.title}”`,
      claims: [],
      sources: [],
      standIns: [],
      vantage: here.id,
      seconds: Math.ceil(lastsMs / 1000),
    },
    places: [...new Set([here.id, elsewhere.id])],
    elsewhere: elsewhere.id,
    lastsMs,
    world: { hosts: staging.hosts },
    rules,
    moves: [
      { id: 'begin', atMs: 0, story: at(0), side: 'world', text: 'An ordinary day.', raise: staged },
      ...steps.map(({ id: move, atMs, labels, start, end }) => ({
        id: move,
        atMs,
        story: at(atMs),
        side: 'censor',
        text: labels.join('. '),
        start,
        end,
      })),
      {
        id: 'lift',
        atMs: liftMs,
        story: at(liftMs),
        side: 'censor',
        text: 'Everything is lifted.',
        end: versions.filter(({ until }) => until === 'lift').map(({ rule }) => rule.id),
        lower: staged,
      },
    ],
    expected: wish.expected.map(({ plane, finding }) => ({
      byMs: liftMs - 1500,
      untilMs: liftMs - 200,
      vantage: here.id,
      plane,
      kind: finding,
      mechanisms: [],
      mayName: finding === 'ok' ? [] : [...mechanisms],
    })),
    checks,
    workbench: versions.map(({ rule, hand }) => ({ id: rule.id, ...hand })),
  }
}

/** Rules under ids of the scenario's own, one for each time one was made or changed, and the moves between them. */
function timeline(wish: ScenarioWish, deeds: readonly Deed[]): { steps: Step[]; versions: Version[]; liftMs: number } {
  const steps: Step[] = []
  const versions: Version[] = []
  const standing = new Map<string, Version>()
  let count = 0
  const stepAt = (atMs: number): Step => {
    const last = steps.at(-1)
    if (last?.atMs === atMs) return last
    const step = { id: `m${steps.length + 1}`, atMs, labels: [], start: [], end: [] }
    steps.push(step)
    return step
  }
  for (const { atMs, deed } of timed(wish, deeds)) {
    const before = standing.get(deed.id)
    const { rule, hand } = deed
    if (!before && !(rule && hand)) continue
    const step = stepAt(atMs)
    step.labels.push(deed.does === 'off' ? `Lifts: ${deed.label}` : deed.label)
    if (before) {
      standing.delete(deed.id)
      // Made and lifted at one moment: it never was.
      if (before.fromMs === atMs) {
        versions.splice(versions.indexOf(before), 1)
        step.start.splice(step.start.indexOf(before.rule.id), 1)
      } else {
        before.until = step.id
        before.untilMs = atMs
        step.end.push(before.rule.id)
      }
    }
    if (!rule || !hand) continue
    count++
    const id = `${hand.mechanism.replaceAll('_', '-')}-${count}`
    const version = { rule: { ...rule, id }, hand, from: step.id, until: 'lift', fromMs: atMs, untilMs: Number.POSITIVE_INFINITY }
    standing.set(deed.id, version)
    versions.push(version)
    step.start.push(id)
  }
  const liftMs = (steps.at(-1)?.atMs ?? 0) + AFTER_MS
  for (const version of standing.values()) version.untilMs = liftMs
  return { steps: steps.filter(({ start, end }) => start.length + end.length > 0), versions, liftMs }
}

/** When each is done in the scenario: as it was, as the person says, or everything that stood at last at once. */
function timed({ times }: ScenarioWish, deeds: readonly Deed[]): { atMs: number; deed: Deed }[] {
  if (times) {
    const kept = deeds.flatMap((deed, i) => {
      const ms = times[i] ?? -1
      return ms < 0 ? [] : [{ atMs: ms, deed }]
    })
    const first = Math.min(...kept.map(({ atMs }) => atMs))
    return kept.map(({ atMs, deed }) => ({ atMs: atMs - first + BEFORE_MS, deed })).sort((a, b) => a.atMs - b.atMs)
  }
  const latest = new Map(deeds.flatMap((deed) => (deed.rule ? [[deed.id, deed] as const] : [])))
  const lifted = new Set<string>()
  for (const { does, id } of deeds) does === 'off' ? lifted.add(id) : lifted.delete(id)
  const standing = [...latest.values()].filter(({ id }) => !lifted.has(id))
  // Whoever took everything back before keeping it wants what was there.
  return (standing.length > 0 ? standing : [...latest.values()]).map((deed) => ({ atMs: BEFORE_MS, deed }))
}

interface Staged {
  readonly steps: readonly Step[]
  readonly versions: readonly Version[]
  readonly here: string
  readonly elsewhere: string
  readonly topology: Topology
  readonly staging: ReturnType<typeof createStaging>
}

function checksOf({ steps, versions, here, elsewhere, topology, staging }: Staged): { checks: object[] } {
  const none = { of: 'packets', fates: acted, atMost: 0 }
  const rules = versions.map(({ rule }) => rule)
  const checks: object[] = []
  for (const { rule, from, until, fromMs, untilMs } of versions) {
    const provider = rule.match.providers?.includes(here) === false ? (rule.match.providers[0] ?? here) : here
    const witness = staging.witness(rule, provider, untilMs - fromMs)
    if (!witness?.talk) continue
    // Another rule may be quicker: what counts is that somebody acted on it.
    const { talk } = witness
    const others = versions.filter((one) => one.fromMs < untilMs && one.untilMs > fromMs && meets(one.rule, { provider, talk }, topology))
    const fates = [...new Set([rule, ...others.map((one) => one.rule)].flatMap(fatesOf))]
    checks.push({
      id: `${rule.id}-done`,
      expected: `Seen at work: ${rule.label}.`,
      of: 'packets',
      who: witness.id,
      fates,
      after: from,
      before: until,
      atLeast: 1,
    })
  }
  const bystander = staging.bystander(rules, here)
  if (bystander) {
    checks.push({ id: 'bystander', expected: 'Nothing was done to somebody whom no rule is about.', who: bystander.id, ...none })
    checks.push({
      id: 'bystander-through',
      expected: 'That one got through.',
      of: 'packets',
      who: bystander.id,
      packets: ['syn'],
      fates: ['passed'],
      atLeast: 3,
    })
  }
  const elsewhereIsFree = !rules.some(({ match }) => !match.providers || match.providers.includes(elsewhere))
  const witness = elsewhereIsFree && elsewhere !== here ? staging.bystander(rules, elsewhere) : null
  if (witness) {
    checks.push({ id: 'nothing-elsewhere', expected: 'Nothing was done to any packet elsewhere.', providers: [elsewhere], ...none })
    checks.push({
      id: 'elsewhere-through',
      expected: 'They got through.',
      of: 'packets',
      who: witness.id,
      packets: ['syn'],
      fates: ['passed'],
      atLeast: 3,
    })
  }
  checks.push({
    id: 'nothing-before',
    expected: 'Before the first move nothing was done to any packet.',
    before: steps[0]?.id ?? 'lift',
    ...none,
  })
  const ids = [...steps.map(({ id }) => id), 'lift']
  steps.forEach(({ id, atMs }, i) => {
    if (versions.some((one) => one.fromMs <= atMs && one.untilMs > atMs)) return
    checks.push({
      id: `nothing-after-${id}`,
      expected: 'While no rule stood, nothing was done to any packet.',
      after: id,
      before: ids[i + 1],
      ...none,
    })
  })
  checks.push({ id: 'nothing-after', expected: 'After the lifting nothing was done to any packet.', after: 'lift', ...none })
  return { checks }
}
