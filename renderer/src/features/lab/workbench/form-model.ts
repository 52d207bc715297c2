/** The form of one rule, as data: what stands in its fields, what that comes to, and what is wrong with it. Pure. */
import type { LabState } from '../../../../../shared/contract/lab.ts'
import { type FieldFault, type HandRule, readValues } from '../../../../../shared/contract/workbench.ts'
import {
  type CensorMechanism,
  initialValues,
  mechanismOf,
  type SettingName,
  type SettingValue,
  settings,
  settingsOf,
} from '../../../../../shared/contract/workbench-mechanisms.ts'

/** What stands in a field; figures as they were typed. */
export type Raw = string | boolean | string[]

export interface RuleDraft {
  /** Of the rule that is changed; `null`: a new one. */
  readonly id: string | null
  readonly mechanism: CensorMechanism
  readonly where: string
  readonly aim: string
  readonly raw: Readonly<Partial<Record<SettingName, Raw>>>
}

const asRaw = (value: SettingValue | undefined): Raw => (typeof value === 'number' ? String(value) : (value ?? ''))

export function draftOf(lab: LabState, where: string, mechanism: CensorMechanism, before: RuleDraft | null = null): RuleDraft {
  const aims = mechanismOf(mechanism).aims
  // What the person chose stays; where a rule merely began does not.
  const isChosen = before !== null && before.aim !== mechanismOf(before.mechanism).aims[0]
  const kept = isChosen && aims.some((aim) => aim === before.aim.split(':')[0]) ? before.aim : null
  const [first = 'service'] = aims
  const aim = kept ?? (first === 'cloud' ? `cloud:${lab.workbench.clouds[0]?.id ?? ''}` : first)
  const raw = Object.fromEntries(Object.entries(initialValues(mechanism)).map(([name, value]) => [name, asRaw(value)]))
  return { id: before?.id ?? null, mechanism, where: before?.where ?? where, aim, raw }
}

/** Of a rule that stands, with what it left out. */
export function draftOfRule(id: string, { mechanism, where, aim, values }: HandRule): RuleDraft {
  const all = { ...initialValues(mechanism), ...values }
  return { id, mechanism, where, aim, raw: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, asRaw(value)])) }
}

/** Only what differs from where a new one begins is said. */
export function ruleOf({ mechanism, where, aim, raw }: RuleDraft): HandRule {
  const initial = initialValues(mechanism)
  const values: HandRule['values'] = {}
  for (const name of settingsOf(mechanism)) {
    const value = valueIn(name, raw[name])
    if (JSON.stringify(value) !== JSON.stringify(initial[name])) values[name] = value
  }
  return { mechanism, where, aim, values }
}

function valueIn(name: SettingName, raw: Raw | undefined): SettingValue {
  if (settings[name].kind !== 'number' || typeof raw !== 'string') return raw ?? ''
  // Digits of other scripts and a comma before the fraction are figures too.
  const plain = raw
    .trim()
    .replaceAll(/[۰-۹٠-٩]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 15))
    .replace(/[,٫]/, '.')
  return plain === '' ? Number.NaN : Number(plain)
}

export function faultsIn(draft: RuleDraft): readonly FieldFault[] {
  return readValues(ruleOf(draft)).faults
}

/** Settings that only count beside another. */
export function counts(name: SettingName, raw: RuleDraft['raw']): boolean {
  if (name === 'pool') return raw.forged === 'pool'
  if (name === 'residualShare') return raw.residual !== '0' && raw.residual !== ''
  return true
}
