/** Every rule of .dependency-cruiser.cjs is fed one bad import and must object; a small tree that keeps them all must pass. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractConfiguration from 'dependency-cruiser/config-utl/extract-depcruise-config'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { forbidden: rules = [], options } = await extractConfiguration(join(root, '.dependency-cruiser.cjs'))
const rooms = ['electron', 'renderer', 'shared', 'relay', 'lab', 'rehearsal', 'test', 'scripts']

/** Per rule: a file that breaks it, and what that file says. */
const bad: Record<string, readonly [path: string, text: string]> = {
  'no-circles': ['lab/circle-a.ts', "import './circle-b.ts'"],
  'nothing-unresolved': ['lab/dangling.ts', "import './nowhere.ts'"],
  'shared-is-a-leaf': ['shared/up.ts', "import type {} from '../relay/good.ts'"],
  'shared-needs-no-node': ['shared/file.ts', "import 'node:fs'"],
  'renderer-imports-only-shared': ['renderer/src/direct.ts', "import type {} from '../../electron/core/chats/good.ts'"],
  'renderer-needs-no-node': ['renderer/src/path.ts', "import 'node:path'"],
  'servers-import-only-shared': ['relay/neighbour.ts', "import '../lab/good.ts'"],
  'shells-start-servers-as-processes': ['electron/host/inline.ts', "import '../../relay/good.ts'"],
  'rehearsals-know-no-shell': ['rehearsal/window.ts', "import '../electron/cli/good.ts'"],
  'core-knows-no-shell': ['electron/core/chats/shell.ts', "import '../../host/good.ts'"],
  'host-knows-no-shell': ['electron/host/upwards.ts', "import '../web/good.ts'"],
  'shells-do-not-import-shells': ['electron/main/borrow.ts', "import '../web/good.ts'"],
  'preload-imports-only-shared': ['electron/preload/deep.ts', "import '../main/good.ts'"],
  'net-stands-below': ['electron/core/net/knowing.ts', "import '../reach/good.ts'"],
  'diagnose-stands-alone': ['electron/core/diagnose/peek.ts', "import type {} from '../reach/good.ts'"],
  'reach-imports-net': ['electron/core/reach/chatty.ts', "import '../chats/good.ts'"],
  'reach-takes-diagnose-types-only': ['electron/core/reach/judging.ts', "import '../diagnose/good.ts'"],
  'store-stands-below': ['electron/core/store/feature.ts', "import '../chats/good.ts'"],
  'only-process-composes-core': ['electron/core/chats/whole.ts', "import '../index.ts'"],
  'electron-only-in-its-shell': ['electron/web/window.ts', "import 'electron/main'"],
  'features-do-not-import-features': ['renderer/src/features/lab/mixed.ts', "import '../chats/good.ts'"],
  'ui-knows-no-feature': ['renderer/src/ui/special.ts', "import '../features/chats/good.ts'"],
  'only-tests-import-tests': ['lab/helper.ts', "import '../test/good.ts'"],
  'scripts-need-no-install': ['scripts/setup.mjs', "import 'valibot'"],
  'packages-are-listed': ['lab/hitch-hiker.ts', "import 'hitch-hiker'"],
  'libsignal-is-measured-only': ['test/unit/borrowed.test.ts', "import '@signalapp/libsignal-client'"],
  'what-ships-needs-no-dev-package': ['relay/tool.ts', "import 'a-tool'"],
}

/** What the rules allow, one file per room: nothing of it may be reported. */
const good: Record<string, string> = {
  'package.json': JSON.stringify({
    dependencies: { valibot: '1.0.0' },
    devDependencies: { 'a-tool': '1.0.0', '@signalapp/libsignal-client': '1.0.0' },
  }),
  'tsconfig.base.json': '{}',
  'node_modules/valibot/package.json': '{"name":"valibot","version":"1.0.0","main":"index.js"}',
  'node_modules/valibot/index.js': '',
  'node_modules/@signalapp/libsignal-client/package.json': '{"name":"@signalapp/libsignal-client","version":"1.0.0","main":"index.js"}',
  'node_modules/@signalapp/libsignal-client/index.js': '',
  'node_modules/hitch-hiker/package.json': '{"name":"hitch-hiker","version":"1.0.0","main":"index.js"}',
  'node_modules/hitch-hiker/index.js': '',
  'node_modules/a-tool/package.json': '{"name":"a-tool","version":"1.0.0","main":"index.js"}',
  'node_modules/a-tool/index.js': '',
  'shared/good.ts': "import 'valibot'\nexport const good = true",
  'relay/good.ts': "import 'node:http'\nimport 'valibot'\nimport '../shared/good.ts'\nexport const good = true",
  'lab/good.ts': "import '../shared/good.ts'\nexport const good = true",
  'lab/circle-b.ts': "import './circle-a.ts'",
  'electron/core/net/good.ts': "import 'node:net'\nexport const good = true",
  'electron/core/diagnose/good.ts': "import '../net/good.ts'\nexport const good = true",
  'electron/core/reach/good.ts': "import type { good } from '../diagnose/good.ts'\nimport '../net/good.ts'\nexport type Good = typeof good",
  'electron/core/store/good.ts': "import 'node:fs'\nimport '../../../shared/good.ts'",
  'electron/core/chats/good.ts': "import '../store/good.ts'\nimport '../reach/good.ts'",
  'electron/core/index.ts': "import './chats/good.ts'\nimport './diagnose/good.ts'",
  'electron/core/process.ts': "import './index.ts'",
  'electron/host/good.ts': "import type {} from '../core/index.ts'",
  'electron/web/good.ts': "import '../host/good.ts'",
  'electron/cli/good.ts': "import '../host/good.ts'\nimport '../core/index.ts'",
  'electron/main/good.ts': "import 'electron/main'\nimport '../host/good.ts'",
  'electron/preload/good.ts': "import 'electron/renderer'\nimport '../../shared/good.ts'",
  'rehearsal/good.ts':
    "import '../lab/good.ts'\nimport '../relay/good.ts'\nimport '../electron/host/good.ts'\nimport '../electron/core/index.ts'",
  'renderer/src/ui/good.ts': "import '../../../shared/good.ts'",
  'renderer/src/features/chats/good.ts': "import '../../ui/good.ts'",
  'test/bench/good.ts': "import '@signalapp/libsignal-client'",
  'test/good.ts': "import '../lab/good.ts'\nimport '../relay/good.ts'\nimport '../electron/core/index.ts'\nimport 'a-tool'",
}

let folder = ''
let found: readonly string[] = []

beforeAll(async () => {
  // realpath: on macOS the temporary folder is a link, and the cruiser compares real paths.
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'import-rules-')))
  const files = { ...good, ...Object.fromEntries(Object.values(bad)) }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  found = (await cruiseTree(folder)).summary.violations.map(({ rule, from }) => `${rule.name} in ${from}`)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('each rule of imports', () => {
  test.each(rules.map((rule) => [rule.name ?? '', rule.comment ?? '']))(
    '%s objects to a bad import and says what to do',
    (name, comment) => {
      const example = bad[name]
      expect(example, `${name} has no bad example in this test`).toBeDefined()
      expect(found).toContain(`${name} in ${example?.[0]}`)
      expect(comment.length).toBeGreaterThan(40)
    },
  )

  test('lets everything else pass', () => {
    const badFiles = Object.values(bad).map(([path]) => path)
    expect(found.filter((violation) => !badFiles.includes(violation.split(' in ')[1] ?? ''))).toEqual([])
  })
})

test('the rules read the real tree', async () => {
  const { summary } = await cruiseTree(root)
  expect(summary.totalCruised).toBeGreaterThan(50)
})

async function cruiseTree(baseDir: string): Promise<ICruiseResult> {
  const { output } = await cruise(rooms, { ...options, baseDir, validate: true, ruleSet: { forbidden: rules } })
  if (typeof output === 'string') throw new Error('expected the cruiser to answer with data')
  return output
}
