/**
 * Switches off each security check of secret chats in turn, in a copy of the sources, and runs the tests of that room: they must
 * fail each time. Prints which check was noticed by which test; exit 1 if any was not. `npm run soak -- secret-mutations [WORD]`.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Mutation, mutations } from './mutations/secret.ts'

const root = join(import.meta.dirname, '../..')
const copy = join(root, '.cache/mutations')
const room = 'electron/core/secret/crypto'
const tests = 'test/unit/secret/crypto'
const copied = ['electron/core/secret/crypto', 'shared', tests, 'test/support/secret-noble', 'test/support/skip.ts', 'test/fixtures/secret']
const settings = ['package.json', 'vitest.config.ts', 'tsconfig.base.json']
/** A run that hangs was noticed as well, but not by a test. */
const LONGEST_MS = 300_000

const vectors = process.env.THROUGHLINE_VECTORS ?? join(root, '../shared/reference/vectors')

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
function firstFailure(): string | null {
  const run = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'rooms', '--bail', '1', tests], {
    cwd: copy,
    encoding: 'utf8',
    timeout: LONGEST_MS,
    env: { ...process.env, CI: '1', ...(existsSync(vectors) && { THROUGHLINE_VECTORS: vectors }) },
  })
  if (run.status === 0) return null
  const said = stripVTControlCharacters(`${run.stdout}${run.stderr}`)
  return /FAIL +rooms +\S+ > (.*)/.exec(said)?.[1] ?? said.trim().split('\n').at(-1) ?? 'it did not run'
}

function tryOne({ file, from, to }: Mutation): { noticed: boolean; by: string } {
  const path = join(copy, room, file)
  const source = readFileSync(path, 'utf8')
  if (!source.includes(from)) return { noticed: false, by: 'its text is not there any more' }
  writeFileSync(path, source.replace(from, to))
  const failure = firstFailure()
  writeFileSync(path, source)
  return failure === null ? { noticed: false, by: 'every test passed' } : { noticed: true, by: failure }
}

prepare()
const baseline = firstFailure()
if (baseline !== null) {
  process.stderr.write(`Nothing was switched off, and yet a test failed: ${baseline}\n`)
  process.exit(1)
}
const [word = ''] = process.argv.slice(2)
const chosen = mutations.filter(({ name }) => name.includes(word))
let missed = 0
for (const mutation of chosen) {
  const { noticed, by } = tryOne(mutation)
  if (!noticed) missed += 1
  process.stdout.write(`${noticed ? 'noticed' : 'MISSED '}  ${mutation.name.padEnd(40)}  ${by}\n`)
}
process.stdout.write(`\n${chosen.length - missed} of ${chosen.length} noticed\n`)
process.exitCode = missed === 0 ? 0 : 1
