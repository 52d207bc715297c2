/** Scenario files with any part taken out, changed or doubled: a scenario, or refused with the place; and what is accepted can be played. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { createPlayer } from '../../../lab/player/player.ts'
import { fitScenario, parseScenario, type Scenario } from '../../../lab/player/scenario.ts'
import { type FuzzCheck, victim } from './check.ts'

const folder = join(import.meta.dirname, '../../../lab/scenarios')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.json') && !name.endsWith('.schema.json'),
)
const originals: readonly unknown[] = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))

type Node = Record<string, unknown> | unknown[]
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null
const read = (node: Node, key: string): unknown => Object.entries(node).find(([each]) => each === key)?.[1]
const put = (node: Node, key: string, value: unknown) => void Reflect.set(node, key, value)

/** Every place in the file: whose, and which of it. */
function places(node: Node): { readonly of: Node; readonly key: string }[] {
  return Object.entries(node).flatMap(([key, value]) => [{ of: node, key }, ...(isNode(value) ? places(value) : [])])
}

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    -1,
    0.5,
    1e9,
    1e308,
    Number.POSITIVE_INFINITY,
    '',
    'x',
    '240.1.2.3',
    '::1',
    '8.8.8.8',
    '127.0.0.1',
    '0.0.0.0/0',
    {},
    [],
    true,
  ),
  fc.jsonValue({ maxDepth: 2 }),
)
const change = fc.record({
  at: fc.nat(100_000),
  how: fc.constantFrom('remove' as const, 'replace' as const, 'double' as const, 'swap' as const, 'add' as const),
  from: fc.nat(100_000),
  value: strange,
})
export const scenarioFile = fc
  .tuple(fc.nat(originals.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }))
  .map(([which, changes]) => {
    const file = structuredClone(originals[which])
    for (const { at, how, from, value } of changes) {
      if (!isNode(file)) break
      const all = places(file)
      const [one, other] = [all[at % all.length], all[from % all.length]]
      if (!one || !other) break
      if (how === 'add') put(one.of, Array.isArray(one.of) ? String(one.of.length) : 'more', value)
      else if (how === 'replace') put(one.of, one.key, value)
      else if (how === 'swap') put(one.of, one.key, structuredClone(read(other.of, other.key)))
      else if (Array.isArray(one.of))
        one.of.splice(Number(one.key), 1, ...(how === 'double' ? [read(one.of, one.key), structuredClone(read(one.of, one.key))] : []))
      else if (how === 'remove') Reflect.deleteProperty(one.of, one.key)
    }
    return file
  })

/** `null`: refused as it should be. */
function parsed(file: unknown): Scenario | null {
  try {
    return parseScenario(file)
  } catch (error) {
    if (!(error instanceof RangeError) || !/^[^:]+: \S/.test(error.message)) throw error
    return null
  }
}

export const scenarioChecks: readonly FuzzCheck[] = [
  {
    name: 'a damaged scenario file is a scenario, or refused in one sentence that names the place',
    runs: 300,
    async run(options) {
      fc.assert(
        fc.property(scenarioFile, (file) => {
          const scenario = parsed(file)
          if (scenario) expectFinite(scenario)
        }),
        options,
      )
    },
  },
  {
    name: 'what is accepted of a damaged file can be played from beginning to end; what does not fit the world changes nothing of it',
    runs: 15,
    async run(options) {
      await fc.assert(
        fc.asyncProperty(scenarioFile, async (file) => {
          const scenario = parsed(file)
          if (!scenario) return
          const { lab, clock } = await victim()
          const before = lab.engine.topology.world
          const refused = (error: unknown) => {
            if (!(error instanceof RangeError)) throw error
            return false
          }
          if (!(await lab.add(scenario.card.id, scenario.world).then(() => true, refused))) {
            if (lab.engine.topology.world !== before) throw new Error('half of it was used')
            return
          }
          try {
            fitScenario(scenario, lab.engine.topology)
          } catch (error) {
            refused(error)
            return
          }
          const player = createPlayer(lab, [scenario], clock)
          player.play(scenario.card.id, 'alice')
          for (let move = 0; move <= scenario.moves.length; move++) {
            await lab.run(120)
            player.state()
            player.step()
          }
          player.truth()
          player.close()
          lab.close()
        }),
        options,
      )
    },
  },
]

function expectFinite(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('a number without end was accepted')
  if (isNode(value)) for (const each of Object.values(value)) expectFinite(each)
}
