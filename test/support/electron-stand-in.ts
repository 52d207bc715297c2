/// <reference types="electron" />
/**
 * A small stand-in for the parts of Electron that the shell uses: enough to run the real main process and the real preload
 * in plain Node, and to see what they asked for. It decides nothing itself.
 */
import { EventEmitter } from 'node:events'
import { vi } from 'vitest'
import type { Port } from '../../shared/contract/port.ts'

type Bridge = { send(frame: unknown): void; onFrame(listener: (raw: unknown) => void): void }

/** A page's web contents as main sees them, joined to what its preload sees. */
export class StandInContents extends EventEmitter {
  static count = 0
  readonly id = ++StandInContents.count
  readonly renderer = new EventEmitter()
  url = 'app://throughline/index.html'
  reloads = 0
  windowOpenHandler: ((details: { url: string }) => { action: string }) | null = null
  #destroyed = false
  readonly #ipcMain: EventEmitter

  constructor(ipcMain: EventEmitter) {
    super()
    this.#ipcMain = ipcMain
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  destroy(): void {
    this.#destroyed = true
    this.emit('destroyed')
  }

  reload(): void {
    this.reloads += 1
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpenHandler = handler
  }

  /** Main to page. */
  send(channel: string, payload: unknown): void {
    const copy = structuredClone(payload)
    setImmediate(() => this.renderer.emit(channel, { sender: 'never for pages' }, copy))
  }

  /** Page to main, from a frame that may be embedded or somewhere else. */
  post(channel: string, payload: unknown, frame: { url: string; parent: unknown } | null = { url: this.url, parent: null }): void {
    const copy = structuredClone(payload)
    setImmediate(() => this.#ipcMain.emit(channel, { sender: this, senderFrame: frame }, copy))
  }

  /** What `electron/renderer` is in this page. */
  rendererModule(onExposed: (name: string, api: Bridge) => void) {
    return {
      ipcRenderer: {
        on: (channel: string, listener: (event: unknown, payload: unknown) => void) => this.renderer.on(channel, listener),
        send: (channel: string, payload: unknown) => this.post(channel, payload),
      },
      contextBridge: { exposeInMainWorld: onExposed },
    }
  }
}

export interface StandInWindow extends EventEmitter {
  readonly options: Electron.BrowserWindowConstructorOptions
  readonly webContents: StandInContents
  loaded: string | null
  /** Left out of screenshots. */
  guarded: boolean
}

/** Everything that main asked Electron for, in order, and the objects it got. */
export function createElectronStandIn({ lock = true, backend = 'gnome_libsecret', answer = 0 } = {}) {
  const log: string[] = []
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void log.push([name, ...args.filter((arg) => typeof arg === 'string')].join(' '))
  const ipcMain = new EventEmitter()
  const windows: StandInWindow[] = []
  const dialogs: { message: string; detail?: string; buttons?: string[] }[] = []
  const opened: string[] = []
  const handled = new Map<string, (request: Request) => Promise<Response>>()
  const sessionHandlers = new Map<string, (...args: unknown[]) => unknown>()
  const schemes: Electron.CustomScheme[] = []
  const app = Object.assign(new EventEmitter(), {
    isPackaged: false,
    requestSingleInstanceLock: () => {
      log.push('lock')
      return lock
    },
    enableSandbox: note('sandbox'),
    commandLine: { appendSwitch: note('switch') },
    whenReady: async () => void log.push('ready'),
    quit: () => {
      log.push('quit')
      app.emit('before-quit', { preventDefault: note('quit prevented') })
    },
    exit: note('exit'),
    getVersion: () => '0.0.0',
    getPath: () => '/nowhere',
  })
  class Window extends EventEmitter implements StandInWindow {
    readonly webContents = new StandInContents(ipcMain)
    loaded: string | null = null
    guarded = false
    readonly options: Electron.BrowserWindowConstructorOptions

    constructor(options: Electron.BrowserWindowConstructorOptions) {
      super()
      this.options = options
      windows.push(this)
      log.push('window')
      app.emit('web-contents-created', {}, this.webContents)
    }

    async loadURL(url: string): Promise<void> {
      this.loaded = url
    }
    setContentProtection(on: boolean): void {
      this.guarded = on
    }
    isDestroyed = () => this.webContents.isDestroyed()
    isMinimized = () => false
    focus = note('focus')
    close(): void {
      this.webContents.destroy()
      this.emit('closed')
    }
  }
  const BrowserWindow: new (options: Electron.BrowserWindowConstructorOptions) => StandInWindow = Window
  const wrap = (text: string) => Buffer.from([...Buffer.from(text)].map((byte) => byte ^ 0x55))
  const defaultSession = new Proxy(
    {},
    {
      get: (_target, name) => (handler: unknown) => {
        log.push(`session ${String(name)}`)
        if (typeof handler === 'function') sessionHandlers.set(String(name), handler as (...args: unknown[]) => unknown)
        if (typeof handler === 'boolean') sessionHandlers.set(String(name), () => handler)
      },
    },
  )
  const main = {
    app,
    BrowserWindow,
    ipcMain,
    dialog: {
      showMessageBox: async (...args: unknown[]) => {
        dialogs.push(args.at(-1) as (typeof dialogs)[number])
        return { response: answer }
      },
    },
    protocol: {
      registerSchemesAsPrivileged: (list: Electron.CustomScheme[]) => {
        log.push('schemes')
        schemes.push(...list)
      },
      handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
        log.push(`protocol ${scheme}`)
        handled.set(scheme, handler)
      },
    },
    safeStorage: {
      isAsyncEncryptionAvailable: async () => backend !== 'none',
      getSelectedStorageBackend: () => backend,
      encryptStringAsync: async (text: string) => wrap(text),
      decryptStringAsync: async (bytes: Buffer) => ({ result: wrap(bytes.toString('latin1')).toString('utf8'), shouldReEncrypt: false }),
    },
    screen: { getPrimaryDisplay: () => ({ workArea: { x: 0, y: 0, width: 1280, height: 800 } }) },
    session: { defaultSession },
    utilityProcess: { fork: note('utility') },
  }
  const common = { shell: { openExternal: async (url: string) => void opened.push(url) } }
  return { main, common, log, windows, dialogs, opened, handled, sessionHandlers, schemes, app, ipcMain }
}

export type ElectronStandIn = ReturnType<typeof createElectronStandIn>

/** Makes `import … from 'electron/…'` give the stand-in, for modules imported from now on. */
export function installElectronStandIn(standIn: ElectronStandIn): void {
  vi.resetModules()
  vi.doMock('electron/main', () => standIn.main)
  vi.doMock('electron/common', () => standIn.common)
}

/** Runs the real preload as a page of `contents`; answers what the page finds on `window`. */
export async function loadPreload(contents: StandInContents): Promise<{ name: string; bridge: Bridge }> {
  const exposed: { name: string; bridge: Bridge }[] = []
  vi.doMock('electron/renderer', () => contents.rendererModule((name, bridge) => exposed.push({ name, bridge })))
  vi.resetModules()
  await import('../../electron/preload/index.ts')
  const [only] = exposed
  if (!only || exposed.length !== 1) throw new Error(`the preload exposed ${exposed.length} things`)
  return only
}

/** A page's end and main's end of one IPC channel, through the real preload and the real sender check. */
export async function electronPortPair(): Promise<{ page: Port; main: Port; contents: StandInContents }> {
  const standIn = createElectronStandIn()
  installElectronStandIn(standIn)
  const { acceptPages } = await import('../../electron/main/security/validated-ipc.ts')
  const opened = new Promise<Port>((resolve) => acceptPages((_id, port) => resolve(port)))
  const contents = new StandInContents(standIn.ipcMain)
  const { bridge } = await loadPreload(contents)
  const page: Port = { send: bridge.send, onFrame: bridge.onFrame, onClose: () => {}, close: () => {} }
  return { page, main: await opened, contents }
}
