/** JSON Schema (2020-12) of the few valibot schemas that scenario files are made of; rules no schema can say stay with the parser. */
import type * as v from 'valibot'

type Json = Readonly<Record<string, unknown>>

interface Shape {
  readonly type: string
  readonly entries?: Readonly<Record<string, v.GenericSchema>>
  readonly item?: v.GenericSchema
  readonly value?: v.GenericSchema
  readonly wrapped?: v.GenericSchema
  readonly default?: unknown
  readonly options?: readonly unknown[]
  readonly literal?: unknown
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[]
}

/** Throws on a kind of schema that it does not know, so that a new kind is not published wrongly. */
export function jsonSchema(schema: v.GenericSchema): Json {
  // valibot's schemas are plain objects whose fields depend on `type`; read here as data.
  const shape: Shape = { ...schema }
  return { ...base(shape), ...constraints(shape) }
}

function base(shape: Shape): Json {
  switch (shape.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return { type: shape.type }
    case 'literal':
      return { const: shape.literal }
    case 'picklist':
      return { enum: shape.options }
    case 'array':
      return { type: 'array', items: inner(shape.item) }
    case 'record':
      return { type: 'object', additionalProperties: inner(shape.value) }
    case 'nullable':
      return { anyOf: [inner(shape.wrapped), { type: 'null' }] }
    case 'optional':
      return {
        ...inner(shape.wrapped),
        ...(typeof shape.default === 'object' || shape.default === undefined ? {} : { default: shape.default }),
      }
    case 'union':
    case 'variant':
      return { anyOf: (shape.options ?? []).map((option) => jsonSchema(option as v.GenericSchema)) }
    case 'strict_object': {
      const entries = Object.entries(shape.entries ?? {})
      return {
        type: 'object',
        properties: Object.fromEntries(entries.map(([key, entry]) => [key, jsonSchema(entry)])),
        required: entries.filter(([, entry]) => entry.type !== 'optional').map(([key]) => key),
        additionalProperties: false,
      }
    }
    default:
      throw new Error(`no JSON Schema for ${shape.type}`)
  }
}

function inner(schema: v.GenericSchema | undefined): Json {
  if (!schema) throw new Error('a schema without its part')
  return jsonSchema(schema)
}

function constraints({ type, pipe = [] }: Shape): Json {
  const found: { type?: unknown; minimum?: unknown; maximum?: unknown; pattern?: unknown; [length: string]: unknown } = {}
  for (const { type: kind, requirement } of pipe) {
    if (kind === 'integer') found.type = 'integer'
    if (kind === 'min_value') found.minimum = requirement
    if (kind === 'max_value') found.maximum = requirement
    if (kind === 'min_length') found[type === 'array' ? 'minItems' : 'minLength'] = requirement
    if (kind === 'max_length') found[type === 'array' ? 'maxItems' : 'maxLength'] = requirement
    if (kind === 'regex' && requirement instanceof RegExp) found.pattern = requirement.source
  }
  return found
}
