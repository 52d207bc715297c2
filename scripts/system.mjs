// What the computer itself has: a screen, a browser, Debian's packages. Nothing is installed except as root on Debian.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const linuxBrowsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'microsoft-edge-stable']
const macBrowsers = ['Chromium', 'Google Chrome', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`)
const windowsBrowsers = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe', 'Chromium/Application/chrome.exe']

export const hasDisplay = () =>
  process.platform === 'darwin' || process.platform === 'win32' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

export const isDebianRoot = () => existsSync('/etc/debian_version') && process.getuid?.() === 0

/** The first installed Chromium, Chrome or Edge, or undefined. */
export function findBrowser() {
  if (process.platform === 'darwin') return macBrowsers.find(isProgram)
  if (process.platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => process.env[name] ?? [])
    return windowsBrowsers.flatMap((path) => roots.map((folder) => join(folder, path))).find(isProgram)
  }
  return linuxBrowsers.map(findProgram).find(Boolean)
}

/** Where the program lies that a shell would start, or undefined. */
function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

/**
 * Installs packages of Debian, as root only, saying so in one line.
 * @returns {boolean} whether they are there now
 */
export function installDebianPackages(packages, why, say) {
  say(`Installing ${packages.join(', ')} from Debian, ${why}: about a minute.`)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 2] }
  spawnSync('apt-get', ['update', '-qq'], options)
  return spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options).status === 0
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
