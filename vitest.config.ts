import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/{unit,compliance,integration}/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'forks',
  },
})
