/** App windows of an installed Chromium, Chrome or Edge: no tabs, no address bar, a profile folder of their own, side by side. */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface Frame {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface AppWindow {
  /** Resolves when the person closed it, or it could not be opened. */
  readonly closed: Promise<void>
  close(): void
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'microsoft-edge-stable']
const macPaths = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
]
const windowsPaths = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe', 'Chromium/Application/chrome.exe']

type Environment = Readonly<Record<string, string | undefined>>

/** The first installed browser that has app windows, or `null`. */
export function findBrowser(env: Environment = process.env, platform = process.platform): string | null {
  return candidates(env, platform).find(isProgram) ?? null
}

export function hasDisplay(env: Environment = process.env, platform = process.platform): boolean {
  return platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

function candidates(env: Environment, platform: string): string[] {
  if (platform === 'darwin') return macPaths
  if (platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => env[name] ?? [])
    return windowsPaths.flatMap((path) => roots.map((root) => join(root, path)))
  }
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => join(folder, name)))
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Beside each other from the left edge; the screen is not asked how wide it is, so three still fit on a small one. */
export function placeWindow(index: number, count: number): Frame {
  const width = count > 2 ? 520 : 680
  return { x: index * width, y: 0, width, height: 820 }
}

/** What a browser is started with. As root it cannot use its sandbox; the second flag hides the bar that says so. */
export function browserArguments(url: string, profileDir: string, { x, y, width, height }: Frame, uid: number | undefined): string[] {
  return [
    `--app=${url}`,
    `--user-data-dir=${profileDir}`,
    `--window-position=${x},${y}`,
    `--window-size=${width},${height}`,
    // The window ends with us, also when we are killed: this pipe then closes.
    '--remote-debugging-pipe',
    // Without these it keeps dialling out.
    '--disable-quic',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-features=Translate,OptimizationHints,MediaRouter',
    // The frame that decodes pictures gets a process of its own.
    '--enable-features=IsolateSandboxedIframes',
    ...(uid === 0 ? ['--no-sandbox', '--test-type'] : []),
  ]
}

export function openAppWindow(program: string, url: string, profileDir: string, frame: Frame): AppWindow {
  const child = spawn(program, browserArguments(url, profileDir, frame, process.getuid?.()), {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  for (const pipe of [child.stdio[3], child.stdio[4]]) pipe?.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return { closed, close: () => void child.kill('SIGTERM') }
}
