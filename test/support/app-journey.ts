/** Runs a journey on fresh data and cleans up however it ends; a failed one leaves pictures of its windows in test-results/. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, TestRunner } from 'vitest'
import { root } from './app-program.ts'
import { type App, type Shell, startWebApp, type WebApp } from './app-shells.ts'
import { type AppWindow, appWindow } from './app-window.ts'

/** How long one journey may take on a busy machine; on a quiet one each takes seconds. */
export const JOURNEY_MS = 300_000

const pictures = join(root, 'test-results')

export async function inShell(shell: Shell, users: readonly string[], travel: (app: App) => Promise<void>): Promise<void> {
  await onFreshData(async (dataDir) => travelling(await shell.start({ users, dataDir }), travel))
}

export async function inBrowser(users: readonly string[], travel: (app: WebApp, dataDir: string) => Promise<void>): Promise<void> {
  await onFreshData(async (dataDir) => travelling(await startWebApp({ users, dataDir }), (app) => travel(app, dataDir)))
}

/** One app for all tests of a file, which look at it one after the other. */
export function oneBrowser(users: readonly string[]): () => WebApp {
  let dataDir = ''
  let running: WebApp | null = null
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'throughline-journey-'))
    running = await startWebApp({ users, dataDir })
  }, JOURNEY_MS)
  afterEach(async ({ task }) => {
    if (running && task.result?.state === 'fail') await keepPictures(running).catch(() => {})
  })
  afterAll(async () => {
    await running?.end()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }, JOURNEY_MS)
  return () => {
    if (!running) throw new Error('the app did not start')
    return running
  }
}

/** Alice and Bob, each with a window open; whoever knows the way does without the tour. */
export async function inTwoWindows(
  travel: (windows: { readonly alice: AppWindow; readonly bob: AppWindow }, app: WebApp, dataDir: string) => Promise<void>,
): Promise<void> {
  await inBrowser(['alice', 'bob'], async (app, dataDir) => {
    const alice = appWindow(await app.openWindow('alice'))
    const bob = appWindow(await app.openWindow('bob'))
    await alice.skipTour()
    await travel({ alice, bob }, app, dataDir)
  })
}

export async function onFreshData(use: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'throughline-journey-'))
  try {
    await use(dataDir)
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Ends the app in any case. */
export async function travelling<A extends App>(app: A, travel: (app: A) => Promise<void>): Promise<void> {
  try {
    await travel(app)
  } catch (error) {
    await keepPictures(app).catch(() => {})
    throw error
  } finally {
    await app.end()
  }
}

async function keepPictures(app: App): Promise<void> {
  await mkdir(pictures, { recursive: true })
  const name = (TestRunner.getCurrentTest()?.name ?? 'journey').replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 80)
  for (const [index, page] of app.windows().entries()) {
    await page.screenshot({ path: join(pictures, `${name}-${index + 1}.png`) })
    await writeFile(join(pictures, `${name}-${index + 1}.txt`), await page.locator('body').innerText())
  }
}
