/** The windows of the browser shell: a loopback server per user, and in front of it an app window where there is a display. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Port } from '../../shared/contract/port.ts'
import { createEvents } from '../../shared/util/events.ts'
import type { Random } from '../../shared/util/random.ts'
import type { Windows } from '../host/users-group.ts'
import { type AppWindow, openAppWindow, placeWindow } from './app-window.ts'
import { type ProfileServer, startProfileServer } from './profile-server.ts'

export interface WebWindowsOptions {
  readonly dataDir: string
  readonly pagesDir: string
  readonly random: Pick<Random, 'bytes'>
  /** A browser that has app windows; `null` to serve addresses only. */
  readonly browser: string | null
  readonly join: (handle: string, window: Port) => boolean
}

export interface WebWindows extends Windows {
  /** Opens the first windows, side by side. Answers the addresses of those that a person has to open. */
  openAll(handles: readonly string[]): Promise<readonly { readonly handle: string; readonly url: string }[]>
  /** Resolves when the last window of our own was closed; never where there is none. */
  readonly allClosed: Promise<void>
  close(): Promise<void>
}

const Memory = v.record(
  v.string(),
  v.strictObject({
    port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
    session: v.nullable(v.string()),
  }),
)
type Remembered = v.InferOutput<typeof Memory>[string]

export function createWebWindows(options: WebWindowsOptions): WebWindows {
  const { dataDir, browser } = options
  const servers = new Map<string, Promise<ProfileServer>>()
  const connected = new Set<string>()
  const windows = new Map<string, AppWindow>()
  const changed = createEvents<void>()
  const memory = openMemory(join(dataDir, 'windows.json'))
  let reportAllClosed: () => void = () => {}
  let closing = false

  const start = async (handle: string): Promise<ProfileServer> => {
    const { pagesDir, random } = options
    const before = await memory.get(handle)
    // A session that could not be kept only means that its page has to be opened anew after a restart.
    const server = await startProfileServer({
      profile: handle,
      pagesDir,
      random,
      preferredPort: before.port,
      session: { fingerprint: before.session, keep: (session) => void memory.set(handle, { session }).catch(() => {}) },
      join: (port) => options.join(handle, port),
    })
    await memory.set(handle, { port: server.port })
    server.onChanged(() => {
      if (server.connected) connected.add(handle)
      else connected.delete(handle)
      changed.emit()
    })
    return server
  }
  const serverOf = (handle: string) => {
    const running = servers.get(handle) ?? start(handle)
    servers.set(handle, running)
    return running
  }
  const show = async (program: string, handle: string, index: number, count: number): Promise<void> => {
    const url = (await serverOf(handle)).address()
    const profileDir = join(dataDir, 'browser', handle)
    await mkdir(profileDir, { recursive: true })
    const window = openAppWindow(program, url, profileDir, placeWindow(index, count))
    windows.set(handle, window)
    void window.closed.then(() => {
      if (windows.get(handle) === window) windows.delete(handle)
      if (windows.size === 0 && !closing) reportAllClosed()
    })
  }

  return {
    has: (handle) => connected.has(handle),
    onChanged: changed.on,
    async open(handle) {
      if (!browser) return (await serverOf(handle)).address()
      // A window that is there already stays; the person finds it.
      if (!windows.has(handle)) await show(browser, handle, windows.size, windows.size + 1)
      return null
    },
    async openAll(handles) {
      if (browser) {
        await Promise.all(handles.map((handle, index) => show(browser, handle, index, handles.length)))
        return []
      }
      return Promise.all(handles.map(async (handle) => ({ handle, url: (await serverOf(handle)).address() })))
    },
    allClosed: new Promise((resolve) => {
      reportAllClosed = resolve
    }),
    async close() {
      closing = true
      for (const window of windows.values()) window.close()
      await Promise.all([...windows.values()].map((window) => window.closed))
      for (const server of await Promise.allSettled(servers.values())) if (server.status === 'fulfilled') await server.value.close()
    },
  }
}

/** Which port and session each user had: a page that stayed open comes back after a restart. A damaged file counts as none. */
function openMemory(path: string) {
  const load = async () => {
    try {
      return v.parse(Memory, JSON.parse(await readFile(path, 'utf8')))
    } catch {
      return {}
    }
  }
  const get = async (handle: string): Promise<Remembered> => (await load())[handle] ?? { port: 0, session: null }
  let last: Promise<unknown> = Promise.resolve()
  return {
    get,
    /** One after the other: users start side by side. */
    set(handle: string, change: Partial<Remembered>) {
      const write = async () => writeFile(path, JSON.stringify({ ...(await load()), [handle]: { ...(await get(handle)), ...change } }))
      const done = last.then(write, write)
      last = done
      return done
    },
  }
}
