// `npm start`: sets up, builds, and hands over to a shell: Electron where its binary is, else the browser shell. It ends, and
// takes everything it started with it, when it is told to or when npm is gone.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildOrStop } from './build.mjs'
import { fetchCommand, fetchElectron, findElectron } from './electron.mjs'
import { dist } from './paths.mjs'
import { endTogether, run } from './run.mjs'
import { setUp } from './setup.mjs'
import { findBrowser, hasDisplay, installDebianPackages, isDebianRoot } from './system.mjs'

const say = (line) => console.log(line)
const flags = process.argv.slice(2)

endTogether({ asked: 5_000, orphaned: 800 })
say('1. Install packages: half a minute the first time, then nothing.')
await setUp()
say('2. Build: two seconds when something has changed.')
await buildOrStop()
const electron = flags.includes('--browser') ? undefined : await chooseElectron()
if (!electron) chooseBrowser()
const isReal = flags.some((flag) => flag === '--bundle' || flag.startsWith('--bundle='))
say(isReal ? '3. Start what connects to your relay: a second.' : '3. Start relay and simulated internet: a second.')
say('4. Open the windows: two seconds.')
process.exitCode = await run(
  [electron ?? process.execPath, ...(electron ? [join(dist, 'main.js')] : [join(dist, 'web.js'), 'start']), ...flags],
  {
    leashed: true,
    stdin: 'inherit',
    // Chromium refuses its sandbox to root.
    env: electron && process.platform === 'linux' && process.getuid?.() === 0 ? { ELECTRON_DISABLE_SANDBOX: '1' } : {},
  },
)

async function chooseElectron() {
  if (!hasDisplay() || !existsSync(join(dist, 'main.js'))) return undefined
  return findElectron() ?? (await fetchElectron(say))
}

function chooseBrowser() {
  if (!hasDisplay()) return
  if (!findBrowser() && isDebianRoot()) installDebianPackages(['chromium'], 'to open windows', say)
  const browser = findBrowser()
  if (browser && !flags.includes('--browser'))
    say(`Opening in ${browserName(browser)}; Electron is not here yet. To fetch it: ${fetchCommand}`)
}

function browserName(path) {
  if (/edge/i.test(path)) return 'Edge'
  return /google|chrome(\.exe)?$/i.test(path) && !/chromium/i.test(path) ? 'Chrome' : 'Chromium'
}
