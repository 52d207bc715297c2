/**
 * Switches off each security check of secret chats in turn, in a copy of the sources, and runs the tests of that room: they must
 * fail each time. Prints which check was noticed by which test, and writes it to test-results/secret-mutations.txt; exit 1 if any
 * was not. `npm run soak -- secret-mutations [WORD]`: those whose name has this word.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Mutation, mutations } from './mutations/secret.ts'
import { engineMutations } from './mutations/secret-engine.ts'

const root = join(import.meta.dirname, '../..')
const copy = join(root, '.cache/mutations')
const results = join(root, 'test-results/secret-mutations.txt')
const room = 'electron/core/secret'
const tests = 'test/unit/secret/crypto'
const engineTests = 'test/unit/secret/engine'
const copied = ['electron/core', 'relay', 'shared', 'test/unit/secret', 'test/unit/chats', 'test/support', 'test/fixtures/secret']
const settings = ['package.json', 'vitest.config.ts', 'tsconfig.base.json']
/** A run that hangs was noticed as well, but not by a test. */
const LONGEST_MS = 300_000

const vectors = process.env.THROUGHLINE_VECTORS ?? join(root, '../shared/reference/vectors')

/** The files that notice most come first and alone: in all but a few cases the others need not start. */
const first = ['attacks', 'lies', 'handshake', 'session'].map((name) => `${tests}/${name}.test.ts`)

function prepare(): void {
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy, { recursive: true })
  for (const path of [...copied, ...settings]) cpSync(join(root, path), join(copy, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  // Only what esbuild needs to know; the copy is not type-checked.
  for (const folder of ['test', 'electron/core', 'shared']) {
    writeFileSync(join(copy, folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { target: 'ES2023' } }))
  }
}

/** The first test that failed; `null` when all passed. */
function firstFailure(files: readonly string[]): string | null {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'rooms', '--bail', '1', ...files]
  const run = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: 'utf8',
    timeout: LONGEST_MS,
    env: { ...process.env, CI: '1', ...(existsSync(vectors) && { THROUGHLINE_VECTORS: vectors }) },
  })
  if (run.status === 0) return null
  const said = stripVTControlCharacters(`${run.stdout}${run.stderr}`)
  return /FAIL +rooms +\S+ > (.*)/.exec(said)?.[1] ?? said.trim().split('\n').at(-1) ?? 'it did not run'
}

/** Those of the engine name the tests that must notice: each of its files takes a while. */
interface Trial extends Mutation {
  readonly by?: readonly string[]
}

function tryOne({ file, from, to, by }: Trial, rest: readonly string[]): { killed: boolean; by: string } {
  const path = join(copy, room, by ? '' : 'crypto', file)
  const source = readFileSync(path, 'utf8')
  if (!source.includes(from)) return { killed: false, by: 'its text is not there any more' }
  writeFileSync(path, source.replace(from, to))
  const failure = by ? firstFailure(by.map((name) => `${engineTests}/${name}.test.ts`)) : (firstFailure(first) ?? firstFailure(rest))
  writeFileSync(path, source)
  return failure === null ? { killed: false, by: 'every test passed' } : { killed: true, by: failure }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
  appendFileSync(results, `${line}\n`)
}

prepare()
const rest = readdirSync(join(copy, tests))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `${tests}/${name}`)
  .filter((name) => !first.includes(name))
const baseline = firstFailure([...first, ...rest, engineTests])
if (baseline !== null) {
  process.stderr.write(`Nothing was switched off, and yet a test failed: ${baseline}\n`)
  process.exit(1)
}
const [word = ''] = process.argv.slice(2)
const chosen: readonly Trial[] = [...mutations, ...engineMutations].filter(({ name }) => name.includes(word))
mkdirSync(join(results, '..'), { recursive: true })
writeFileSync(results, '')
let survived = 0
for (const mutation of chosen) {
  const { killed, by } = tryOne(mutation, rest)
  if (!killed) survived += 1
  say(`${killed ? 'killed  ' : 'SURVIVED'}  ${mutation.name.padEnd(40)}  ${by}`)
}
say(`${chosen.length - survived} killed, ${survived} survived`)
process.exitCode = survived === 0 ? 0 : 1
