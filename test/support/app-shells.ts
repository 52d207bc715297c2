/** The app as people run it, once per shell: real processes, real windows, a folder of its own. Nothing of the app is replaced. */
import { join } from 'node:path'
import { _electron, type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { findBrowser } from '../../electron/web/app-window.ts'
import { PATIENCE_MS, type Program, root, startProgram } from './app-program.ts'
import { skipLoudly } from './skip.ts'

export interface App {
  /** The user's window, opened if it is not. */
  openWindow(user: string): Promise<Page>
  /** All windows that are open now. */
  windows(): readonly Page[]
  /** Ends it as a person at the terminal would, and waits until it has. */
  end(): Promise<void>
}

export interface WebApp extends App {
  readonly program: Program
  readonly browser: Browser
  /** Ends the program and starts it again, while the windows stay open. */
  restart(whileItIsGone: () => Promise<void>): Promise<void>
  /** As printed: each good for one window. */
  address(user: string): string
}

export interface StartOptions {
  readonly users: readonly string[]
  readonly dataDir: string
}

export interface Shell {
  readonly name: string
  start(options: StartOptions): Promise<App>
}

/** Without a display the program prints an address for each user, who opens it in a browser of their own. */
export async function startWebApp({ users, dataDir }: StartOptions): Promise<WebApp> {
  const browser = await launchBrowser()
  const run = () => startProgram([process.execPath, 'scripts/start.mjs', '--users', users.join(','), '--data', dataDir], noDisplay)
  let program = run()
  const contexts = new Map<string, BrowserContext>()
  const address = (user: string) => {
    const found = new RegExp(`^${titled(user)}: (http://\\S+)$`, 'm').exec(program.said())?.[1]
    if (!found) throw new Error(`No address of ${user} in:\n${program.said()}`)
    return found
  }
  const endProgram = async () => {
    program.signal('SIGTERM')
    await program.ended
  }
  const end = async () => {
    await browser.close()
    await endProgram()
  }
  try {
    await program.says(/^Ready\./m)
  } catch (error) {
    await end()
    throw error
  }
  return {
    get program() {
      return program
    },
    browser,
    async restart(whileItIsGone) {
      await endProgram()
      await whileItIsGone()
      program = run()
      await program.says(/^Ready\./m)
    },
    address,
    async openWindow(user) {
      const there = contexts.get(user)
      const context = there ?? (await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } }))
      contexts.set(user, context)
      const page = context.pages()[0] ?? (await context.newPage())
      page.setDefaultTimeout(PATIENCE_MS)
      // The cookie of the first window lets the next one in.
      await page.goto(there ? new URL('/', address(user)).href : address(user))
      return page
    },
    windows: () => browser.contexts().flatMap((context) => context.pages()),
    end,
  }
}

export const webShell: Shell = { name: 'a browser', start: startWebApp }

export const electronShell: Shell = {
  name: 'Electron',
  async start({ users, dataDir }) {
    const executablePath = process.env.THROUGHLINE_ELECTRON
    if (!executablePath) skipLoudly('Electron is not here: fetch it with "npx install-electron", then run "npm test", which finds it')
    const app = await _electron.launch({
      executablePath,
      args: [join(root, 'dist/main.js'), '--users', users.join(','), '--data', dataDir],
      // Chromium refuses its sandbox to root.
      env: { ...definedOnly(process.env), ...(process.getuid?.() === 0 && { ELECTRON_DISABLE_SANDBOX: '1' }) },
    })
    return {
      async openWindow(user) {
        const titles = async () => Promise.all(app.windows().map((page) => page.title()))
        const title = `${titled(user)} - Throughline`
        await expect.poll(titles, { timeout: PATIENCE_MS }).toContain(title)
        const page = app.windows()[(await titles()).indexOf(title)]
        if (!page) throw new Error(`${title} closed again`)
        page.setDefaultTimeout(PATIENCE_MS)
        return page
      },
      windows: () => app.windows(),
      end: () => app.close(),
    }
  },
}

/** Browser windows even where this machine has a screen. */
export const noDisplay = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined }

const titled = (user: string) => user.charAt(0).toUpperCase() + user.slice(1)

/** Skips the test where there is none. */
export function browserProgram(): string {
  return process.env.THROUGHLINE_BROWSER ?? findBrowser() ?? skipLoudly('No Chromium, Chrome or Edge is installed', 'chromium')
}

function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserProgram(), args: ['--disable-quic', '--font-render-hinting=none'] })
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}
