/** `electron dist/main.js [flags]`: reads the flags and runs the shell. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseStartFlags } from '../host/start-flags.ts'
import { electron } from './electron.ts'
import { runElectronShell } from './electron-shell.ts'

const distDir = dirname(fileURLToPath(import.meta.url))
const { app } = electron

try {
  await runElectronShell(electron, {
    // A packaged app has no script among its arguments.
    flags: parseStartFlags(process.argv.slice(app.isPackaged ? 1 : 2)),
    distDir,
    // From a source tree: beside it, so that every shell finds the same chats.
    dataDir: app.isPackaged ? join(app.getPath('userData'), 'data') : join(dirname(distDir), '.throughline'),
    platform: process.platform,
  })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  app.exit(1)
}
