/** What is wrong with a scenario, as a code with its facts, and the English sentence of each. Where in the file it stands is scenario-file.ts. */
import type * as v from 'valibot'
import type { ScenarioFault } from '../../shared/contract/workbench.ts'

export type Path = readonly (string | number)[]

/** A fault, not yet found in the text. */
export interface Fault extends Pick<ScenarioFault, 'code' | 'facts'> {
  readonly path: Path
}

/** What a text must look like, by the words of its schema. */
const forms: Readonly<Record<string, string>> = {
  'letters, digits and dashes': 'id',
  'must be an address': 'address',
  'must be an address in 240.0.0.0/4 or 2001:db8::/32': 'virtual',
  'must be a prefix, as 240.1.0.0/16': 'prefix',
  'must be a name under .test': 'name',
  'must be a date, as 2018-04-16 or 2018-04-16T09:00Z': 'date',
}
const formWords: Readonly<Record<string, string>> = {
  id: 'may hold small letters, digits and dashes only, at most 40',
  address: 'must be an address',
  virtual: 'must be an address in 240.0.0.0/4 or 2001:db8::/32',
  prefix: 'must be a prefix, as 240.1.0.0/16',
  name: 'must be a name under .test',
  date: 'must be a date, as 2018-04-16 or 2018-04-16T09:00Z',
  other: 'has not the form it must have',
}
const kinds = ['string', 'number', 'boolean', 'array', 'record', 'strict_object'] as const
const kindWords: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list in square brackets',
  record: 'an object in braces',
  strict_object: 'an object in braces',
}

/** Where the reader of JSON stopped, in words. */
const syntaxWords: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this word is not known',
  InvalidNumberFormat: 'a number is not finished',
  PropertyNameExpected: 'the name of a field in quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing brace is expected',
  CloseBracketExpected: 'a closing bracket is expected',
  EndOfFileExpected: 'the file should end',
  InvalidCommentToken: 'there are no comments in JSON',
  UnexpectedEndOfComment: 'there are no comments in JSON',
  UnexpectedEndOfString: 'a closing quotation mark is missing',
  UnexpectedEndOfNumber: 'a number is not finished',
  InvalidUnicode: 'the sign after \\u is not known',
  InvalidEscapeCharacter: 'the sign after \\ is not known',
  InvalidCharacter: 'this sign may not stand in a text',
}

/** The last name on the way, which people look for; of a list it is the list's own. */
export function keyOf(path: Path): string {
  return path.findLast((step): step is string => typeof step === 'string') ?? ''
}

/** The sentence, without the line: what a command line prints. The screens have it in each language (catalogue `workbench`). */
export function sayFault({ code, facts }: Pick<ScenarioFault, 'code' | 'facts'>): string {
  const { key, what, min, max, list, id } = facts
  const q = `"${key}"`
  switch (code) {
    case 'syntax':
      return `this cannot be read as JSON: ${syntaxWords[String(what)] ?? 'something else is expected'}.`
    case 'tooLarge':
      return `the file is larger than ${max} bytes.`
    case 'tooDeep':
      return 'there are too many brackets inside each other.'
    case 'empty':
      return 'the file is empty.'
    case 'unreadable':
      return 'the file cannot be read.'
    case 'keyTwice':
      return `${q} is there twice.`
    case 'missing':
      return `${q} is missing.`
    case 'unknownKey':
      return `${q} is not known here.`
    case 'type':
      return `${q} must be ${kindWords[String(what)] ?? 'something else'}.`
    case 'range':
      return `${q} must be a number from ${min} to ${max}.`
    case 'whole':
      return `${q} must be a whole number.`
    case 'atLeast':
      return `${q} must be a number, at least ${min}.`
    case 'atMost':
      return `${q} must be a number, at most ${max}.`
    case 'tooLong':
      return `${q} is too long: at most ${max}.`
    case 'tooShort':
      return `${q} is too short: at least ${min}.`
    case 'oneOf':
      return `${q} must be one of: ${list}.`
    case 'exactly':
      return `${q} must be ${what}.`
    case 'form':
      return `${q} ${formWords[String(what)] ?? formWords.other}.`
    case 'idTwice':
      return `the id "${id}" is there twice.`
    case 'addressTwice':
      return `the address "${id}" is there twice.`
    case 'noSuch':
      return `there is no ${what} "${id}".`
    case 'order':
      return `${q} must not be before that of the move above it.`
    case 'afterEnd':
      return `${q} must not be after the end, ${max} ms.`
    case 'mustHold':
      return `${q} must hold "${id}".`
    case 'builtIn':
      return `"${id}" is a built-in scenario; give yours another id.`
    case 'misfit':
      return `this does not fit the world: ${what}.`
  }
}

interface Shape {
  readonly type: string
  readonly key?: string
  readonly entries?: Readonly<Record<string, v.GenericSchema>>
  readonly item?: v.GenericSchema
  readonly value?: v.GenericSchema
  readonly wrapped?: v.GenericSchema
  readonly options?: readonly v.GenericSchema[]
  readonly literal?: unknown
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[]
}

/** What one complaint of the schema comes to; `raw` is the whole file's value. */
export function faultOf(schema: v.GenericSchema, issue: v.BaseIssue<unknown>, raw: unknown): Fault {
  const path: Path = (issue.path ?? []).flatMap(({ key }) => (typeof key === 'string' || typeof key === 'number' ? [key] : []))
  const key = keyOf(path)
  const fault = (code: Fault['code'], facts: Fault['facts'] = {}): Fault => ({ path, code, facts: { key, ...facts } })
  const { type, requirement, expected } = issue
  const bounds = () => {
    const pipe = shapeAt(schema, path, raw)?.pipe ?? []
    const of = (kind: string) => pipe.find((each) => each.type === kind)?.requirement
    const [min, max] = [of('min_value'), of('max_value')]
    if (typeof min === 'number' && typeof max === 'number') return fault('range', { min, max })
    if (typeof min === 'number') return fault('atLeast', { min })
    return typeof max === 'number' ? fault('atMost', { max }) : null
  }
  if (type === 'strict_object' && expected === 'never') return fault('unknownKey')
  if (issue.input === undefined && issue.kind === 'schema') return fault('missing')
  if (type === 'min_value' || type === 'max_value') return bounds() ?? fault('type', { what: 'number' })
  if (type === 'number') return bounds() ?? fault('type', { what: 'number' })
  if (type === 'integer') return fault('whole')
  if (type === 'min_length') return fault('tooShort', { min: Number(requirement) })
  if (type === 'max_length') return fault('tooLong', { max: Number(requirement) })
  if (type === 'literal') return fault('exactly', { what: String(expected) })
  if (type === 'picklist' || type === 'variant' || type === 'union') {
    const list = String(expected)
      .split(' | ')
      .map((each) => each.replaceAll(/["()]/g, ''))
    return fault('oneOf', { list: list.join(', ') })
  }
  if (kinds.some((kind) => kind === type)) return fault('type', { what: type })
  return fault('form', { what: forms[issue.message] ?? 'other' })
}

/** The schema of the value at a path, as far as it can be told. */
function shapeAt(schema: v.GenericSchema, path: Path, raw: unknown): Shape | null {
  // valibot's schemas are plain objects whose fields depend on `type`; read here as data.
  const shape: Shape = { ...schema }
  if (shape.wrapped) return shapeAt(shape.wrapped, path, raw)
  const [step, ...rest] = path
  if (step === undefined) return shape
  const inner: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, step) : undefined
  if (shape.type === 'variant') {
    const { key = '', options = [] } = shape
    const chosen = options.find((option) => {
      const tag = { ...option, entries: undefined, ...('entries' in option && { entries: option.entries }) }.entries
      const literal: unknown = typeof tag === 'object' && tag !== null ? Reflect.get(tag, key) : undefined
      return (
        typeof literal === 'object' &&
        literal !== null &&
        typeof raw === 'object' &&
        raw !== null &&
        Reflect.get(literal, 'literal') === Reflect.get(raw, key)
      )
    })
    return chosen ? shapeAt(chosen, path, raw) : null
  }
  const next = shape.entries?.[String(step)] ?? shape.item ?? shape.value
  return next ? shapeAt(next, rest, inner) : null
}
