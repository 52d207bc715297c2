import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Takes minutes and computes next to nothing: it runs beside the rooms, and holds none of their workers. */
const waiting = ['test/integration/core/chaos.test.ts']

/** Nothing here changes its process or mocks a module, so that files share processes, and what they import is read once. */
const sharing = [
  'test/unit/{bench,chats,cli,diagnose,export,lab,net,reach,relay,shared,store,web}/**/*.test.ts',
  'test/unit/secret/{engine,files}/**/*.test.ts',
]

/** What takes longest, by figures from two cores. */
const long = [
  'integration/core/kill',
  'integration/cli/lab-run-virtual',
  'integration/cli/lab-run',
  'integration/lab/trap-scenarios',
  'integration/cli/commands',
  'kernel/mechanisms',
  'kernel/proxies',
  'integration/lab/acts-scenarios',
  'integration/lab/scenarios',
  'integration/lab/same-flows',
  'integration/relay/kill',
  'e2e/adaptive',
  'e2e/accessibility',
  'e2e/russia',
  'e2e/france',
  'e2e/other-origin',
  'e2e/iran',
  'e2e/tour',
  'e2e/lock',
  'e2e/first-start',
  'e2e/censor',
].map((name) => `/test/${name}.test.ts`)

/** So that none of the long ones begins last and runs on alone; the rest in Vitest's own order. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((end) => moduleId.endsWith(end))
      return at === -1 ? long.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

/** `expect.poll` waits a second by itself, which is too little for what another process does on a busy machine. */
const timeouts = { testTimeout: 20_000, hookTimeout: 30_000, expect: { poll: { timeout: 15_000 } } }
const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } }

/**
 * `units` and `rooms`: everything that needs no browser, but for what is `waiting`; each file of `rooms` has a process of its own.
 * `journeys`: people in a real browser, with processes and data of their own.
 */
export default defineConfig({
  test: {
    // For two cores, which is what a small machine and CI have: many tests wait for other processes, or for a story to go on.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/support/run-folder.ts'],
    projects: [
      { test: { name: 'units', include: sharing, pool: 'forks', isolate: false, ...timeouts } },
      {
        test: {
          name: 'rooms',
          include: ['test/{checks,unit,compliance,integration,kernel}/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, ...waiting, ...sharing],
          pool: 'forks',
          ...timeouts,
        },
      },
      { test: { name: 'waiting', include: waiting, pool: 'forks' } },
      { test: { name: 'journeys', include: ['test/e2e/**/*.test.ts'], pool: 'forks', ...patience } },
    ],
  },
})
