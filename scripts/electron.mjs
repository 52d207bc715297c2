// Electron's binary is not part of its package: this finds it, and fetches it with Electron's own installer where that goes through.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cache, root } from './paths.mjs'

const folder = join(root, 'node_modules/electron')
const fetchMemory = join(cache, 'electron-fetch-failed')
const patienceMs = 5_000
const lookEveryMs = 500

export const fetchCommand = 'npx install-electron'

/** The binary, or undefined. Asking the package itself would start a download. */
export function findElectron() {
  const pathFile = join(folder, 'path.txt')
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : override ? 'electron' : undefined
  if (name === undefined) return undefined
  const binary = join(override ?? join(folder, 'dist'), name)
  return existsSync(binary) ? binary : undefined
}

/**
 * Lets Electron's installer fetch the binary, and gives up when nothing has arrived for five seconds. A failure is remembered
 * per version, so that the next start does not wait again.
 * @param {(line: string) => void} say
 * @returns {Promise<string | undefined>} the binary
 */
export async function fetchElectron(say) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (existsSync(fetchMemory) && readFileSync(fetchMemory, 'utf8') === version) return undefined
  say(`Fetching Electron ${version} (about 120 MB, once). Without an answer for ${patienceMs / 1000} s the browser takes its place.`)
  const downloads = mkdtempSync(join(tmpdir(), 'throughline-electron-'))
  try {
    // The installer downloads below the temporary folder and unpacks into its own: both growing is what progress looks like.
    const env = { ...process.env, TMPDIR: downloads, TEMP: downloads, TMP: downloads }
    const installer = spawn(process.execPath, [join(folder, 'install.js')], { env, stdio: ['ignore', 'ignore', 'ignore'] })
    await endOrStall(installer, () => folderSize(downloads) + folderSize(join(folder, 'dist')))
  } finally {
    rmSync(downloads, { recursive: true, force: true, maxRetries: 5 })
  }
  const binary = findElectron()
  if (!binary) {
    mkdirSync(cache, { recursive: true })
    writeFileSync(fetchMemory, version)
  }
  return binary
}

/** Resolves when the child has ended; ends it when `progress` stands still. */
function endOrStall(child, progress) {
  return new Promise((resolve) => {
    let seen = -1
    let since = Date.now()
    const timer = setInterval(() => {
      const now = progress()
      if (now !== seen) {
        seen = now
        since = Date.now()
      } else if (Date.now() - since > patienceMs) child.kill('SIGKILL')
    }, lookEveryMs)
    const done = () => {
      clearInterval(timer)
      resolve()
    }
    child.once('exit', done)
    child.once('error', done)
  })
}

function folderSize(path) {
  if (!existsSync(path)) return 0
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0), 0)
}
