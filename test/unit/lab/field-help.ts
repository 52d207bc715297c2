/** Puts a line of help at every field of the published JSON Schema, for editors that show it. */

type Json = Readonly<Record<string, unknown>>

export interface Helped {
  readonly schema: Json
  /** Fields nobody has a word for, and words for no field. */
  readonly mute: readonly string[]
  readonly unused: readonly string[]
}

/** What tells the members of a choice apart. */
const tags = ['do', 'of'] as const

/** `help`: by the end of a field's path, members of a choice in angle brackets or left out; the longest that fits is taken. */
export function withHelp(schema: Json, help: Readonly<Record<string, string>>): Helped {
  const mute: string[] = []
  const used = new Set<string>()
  const keys = Object.keys(help).sort((a, b) => b.length - a.length)
  const wordsFor = (path: string) => {
    const forms = [path, path.replaceAll(/<[^>]*>/g, '')]
    const key = keys.find((each) => forms.some((form) => form === each || form.endsWith(`.${each}`)))
    if (key === undefined) mute.push(path)
    else used.add(key)
    return key === undefined ? {} : { description: help[key] }
  }
  const walk = (node: Json, path: string): Json => ({
    ...node,
    ...(isObject(node.properties) && {
      properties: Object.fromEntries(
        Object.entries(node.properties).map(([name, field]) => {
          const here = path === '' ? name : `${path}.${name}`
          return [name, { ...wordsFor(here), ...walk(asObject(field), here) }]
        }),
      ),
    }),
    ...(isObject(node.items) && { items: walk(node.items, path) }),
    ...(isObject(node.additionalProperties) && { additionalProperties: walk(node.additionalProperties, path) }),
    ...(Array.isArray(node.anyOf) && { anyOf: node.anyOf.map((each) => walk(asObject(each), `${path}${tagOf(asObject(each))}`)) }),
  })
  const helped = walk(schema, '')
  return { schema: helped, mute, unused: keys.filter((key) => !used.has(key)) }
}

function tagOf({ properties }: Json): string {
  for (const tag of isObject(properties) ? tags : []) {
    const { const: only, enum: some } = asObject(isObject(properties) ? (properties[tag] ?? {}) : {})
    if (typeof only === 'string') return `<${only}>`
    if (Array.isArray(some)) return `<${some.join('|')}>`
  }
  return ''
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asObject(value: unknown): Json {
  if (!isObject(value)) throw new Error('not a schema')
  return value
}
