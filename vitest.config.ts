import { configDefaults, defineConfig } from 'vitest/config'

/** Takes minutes and computes next to nothing: it runs beside the rooms, and holds none of their workers. */
const waiting = ['test/integration/core/chaos.test.ts']

/**
 * `rooms`: everything that needs no browser, but for what is `waiting`. `journeys`: people in a real browser; each has its own
 * processes and data, and mostly waits.
 */
export default defineConfig({
  test: {
    // Two cores is what a small machine and CI have; Vitest's own default would leave one idle.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['test/{checks,unit,compliance,integration,kernel}/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, ...waiting],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          pool: 'forks',
          globalSetup: ['test/support/run-folder.ts'],
        },
      },
      {
        test: {
          name: 'waiting',
          include: waiting,
          pool: 'forks',
          globalSetup: ['test/support/run-folder.ts'],
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          pool: 'forks',
          globalSetup: ['test/support/run-folder.ts'],
        },
      },
    ],
  },
})
