/** A scenario file: what happened, as data. Checked whole before anything of it is used; people write their own (docs/LAB.md). */
import * as v from 'valibot'
import { ScenarioCard } from '../../shared/contract/lab.ts'
import { Mechanism, Plane, VerdictKind } from '../../shared/contract/path.ts'
import { Rule } from '../censor/rule.ts'
import { Condition } from '../engine/condition.ts'
import type { Topology } from '../engine/topology.ts'
import { Id, Name, Port, VirtualAddress, WorldOffer, WorldPart } from '../engine/world.ts'

const Ms = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3_600_000))
/** A day, or a moment in UTC. */
const Story = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/, 'must be a date, as 2018-04-16 or 2018-04-16T09:00Z'),
)

export const ScenarioMove = v.strictObject({
  id: Id,
  atMs: Ms,
  story: Story,
  side: v.picklist(['censor', 'service', 'world']),
  text: v.string(),
  effect: v.optional(v.string()),
  /** Rules and conditions that come into force, and those that are lifted. */
  start: v.optional(v.array(Id), []),
  end: v.optional(v.array(Id), []),
  /** Hosts that come up, and that go. */
  raise: v.optional(v.array(Id), []),
  lower: v.optional(v.array(Id), []),
  /** True answers from now on; `null`: no such name any more. */
  names: v.optional(v.record(Name, v.nullable(v.array(VirtualAddress))), {}),
  /** The one it is played for goes there: into another network. */
  travel: v.optional(Id),
  /** What the service offers from now on; lists that are absent stay as they are. */
  offer: v.optional(v.partial(WorldOffer)),
})
export type ScenarioMove = v.InferOutput<typeof ScenarioMove>

const Bound = { atLeast: v.optional(v.number()), atMost: v.optional(v.number()) }

/** One statement about what the lab did, answered from its own packet log alone. */
export const Check = v.variant('of', [
  v.strictObject({
    id: Id,
    expected: v.string(),
    of: v.literal('packets'),
    packets: v.optional(v.array(v.picklist(['syn', 'data', 'dns', 'datagram']))),
    fates: v.optional(v.array(v.picklist(['passed', 'lied', 'dropped', 'reset', 'slowed']))),
    /** `client`: whoever the scenario is played for; `people`, `visitor`, `strangers`, `stations`: the lab's own. */
    who: v.optional(v.string()),
    providers: v.optional(v.array(Id)),
    toProviders: v.optional(v.array(Id)),
    ports: v.optional(v.array(Port)),
    names: v.optional(v.array(Name)),
    /** What was done was done by one of these rules. */
    rules: v.optional(v.array(Id)),
    after: v.optional(Id),
    before: v.optional(Id),
    count: v.optional(v.picklist(['packets', 'providers']), 'packets'),
    ...Bound,
  }),
  /** People the false page recorded. */
  v.strictObject({
    id: Id,
    expected: v.string(),
    of: v.literal('recorded'),
    who: v.picklist(['anybody', 'client', 'visitor']),
    ...Bound,
  }),
  /** What came of what one of the world's talkers tried, as it noted it: an outcome, or the first word of some. */
  v.strictObject({
    id: Id,
    expected: v.string(),
    of: v.literal('met'),
    who: Id,
    outcomes: v.array(v.string()),
    after: v.optional(Id),
    before: v.optional(Id),
    /** `kinds`: how many different ones. */
    count: v.optional(v.picklist(['times', 'kinds']), 'times'),
    ...Bound,
  }),
  /** Neighbours that were seen to go down from a place, or to stand again. */
  v.strictObject({
    id: Id,
    expected: v.string(),
    of: v.picklist(['fallen', 'risen']),
    place: v.picklist(['client', 'elsewhere']),
    cloud: v.optional(Id),
    after: v.optional(Id),
    before: v.optional(Id),
    ...Bound,
  }),
])
export type Check = v.InferOutput<typeof Check>

export const Scenario = v.strictObject({
  $schema: v.optional(v.string()),
  format: v.literal(1),
  card: ScenarioCard,
  /** The places it is about, for the map and for lists. */
  places: v.pipe(v.array(Id), v.minLength(1)),
  /** Where the other person stays, to compare with. */
  elsewhere: Id,
  lastsMs: Ms,
  world: v.optional(WorldPart, {}),
  rules: v.array(Rule),
  /** What holds though nobody censors; nothing until a move starts it. */
  conditions: v.optional(v.array(Condition), []),
  moves: v.pipe(v.array(ScenarioMove), v.minLength(1)),
  /** People of the lab who follow a short link with an ordinary browser, over plain HTTP. */
  visitors: v.optional(v.strictObject({ name: Name, places: v.array(Id), everyMs: v.pipe(Ms, v.minValue(100)) })),
  /** Measuring stations of the lab, each of which asks a name lookup about a name once, in the seconds after a move. */
  survey: v.optional(
    v.strictObject({
      name: Name,
      after: Id,
      stations: v.array(
        v.strictObject({ place: Id, count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(150)), resolver: VirtualAddress }),
      ),
    }),
  ),
  /** What must come out, written from the world's truth. */
  expected: v.array(
    v.strictObject({
      byMs: Ms,
      untilMs: Ms,
      vantage: Id,
      plane: Plane,
      kind: VerdictKind,
      mechanisms: v.array(Mechanism),
      mayName: v.array(Mechanism),
    }),
  ),
  checks: v.array(Check),
})
export type Scenario = v.InferOutput<typeof Scenario>

/**
 * Reads a scenario. Throws `RangeError` with one sentence that says where and what: a wrong shape, a move out of order, a rule
 * or host that is named but not there.
 */
export function parseScenario(raw: unknown): Scenario {
  const parsed = v.safeParse(Scenario, raw)
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw new RangeError(`${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`)
  }
  const scenario = parsed.output
  const endless = pathToEndless(scenario, [])
  if (endless) throw new RangeError(`${endless.join('.')}: a number without end`)
  const startable = [...scenario.rules, ...scenario.conditions].map(({ id }) => id)
  const rules = new Set(startable)
  const moves = scenario.moves.map((move) => move.id)
  const need = (holds: boolean, where: string, what: string) => {
    if (!holds) throw new RangeError(`${where}: ${what}`)
  }
  need(rules.size === startable.length, scenario.conditions.length > 0 ? 'rules and conditions' : 'rules', 'two have one id')
  need(new Set(moves).size === moves.length, 'moves', 'two have one id')
  need(scenario.places.includes(scenario.card.vantage), 'places', `must hold "${scenario.card.vantage}"`)
  scenario.moves.forEach((move, i) => {
    need(i === 0 || move.atMs >= (scenario.moves[i - 1]?.atMs ?? 0), `moves.${i}.atMs`, 'must not be before the move above it')
    need(move.atMs <= scenario.lastsMs, `moves.${i}.atMs`, 'must not be after the end')
    for (const id of [...move.start, ...move.end])
      need(rules.has(id), `moves.${i}`, scenario.conditions.length > 0 ? `no rule or condition "${id}"` : `no rule "${id}"`)
  })
  need(!scenario.survey || moves.includes(scenario.survey.after), 'survey.after', `no move "${scenario.survey?.after}"`)
  scenario.checks.forEach((check, i) => {
    if (check.of === 'recorded') return
    if (check.of === 'packets') for (const id of check.rules ?? []) need(rules.has(id), `checks.${i}`, `no rule "${id}"`)
    for (const id of [check.after, check.before]) need(id === undefined || moves.includes(id), `checks.${i}`, `no move "${id}"`)
  })
  return scenario
}

/** Throws `RangeError` where the scenario names a place or host that the world does not have. */
export function fitScenario({ card, places, elsewhere, visitors, moves }: Scenario, { place, host }: Topology): void {
  const need = (there: object | null, where: string, what: string) => {
    if (!there) throw new RangeError(`${where}: ${what}`)
  }
  need(place(card.vantage), 'card.vantage', `no place "${card.vantage}"`)
  need(place(elsewhere), 'elsewhere', `no place "${elsewhere}"`)
  for (const [i, id] of places.entries()) need(place(id), `places.${i}`, `no place "${id}"`)
  for (const [i, id] of (visitors?.places ?? []).entries()) need(place(id), `visitors.places.${i}`, `no place "${id}"`)
  for (const [i, move] of moves.entries()) for (const id of [...move.raise, ...move.lower]) need(host(id), `moves.${i}`, `no host "${id}"`)
}

/** JSON has no infinity, but readers make one of 1e999. */
function pathToEndless(value: unknown, path: readonly string[]): readonly string[] | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : path
  if (typeof value !== 'object' || value === null) return null
  for (const [key, each] of Object.entries(value)) {
    const found = pathToEndless(each, [...path, key])
    if (found) return found
  }
  return null
}

/** How many of its moves belong before this moment of a run. */
export function movesDue({ moves }: Scenario, atMs: number): number {
  // Timers may fire a little early.
  return moves.filter((move) => move.atMs <= atMs + 1).length
}

/** Story time, ISO: it runs evenly from one move's moment to the next. Empty before the first. */
export function storyAt(scenario: Scenario, atMs: number): string {
  const due = movesDue(scenario, atMs)
  const last = scenario.moves[due - 1]
  const coming = scenario.moves[due]
  if (!last) return ''
  const from = Date.parse(last.story)
  if (!coming) return new Date(from).toISOString()
  const share = (atMs - last.atMs) / Math.max(1, coming.atMs - last.atMs)
  return new Date(from + Math.min(1, Math.max(0, share)) * (Date.parse(coming.story) - from)).toISOString()
}
