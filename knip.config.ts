import type { KnipConfig } from 'knip'

export default {
  entry: [
    'relay/process.ts',
    'lab/process.ts',
    'rehearsal/process.ts',
    'electron/core/process.ts',
    'electron/host/bridge/process.ts',
    'electron/web/process.ts',
    'electron/cli/index.ts',
    'electron/main/index.ts',
    'electron/preload/index.ts',
    'renderer/src/styles/index.css',
    'renderer/src/decoder/decoder.ts',
    'scripts/{start,test,check,cli,bench,soak,build}.mjs',
    'shared/globals.d.ts',
    // Programs that tests start, or people run by name.
    'test/{bench,soak,fixtures}/*.ts',
    'test/**/*-child.ts',
    'test/support/preview/*.{ts,tsx}',
    'test/e2e/screens.ts',
  ],
  project: ['{electron,renderer,shared,relay,lab,rehearsal,test,scripts}/**/*.{ts,tsx,mjs,css}'],
  ignoreExportsUsedInFile: true,
  ignoreBinaries: ['apt-get', 'ip', 'strace', 'unshare'],
  // Run by its path in scripts/steps.mjs.
  ignoreDependencies: ['@biomejs/biome'],
  compilers: { css: (text: string) => [...text.matchAll(/@(import ["'][^"']+["'])/g)].map(([, statement]) => statement).join('\n') },
  vitest: { config: ['vitest.config.ts'], entry: ['test/**/*.test.{ts,tsx}'] },
  vite: { config: ['renderer/vite.config.ts'] },
} satisfies KnipConfig
