/**
 * The workbench of the Lab: rules a person makes from the mechanisms there are, the person's own scenarios, and what can be wrong
 * with either. Checks are the same in the form and in the lab.
 */
import * as v from 'valibot'
import {
  censorMechanismIds,
  initialValues,
  mechanismOf,
  type SettingName,
  type SettingValue,
  settings,
  settingsOf,
} from './workbench-mechanisms.ts'

/** A person's rules at once, and own scenarios; more are refused. */
export const MAX_STANDING = 24
export const MAX_OWN = 40
/** Of a scenario file. */
export const MAX_SCENARIO_BYTES = 1_048_576
/** What is told of one file at a time. */
export const MAX_FAULTS = 10
export const MAX_TITLE = 80
const MAX_CARD_TEXT = 1000

export const RuleId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/, 'letters, digits and dashes'))
const Value = v.union([
  v.number(),
  v.boolean(),
  v.pipe(v.string(), v.maxLength(400)),
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(40))), v.maxLength(16)),
])

/** A rule as a person says it. `values` may leave out what stays as it begins. */
export const HandRule = v.strictObject({
  mechanism: v.picklist(censorMechanismIds),
  /** `place:` or `country:` and which. */
  where: v.pipe(v.string(), v.regex(/^(place:[a-z0-9-]{1,40}|country:.{1,60})$/, 'a place or a country')),
  /** A plain aim, or `cloud:` or `neighbour:` and which. */
  aim: v.pipe(v.string(), v.regex(/^([a-z]{1,20}|(cloud|neighbour):[a-z0-9-]{1,40})$/, 'what it is aimed at')),
  values: v.pipe(
    v.record(v.string(), Value),
    v.check((values) => Object.keys(values).length <= 20, 'too many settings'),
  ),
})
export type HandRule = v.InferOutput<typeof HandRule>

/** One rule of the person's that is in force. */
export const StandingRule = v.strictObject({ id: RuleId, label: v.string(), rule: HandRule })
export type StandingRule = v.InferOutput<typeof StandingRule>

/** One thing the person did, at a time of the run or of the free play. */
export const HandMove = v.strictObject({ atMs: v.number(), does: v.picklist(['on', 'change', 'off']), id: RuleId, label: v.string() })
export type HandMove = v.InferOutput<typeof HandMove>

export const Workbench = v.strictObject({
  standing: v.array(StandingRule),
  /** Since the free play or the story began; what a scenario is made of. */
  made: v.array(HandMove),
  /** What a rule can be aimed at by its id. */
  clouds: v.array(v.strictObject({ id: v.string(), title: v.string() })),
  neighbours: v.array(v.strictObject({ id: v.string(), title: v.string() })),
  /** The person's own scenarios. `editable`: the workbench can take it up again. */
  own: v.array(v.strictObject({ id: v.string(), editable: v.boolean() })),
  /** Removed since the lab started, and can be put back. */
  removed: v.array(v.strictObject({ id: v.string(), title: v.string() })),
  /** The scenario that was taken up again. */
  editing: v.nullable(v.string()),
  /** Kept files that could not be read when the lab started: they lie aside, whole. */
  setAside: v.array(v.strictObject({ file: v.string(), reason: v.string() })),
})
export type Workbench = v.InferOutput<typeof Workbench>

/** What of a scenario the person says; the rest is made. */
export const ScenarioWish = v.strictObject({
  title: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(MAX_TITLE)),
  demand: v.pipe(v.string(), v.trim(), v.maxLength(MAX_CARD_TEXT)),
  hit: v.pipe(v.string(), v.trim(), v.maxLength(MAX_CARD_TEXT)),
  tryThis: v.pipe(v.string(), v.trim(), v.maxLength(MAX_TITLE)),
  /** Whom it happens to stands here, the other one elsewhere. */
  vantage: RuleId,
  elsewhere: RuleId,
  /** When each of `made` happens, ms from the first; `null`: what stands at last, all at once. A negative time leaves a move out. */
  times: v.nullable(v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(3_000_000))), v.maxLength(500))),
  /** What a truthful app must say there, once it had time; planes that are left out are not judged. */
  expected: v.pipe(
    v.array(
      v.strictObject({
        plane: v.picklist(['chat', 'media', 'links', 'web']),
        finding: v.picklist(['ok', 'interference', 'overload', 'degraded', 'offline']),
      }),
    ),
    v.maxLength(4),
  ),
  /** Put it in place of this own scenario. */
  replace: v.nullable(RuleId),
})
export type ScenarioWish = v.InferOutput<typeof ScenarioWish>

/** What can be wrong with a scenario file; the facts are those of the sentence. */
export const scenarioFaultCodes = [
  'syntax',
  'tooLarge',
  'tooDeep',
  'empty',
  'unreadable',
  'keyTwice',
  'missing',
  'unknownKey',
  'type',
  'range',
  'whole',
  'atLeast',
  'atMost',
  'tooLong',
  'tooShort',
  'oneOf',
  'exactly',
  'form',
  'idTwice',
  'addressTwice',
  'noSuch',
  'order',
  'afterEnd',
  'mustHold',
  'builtIn',
  'misfit',
] as const

export const ScenarioFault = v.strictObject({
  line: v.number(),
  column: v.number(),
  /** Of the value, as `rules.0.match.ports.0`; empty: the file as a whole. */
  path: v.string(),
  code: v.picklist(scenarioFaultCodes),
  facts: v.record(v.string(), v.union([v.string(), v.number()])),
  /** The same in English, without the line. */
  text: v.string(),
})
export type ScenarioFault = v.InferOutput<typeof ScenarioFault>

/** What came of keeping a scenario; unless it was kept, nothing was changed. */
export const KeepResult = v.variant('result', [
  v.strictObject({ result: v.literal('kept'), id: v.string() }),
  v.strictObject({ result: v.literal('faulty'), faults: v.array(ScenarioFault), more: v.number() }),
  /** One of the person's own has this id. */
  v.strictObject({ result: v.literal('there'), id: v.string(), title: v.string() }),
  /** It plays, or still shows its end. */
  v.strictObject({ result: v.literal('playing') }),
  /** There are as many as can be kept. */
  v.strictObject({ result: v.literal('full'), most: v.number() }),
  /** Nothing was done that could be kept. */
  v.strictObject({ result: v.literal('nothing') }),
])
export type KeepResult = v.InferOutput<typeof KeepResult>

export const FieldFault = v.strictObject({
  /** The setting, or `aim` or `where`. */
  field: v.string(),
  code: v.picklist([
    'unknown',
    'number',
    'whole',
    'range',
    'choice',
    'some',
    'name',
    'ports',
    'prefixes',
    'tooMany',
    'order',
    'nothing',
    'full',
  ]),
  facts: v.record(v.string(), v.union([v.string(), v.number()])),
})
export type FieldFault = v.InferOutput<typeof FieldFault>

/** A prefix of the simulated ranges (docs/LAB.md), as somebody types it; the lab looks more closely. */
const prefix = /^(2(4\d|5[0-5])(\.\d{1,3}){3}\/([4-9]|[12]\d|3[0-2])|2001:0?db8:[0-9a-f:]{1,40}\/\d{1,3})$/i
const name = /^[a-z0-9.-]{1,80}$/

export function splitList(value: string): string[] {
  return value.split(/[\s,،]+/).filter((part) => part !== '')
}

/** What is wrong with one value; `null`: nothing. */
export function valueFault(field: SettingName, value: SettingValue): FieldFault | null {
  const setting = settings[field]
  const fault = (code: FieldFault['code'], facts: FieldFault['facts'] = {}): FieldFault => ({ field, code, facts })
  switch (setting.kind) {
    case 'number': {
      const { min, max, whole } = setting
      if (typeof value !== 'number' || !Number.isFinite(value)) return fault('number', { min, max })
      if (value < min || value > max) return fault('range', { min, max })
      return whole && !Number.isInteger(value) ? fault('whole') : null
    }
    case 'choice':
      return typeof value === 'string' && (setting.options as readonly string[]).includes(value) ? null : fault('choice')
    case 'flag':
      return typeof value === 'boolean' ? null : fault('choice')
    case 'set': {
      const options: readonly string[] = setting.options
      const isSet = typeof value === 'object' && value.every((each) => options.includes(each))
      return isSet && value.length > 0 ? null : fault(isSet ? 'some' : 'choice')
    }
    case 'text': {
      if (typeof value !== 'string') return fault(setting.of)
      const parts = splitList(value)
      if (parts.length > setting.most) return fault(setting.of === 'name' ? 'name' : 'tooMany', { most: setting.most })
      return parts.every((part) => isPart(setting.of, part)) ? null : fault(setting.of)
    }
  }
}

function isPart(of: 'name' | 'ports' | 'prefixes', part: string): boolean {
  switch (of) {
    case 'name':
      return name.test(part)
    case 'ports':
      return /^\d{1,5}$/.test(part) && Number(part) >= 1 && Number(part) <= 65_535
    case 'prefixes':
      return prefix.test(part)
  }
}

/** All values of a rule, with those that were left out; or everything that is wrong. */
export function readValues({ mechanism, aim, values }: Pick<HandRule, 'mechanism' | 'aim' | 'values'>): {
  readonly values: Readonly<Partial<Record<SettingName, SettingValue>>>
  readonly faults: readonly FieldFault[]
} {
  const faults: FieldFault[] = []
  const known = settingsOf(mechanism)
  const isKnown = (field: string): field is SettingName => known.some((each) => each === field)
  const found: Partial<Record<SettingName, SettingValue>> = { ...initialValues(mechanism) }
  for (const [field, value] of Object.entries(values)) {
    const fault = isKnown(field) ? valueFault(field, value) : { field, code: 'unknown' as const, facts: {} }
    if (fault) faults.push(fault)
    else if (isKnown(field)) found[field] = value
  }
  const { freezeFrom, freezeTo } = found
  if (typeof freezeFrom === 'number' && typeof freezeTo === 'number' && freezeTo < freezeFrom)
    faults.push({ field: 'freezeTo', code: 'order', facts: { min: freezeFrom } })
  const kind = aim.split(':')[0] ?? ''
  if (!mechanismOf(mechanism).aims.some((each) => each === kind)) faults.push({ field: 'aim', code: 'choice', facts: {} })
  return { values: found, faults }
}

const done = v.strictObject({})
const call = <const I extends v.GenericSchema, const O extends v.GenericSchema>(input: I, output: O) => ({ input, output })

/** What a window asks of the workbench, and its shell of the lab. */
export const workbenchCalls = {
  /** A rule of the workbench comes into force, or in place of the one with this id; with faults nothing changes. */
  'lab.impose': call(v.strictObject({ id: v.nullable(RuleId), rule: HandRule }), v.strictObject({ faults: v.array(FieldFault) })),
  /** Lifts one rule of the person's. */
  'lab.lift': call(v.strictObject({ id: RuleId }), done),
  /** What the person did so far, as a scenario of their own. */
  'lab.keep': call(ScenarioWish, KeepResult),
  /** A scenario file. `twin`: what to do where one of the person's own has its id. */
  'lab.import': call(
    v.strictObject({ text: v.pipe(v.string(), v.maxLength(2 * MAX_SCENARIO_BYTES)), twin: v.picklist(['ask', 'replace', 'both']) }),
    KeepResult,
  ),
  /** Any scenario as a file; `schema` is that for editors. `no-such-scenario`. */
  'lab.export': call(v.strictObject({ id: v.string() }), v.strictObject({ name: v.string(), text: v.string() })),
  'lab.rename': call(
    v.strictObject({ id: RuleId, title: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(MAX_TITLE)) }),
    KeepResult,
  ),
  /** Takes one of the person's own off the list; it can be put back. `refused` while it plays. */
  'lab.remove': call(v.strictObject({ id: RuleId }), done),
  'lab.putBack': call(v.strictObject({ id: RuleId }), KeepResult),
  /** Ends what plays and takes up again what was done to make this scenario. `refused` where the workbench cannot. */
  'lab.edit': call(v.strictObject({ id: RuleId }), done),
} as const
