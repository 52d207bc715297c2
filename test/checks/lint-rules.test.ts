/** The lint rules are named by hand, some of them still young: each is fed one bad line, so that an update cannot quietly drop it. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Rule, the folder it watches, and what it must object to. */
const bad: ReadonlyArray<readonly [rule: string, path: string, text: string]> = [
  ['suspicious/noExplicitAny', 'lab/any.ts', 'export const value = (input: any) => input.name'],
  ['suspicious/noConsole', 'relay/print.ts', "console.log('here')"],
  ['suspicious/noTsIgnore', 'lab/ignore.ts', '// @ts-ignore\nexport const one: string = 1'],
  ['suspicious/noFocusedTests', 'test/unit/only.test.ts', "import { test } from 'vitest'\ntest.only('one', () => {})"],
  ['suspicious/noSkippedTests', 'test/unit/skip.test.ts', "import { test } from 'vitest'\ntest.skip('one', () => {})"],
  ['style/noNonNullAssertion', 'lab/sure.ts', 'export const size = (text: string | null) => text!.length'],
  ['style/noEnum', 'lab/enum.ts', 'export enum Colour {\n  red,\n}'],
  ['style/noParameterProperties', 'lab/property.ts', 'export class Box {\n  constructor(readonly size: number) {}\n}'],
  ['style/noDefaultExport', 'lab/default.ts', 'export default 1'],
  ['style/useImportType', 'lab/type.ts', "import { Box } from './property.ts'\nexport const size = (box: Box) => box.size"],
  ['style/useFilenamingConvention', 'lab/camelCase.ts', 'export const one = 1'],
  ['style/noJsxLiterals', 'renderer/src/words.tsx', 'export const Words = () => <p>Hello</p>'],
  ['style/noRestrictedImports', 'electron/main/raw.ts', "import { ipcMain } from 'electron/main'\nexport const raw = ipcMain"],
  ['style/noRestrictedGlobals', 'electron/core/wait.ts', 'setTimeout(() => {}, 5)'],
  ['nursery/noJsRestrictedProperties', 'electron/core/now.ts', 'export const now = () => Date.now()'],
  ['nursery/noJsRestrictedProperties', 'relay/chance.ts', 'export const chance = () => Math.random()'],
  ['plugin', 'lab/date.ts', 'export const now = () => new Date()'],
  ['plugin', 'electron/web/cast.ts', 'export const size = (input: string) => input as unknown as number'],
  ['plugin', 'renderer/src/side.module.css', '.side {\n  margin-left: 4px;\n}'],
  [
    'security/noDangerouslySetInnerHtml',
    'renderer/src/html.tsx',
    'export const Html = () => <p dangerouslySetInnerHTML={{ __html: "" }} />',
  ],
  ['performance/noBarrelFile', 'lab/barrel.ts', "export { Box } from './property.ts'"],
  ['performance/noReExportAll', 'lab/all.ts', "export * from './property.ts'"],
  ['nursery/noFloatingPromises', 'lab/floating.ts', 'async function work() {}\nexport function start() {\n  work()\n}'],
  ['nursery/noMisusedPromises', 'lab/misused.ts', 'async function work() {}\nexport const busy = () => (work() ? 1 : 2)'],
  ['nursery/useAwaitThenable', 'lab/thenable.ts', 'export async function one() {\n  return await 1\n}'],
  [
    'nursery/useExhaustiveSwitchCases',
    'lab/switch.ts',
    "export function size(kind: 'a' | 'b') {\n  switch (kind) {\n    case 'a':\n      return 1\n  }\n  return 2\n}",
  ],
  [
    'nursery/noPlaywrightWaitForTimeout',
    'test/e2e/sleep.test.ts',
    'export async function sleep(page: { waitForTimeout(ms: number): Promise<void> }) {\n  await page.waitForTimeout(5)\n}',
  ],
]
const Report = v.object({ diagnostics: v.array(v.object({ category: v.string(), location: v.object({ path: v.string() }) })) })

let folder = ''
let found: readonly string[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lint-rules-'))
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  cpSync(join(root, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true })
  for (const [, path, text] of bad) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const arguments_ = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.']
  const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), ...arguments_], {
    cwd: folder,
    encoding: 'utf8',
  })
  const { diagnostics } = v.parse(Report, JSON.parse(stdout))
  found = diagnostics.map(({ category, location }) => `${category.replace('lint/', '')} in ${location.path.replaceAll('\\', '/')}`)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('lint', () => {
  test.each(bad)('%s objects in %s', (rule, path) => {
    expect(found).toContain(`${rule} in ${path}`)
  })
})
