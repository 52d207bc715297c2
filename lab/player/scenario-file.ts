/** Reads a scenario's text: the scenario, or what is wrong with it and at which line. Nothing of a faulty file is used. */
import { createScanner, getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import * as v from 'valibot'
import { MAX_FAULTS, MAX_SCENARIO_BYTES, type ScenarioFault } from '../../shared/contract/workbench.ts'
import type { World } from '../engine/world.ts'
import { Scenario } from './scenario.ts'
import { crossFaults } from './scenario-check.ts'
import { type Fault, faultOf, type Path, sayFault } from './scenario-faults.ts'

export type Reading =
  | { readonly ok: true; readonly scenario: Scenario }
  /** The first few, and how many more there are. */
  | { readonly ok: false; readonly faults: readonly ScenarioFault[]; readonly more: number }

/** Deeper than any scenario; what reads trees goes down as deep as they are. */
const MAX_DEPTH = 64

/** Faults that are looked for in the text; the rest are only counted. */
const MAX_LOCATED = 200

/** `world`: to look up what is named of it. */
export function readScenario(file: string, world: World): Reading {
  // Some editors put a mark of the byte order first.
  const text = file.replace(/^\uFEFF/, '')
  if (Buffer.byteLength(text) > MAX_SCENARIO_BYTES)
    return refuse(text, [{ at: 0, path: [], code: 'tooLarge', facts: { max: MAX_SCENARIO_BYTES } }])
  if (text.trim() === '') return refuse(text, [{ at: 0, path: [], code: 'empty', facts: {} }])
  const deep = tooDeep(text)
  if (deep !== null) return refuse(text, [{ at: deep, path: [], code: 'tooDeep', facts: {} }])

  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  if (errors.length > 0 || !tree) {
    const first = errors.slice(0, 1).map(({ error, offset }) => ({
      at: offset,
      path: [],
      code: 'syntax' as const,
      facts: { what: printParseErrorCode(error) },
    }))
    return refuse(text, first)
  }
  const twice = keysTwice(tree)
  if (twice.length > 0) return refuse(text, twice)
  const found = faultsIn(getNodeValue(tree), world)
  if (found.ok) return found
  const first = found.faults.slice(0, MAX_LOCATED).map((fault) => ({ ...fault, at: offsetOf(tree, fault) }))
  return refuse(text, first, found.faults.length)
}

/** What only showed when it was put into the world: `what` names an id or an address. */
export function misfit(text: string, what: string): Extract<Reading, { ok: false }> {
  const named = /"[^"]+"/.exec(what)?.[0]
  const at = named === undefined ? -1 : text.indexOf(named)
  return refuse(text, [{ at: Math.max(0, at), path: ['world'], code: 'misfit', facts: { what } }])
}

/** It has the id of one that comes with the lab. */
export function takenByBuiltIn(text: string, id: string): Extract<Reading, { ok: false }> {
  return refuse(text, [{ at: Math.max(0, text.indexOf(`"${id}"`)), path: ['card', 'id'], code: 'builtIn', facts: { key: 'id', id } }])
}

/** A file's value that was read before. Throws `RangeError` that says where and what, for the first fault. */
export function parseScenario(raw: unknown): Scenario {
  const found = faultsIn(raw, null)
  if (found.ok) return found.scenario
  const [fault] = found.faults
  throw new RangeError(fault ? `${fault.path.join('.') || 'the file'}: ${sayFault(fault)}` : 'the file: is no scenario')
}

/** For a command line: one line for each fault. */
export function faultLines({ faults, more }: Extract<Reading, { ok: false }>): string[] {
  const lines = faults.map(({ line, column, path, text }) => `Line ${line}, column ${column}: ${text}${path === '' ? '' : ` (${path})`}`)
  return more > 0 ? [...lines, `And ${more} more.`] : lines
}

function faultsIn(raw: unknown, world: World | null): { ok: true; scenario: Scenario } | { ok: false; faults: Fault[] } {
  const parsed = v.safeParse(Scenario, raw)
  if (!parsed.success) return { ok: false, faults: parsed.issues.map((issue) => faultOf(Scenario, issue, raw)) }
  const faults = crossFaults(parsed.output, world)
  return faults.length === 0 ? { ok: true, scenario: parsed.output } : { ok: false, faults }
}

type Placed = Fault & { readonly at: number }

function refuse(text: string, faults: readonly Placed[], all = faults.length): Extract<Reading, { ok: false }> {
  const inOrder = faults.toSorted((a, b) => a.at - b.at)
  return {
    ok: false,
    faults: inOrder.slice(0, MAX_FAULTS).map(({ at, path, code, facts }) => ({
      ...positionOf(text, at),
      path: path.join('.').slice(0, 200),
      code,
      facts: shortened(facts),
      text: sayFault({ code, facts: shortened(facts) }),
    })),
    more: Math.max(0, all - MAX_FAULTS),
  }
}

/** What stands in the file may be of any length. */
function shortened(facts: Fault['facts']): Fault['facts'] {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, typeof fact === 'string' && fact.length > 120 ? `${fact.slice(0, 119)}…` : fact]),
  )
}

/** Counted from one, as editors do. */
function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lastBreak = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'))
  return { line: before.split(/\r\n|\r|\n/).length, column: offset - lastBreak }
}

/** Where the value is; what is not there is missing in the nearest thing around it. A strange key is shown itself. */
function offsetOf(tree: Node, { path, code }: Fault): number {
  let node = tree
  for (const step of path) {
    const inner = node.type === 'object' ? propertyOf(node, String(step)) : node.children?.[Number(step)]
    if (!inner) break
    const [key, value] = inner.type === 'property' ? (inner.children ?? []) : [undefined, inner]
    if (code === 'unknownKey' && step === path.at(-1) && key) return key.offset
    if (!value) break
    node = value
  }
  return node.offset
}

function propertyOf(object: Node, name: string): Node | undefined {
  return object.children?.find((property) => property.children?.[0]?.value === name)
}

function keysTwice(node: Node, path: Path = []): Placed[] {
  const children = node.children ?? []
  if (node.type === 'array') return children.flatMap((child, i) => keysTwice(child, [...path, i]))
  const seen = new Set<string>()
  return children.flatMap((property) => {
    const [key, value] = property.children ?? []
    const name = String(key?.value)
    const fault: Placed[] = seen.has(name) ? [{ at: key?.offset ?? 0, path: [...path, name], code: 'keyTwice', facts: { key: name } }] : []
    seen.add(name)
    return [...fault, ...(value ? keysTwice(value, [...path, name]) : [])]
  })
}

/** Where it goes too deep; `null`: nowhere. */
function tooDeep(text: string): number | null {
  const scanner = createScanner(text, true)
  let depth = 0
  // Only the end of the text is a token without length, and only a bracket is one sign long and a bracket.
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const token = scanner.getTokenLength() === 1 ? text[scanner.getTokenOffset()] : ''
    if (token === '{' || token === '[') depth++
    if (token === '}' || token === ']') depth--
    if (depth > MAX_DEPTH) return scanner.getTokenOffset()
  }
  return null
}
