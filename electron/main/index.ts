/** `electron dist/main.js [flags]`: reads the flags and runs the shell. */
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseStartFlags } from '../host/start-flags.ts'
import { electron } from './electron.ts'
import { runElectronShell } from './electron-shell.ts'

const distDir = dirname(fileURLToPath(import.meta.url))
const { app } = electron

try {
  // A packaged app has no script among its arguments.
  const flags = parseStartFlags(process.argv.slice(app.isPackaged ? 1 : 2))
  // From a source tree: beside it, so that every shell finds the same chats.
  const usual = app.isPackaged ? join(app.getPath('userData'), 'data') : join(dirname(distDir), '.throughline')
  const dataDir = flags.data === null ? usual : resolve(flags.data)
  // What Electron keeps of its own, and the lock of the one instance, belong to the folder.
  if (flags.data !== null) app.setPath('userData', join(dataDir, 'electron'))
  await runElectronShell(electron, {
    flags,
    distDir,
    dataDir,
    platform: process.platform,
  })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  app.exit(1)
}
