/** The real main process and the real preload, run against a stand-in for Electron: what is set up, in which order, and what a page can do. */
import { EventEmitter } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Program } from '../../../electron/host/child.ts'
import { contract } from '../../../shared/contract/api.ts'
import { FRAME_CHANNEL, PAGE_OPENED } from '../../../shared/contract/electron-channel.ts'
import { connect, type Frame } from '../../../shared/contract/port.ts'
import { type Bundle, signBundle } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import {
  createElectronStandIn,
  type ElectronStandIn,
  installElectronStandIn,
  loadPreload,
  type StandInContents,
} from '../../support/electron-stand-in.ts'
import { createFakePrograms } from '../../support/fake-programs.ts'

const key = signingKeyFromSeed(new Uint8Array(32).fill(5))
const bundle: Bundle = {
  format: 1,
  version: 1,
  notBefore: 0,
  expires: 8e15,
  relayKey: toBase64Url(key.publicKey),
  signers: [toBase64Url(key.publicKey)],
  roots: [],
  endpoints: [{ id: 'chat', plane: 'chat', host: 'chat.test', port: 443, addresses: ['240.0.0.1'], provider: 'p' }],
  proxies: [],
  doh: [],
  controls: [],
  bogons: [],
}

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'throughline-main-'))
  await mkdir(join(dir, 'renderer'))
  await writeFile(join(dir, 'renderer', 'index.html'), 'page')
  await writeFile(join(dir, 'bundle.json'), JSON.stringify(signBundle(bundle, key)))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

interface StartOptions {
  readonly bundleFile?: string
  readonly lock?: boolean
  readonly backend?: string
  readonly answer?: number
  readonly platform?: NodeJS.Platform
}

/** Starts the shell as index.ts does; `utilityProcess.fork` gives programs that only answer. */
async function start({ bundleFile, platform = 'linux', ...standInOptions }: StartOptions = {}) {
  const electron = createElectronStandIn(standInOptions)
  const programs = createFakePrograms({ bundlePath: join(dir, 'bundle.json') })
  const forked: string[] = []
  const fork = (path: string) => {
    forked.push(basename(path))
    const child = programs.spawn(basename(path, '.js') as Program)
    const process = Object.assign(new EventEmitter(), {
      postMessage: (frame: Frame) => child.port.send(frame),
      kill: () => {
        child.kill()
        return true
      },
    })
    child.port.onFrame((raw) => process.emit('message', raw))
    child.port.onClose(() => process.emit('exit', 0))
    return process
  }
  Object.assign(electron.main.utilityProcess, { fork })
  installElectronStandIn(electron)
  const { electron: parts } = await import('../../../electron/main/electron.ts')
  const { runElectronShell } = await import('../../../electron/main/electron-shell.ts')
  await runElectronShell(parts, {
    flags: { users: ['alice', 'bob'], browser: false, fresh: false, bundle: bundleFile ?? null, account: null, data: null },
    distDir: dir,
    dataDir: join(dir, 'data'),
    platform,
  })
  return { electron, programs, forked }
}

function windowOf(electron: ElectronStandIn, index: number) {
  const window = electron.windows[index]
  if (!window) throw new Error('no such window')
  return window
}

/** What the page in this window gets from its preload. */
async function pageIn(contents: StandInContents) {
  const { name, bridge } = await loadPreload(contents)
  return { name, bridge, backend: connect(contract, { ...bridge, onClose: () => {}, close: () => {} }) }
}

const quit = async (electron: ElectronStandIn) => {
  electron.app.emit('window-all-closed')
  await expect.poll(() => electron.log.filter((entry) => entry === 'quit').length).toBe(2)
}

describe('starting up', () => {
  it('locks, sandboxes and registers its scheme before ready, and denies by default before the first window', async () => {
    const { electron } = await start()
    const order = [
      'lock',
      'sandbox',
      'switch host-resolver-rules MAP * ~NOTFOUND',
      'schemes',
      'ready',
      'session setPermissionRequestHandler',
      'protocol app',
      'window',
    ]
    const positions = order.map((entry) => electron.log.indexOf(entry))
    expect(positions).not.toContain(-1)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
    for (const handler of [
      'setPermissionCheckHandler',
      'setDevicePermissionHandler',
      'setDisplayMediaRequestHandler',
      'setSpellCheckerEnabled',
    ])
      expect(electron.log).toContain(`session ${handler}`)
    await quit(electron)
  })

  it('gives way to an instance that already runs, and touches nothing', async () => {
    const { electron, forked } = await start({ lock: false })
    expect(electron.log).toEqual(['lock', 'quit'])
    expect(forked).toEqual([])
  })

  it('runs lab, relay and engines as utility processes', async () => {
    const { electron, forked } = await start()
    expect(forked).toEqual(['lab.js', 'relay.js', 'core.js', 'core.js'])
    await quit(electron)
  })

  it('opens a window per user side by side, on our page, with the hardened preferences', async () => {
    const { electron } = await start()
    const [left, right] = [windowOf(electron, 0), windowOf(electron, 1)]
    expect(electron.windows).toHaveLength(2)
    expect([left.loaded, right.loaded]).toEqual(['app://throughline/index.html', 'app://throughline/index.html'])
    expect((left.options.x ?? 0) + (left.options.width ?? 0)).toBeLessThanOrEqual(right.options.x ?? 0)
    expect(left.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      preload: join(dir, 'preload.cjs'),
    })
    await quit(electron)
  })

  it('serves our pages and nothing else over app://', async () => {
    const { electron } = await start()
    const handler = electron.handled.get('app')
    const page = await handler?.(new Request('app://throughline/index.html'))
    expect([page?.status, await page?.text()]).toEqual([200, 'page'])
    expect((await handler?.(new Request('app://elsewhere/index.html')))?.status).toBe(404)
    await quit(electron)
  })
})

describe('a page', () => {
  it('finds one frozen object with two functions, and no event object comes through', async () => {
    const { electron } = await start()
    const { name, bridge } = await pageIn(windowOf(electron, 0).webContents)
    expect(name).toBe('throughline')
    expect(Object.keys(bridge).toSorted()).toEqual(['onFrame', 'send'])
    expect(Object.isFrozen(bridge)).toBe(true)
    const args = await new Promise<unknown[]>((resolve) => bridge.onFrame((...heard: unknown[]) => resolve(heard)))
    expect(args).toHaveLength(1)
    await quit(electron)
  })

  it('is greeted as its own user and reaches its own engine', async () => {
    const { electron, programs } = await start()
    const { backend } = await pageIn(windowOf(electron, 1).webContents)
    const hello = await new Promise<{ user: string; shell: string; groups: string[] }>((resolve) => backend.on('hello', resolve))
    expect(hello).toMatchObject({ user: 'bob', shell: 'electron', groups: ['users', 'bridge', 'lab', 'openExternal'] })
    await backend.call('message.search', { query: 'only in bob' })
    expect(programs.log).toContain('message.search only in bob')
    expect((await backend.call('contact.list', {})).map((contact) => contact.handle)).toEqual(['alice'])
    await quit(electron)
  })

  it('has its window left out of screenshots while it asks for that, until it is loaded again, where the system can', async () => {
    const { electron } = await start({ platform: 'darwin' })
    const window = windowOf(electron, 0)
    const { backend } = await pageIn(window.webContents)
    const hello = await new Promise<{ groups: string[] }>((resolve) => backend.on('hello', resolve))
    expect(hello.groups).toContain('captureGuard')
    await backend.call('host.guardCapture', { on: true })
    expect([window.guarded, windowOf(electron, 1).guarded]).toEqual([true, false])
    await backend.call('host.guardCapture', { on: false })
    expect(window.guarded).toBe(false)
    await backend.call('host.guardCapture', { on: true })
    await pageIn(window.webContents)
    await expect.poll(() => window.guarded).toBe(false)
    await quit(electron)
  })

  it('is told that nothing can be left out of screenshots where that is so', async () => {
    const { electron } = await start({ platform: 'linux' })
    const { backend } = await pageIn(windowOf(electron, 0).webContents)
    const hello = await new Promise<{ groups: string[] }>((resolve) => backend.on('hello', resolve))
    expect(hello.groups).not.toContain('captureGuard')
    await expect(backend.call('host.guardCapture', { on: true })).rejects.toMatchObject({ code: 'absent' })
    expect(windowOf(electron, 0).guarded).toBe(false)
    await quit(electron)
  })

  it('begins a new session when it is loaded again, and the old one is closed', async () => {
    const { electron } = await start()
    const { webContents } = windowOf(electron, 0)
    await pageIn(webContents)
    const { backend } = await pageIn(webContents)
    await new Promise((resolve) => backend.on('hello', resolve))
    await expect(backend.call('contact.list', {})).resolves.toHaveLength(1)
    await quit(electron)
  })

  it('is not heard from an embedded frame, another origin, or a frame that is gone', async () => {
    const { electron, programs } = await start()
    const { webContents } = windowOf(electron, 0)
    await pageIn(webContents)
    const call = { t: 'call', id: 1, name: 'message.search', input: { query: 'hostile' } }
    for (const frame of [{ url: webContents.url, parent: {} }, { url: 'https://evil.example', parent: null }, null]) {
      webContents.post(FRAME_CHANNEL, PAGE_OPENED, frame)
      webContents.post(FRAME_CHANNEL, call, frame)
    }
    webContents.post(FRAME_CHANNEL, { ...call, input: { query: 'friendly' } })
    await expect.poll(() => programs.log).toContain('message.search friendly')
    expect(programs.log).not.toContain('message.search hostile')
    await quit(electron)
  })

  it('goes nowhere else, opens no window, embeds no guest', async () => {
    const { electron } = await start()
    const { webContents } = windowOf(electron, 0)
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      const verdicts = ['https://evil.example', 'app://throughline/index.html'].map((url) => {
        let prevented = false
        webContents.emit(event, { url, preventDefault: () => (prevented = true) })
        return prevented
      })
      expect(verdicts, event).toEqual([true, false])
    }
    let prevented = false
    webContents.emit('will-attach-webview', { preventDefault: () => (prevented = true) })
    expect(prevented).toBe(true)
    expect(webContents.windowOpenHandler?.({ url: 'app://throughline/index.html' })).toEqual({ action: 'deny' })
    await quit(electron)
  })

  it('has no permission but notifications, however it asks', async () => {
    const { electron } = await start()
    const request = electron.sessionHandlers.get('setPermissionRequestHandler')
    const ask = (name: string, requestingUrl: string) => new Promise((resolve) => request?.({}, name, resolve, { requestingUrl }))
    expect(await ask('notifications', 'app://throughline/index.html')).toBe(true)
    expect(await ask('notifications', 'https://evil.example/')).toBe(false)
    expect(await ask('media', 'app://throughline/index.html')).toBe(false)
    expect(await ask('geolocation', 'app://throughline/index.html')).toBe(false)
    await quit(electron)
  })

  it.each([
    [0, []],
    [1, ['https://example.org/a']],
  ])('opens an address outside only after the person saw it and agreed (answer %i)', async (answer, opened) => {
    const { electron } = await start({ answer })
    const { backend } = await pageIn(windowOf(electron, 0).webContents)
    await backend.call('host.openExternal', { url: 'https://example.org/a' })
    expect(electron.dialogs).toMatchObject([{ detail: 'https://example.org/a' }])
    expect(electron.opened).toEqual(opened)
    await expect(backend.call('host.openExternal', { url: 'https://user:pw@example.org' })).rejects.toMatchObject({ code: 'refused' })
    expect(electron.opened).toEqual(opened)
    await quit(electron)
  })

  it('that crashes is loaded once more by itself, and after that the person is asked', async () => {
    const { electron } = await start()
    const { webContents } = windowOf(electron, 0)
    webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 })
    expect([webContents.reloads, electron.dialogs.length]).toEqual([1, 0])
    webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 })
    await expect.poll(() => webContents.reloads).toBe(2)
    expect(electron.dialogs).toHaveLength(1)
    await quit(electron)
  })
})

describe('ending', () => {
  it('waits until engines and relay have ended, then quits, and leaves nothing running', async () => {
    const { electron, programs } = await start()
    await quit(electron)
    expect(electron.log).toContain('quit prevented')
    expect(programs.log.at(-1)).toBe('relay.stop')
    expect(programs.alive.size).toBe(0)
  })

  it('comes to the front, instead of starting twice', async () => {
    const { electron } = await start()
    electron.app.emit('second-instance')
    expect(electron.log).toContain('focus')
    await quit(electron)
  })
})

describe('keys of real profiles', () => {
  it('come from the keychain, are kept wrapped, and are the same next time', async () => {
    const first = await start({ bundleFile: '/some/bundle.json' })
    const key = first.programs.cores.get('alice')?.start.storeKey
    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(first.programs.cores.get('bob')?.start.storeKey).not.toBe(key)
    expect(await readFile(join(dir, 'data', 'keys', 'alice.key'), 'latin1')).not.toContain(key)
    expect(first.electron.dialogs).toEqual([])
    await quit(first.electron)
    const second = await start({ bundleFile: '/some/bundle.json' })
    expect(second.programs.cores.get('alice')?.start.storeKey).toBe(key)
    await quit(second.electron)
  })

  it('behind a weak Linux backend are used only after the person was told and agreed', async () => {
    const refused = await start({ bundleFile: '/some/bundle.json', backend: 'basic_text', answer: 0 })
    expect(refused.electron.dialogs[0]?.message).toContain('no protected keychain')
    expect(refused.forked).toEqual([])
    expect(refused.electron.log.at(-1)).toBe('quit')
    const accepted = await start({ bundleFile: '/some/bundle.json', backend: 'basic_text', answer: 1 })
    expect(accepted.forked).toEqual(['core.js', 'core.js'])
    await quit(accepted.electron)
  })

  it('are not made at all without any keychain', async () => {
    const { electron, forked } = await start({ bundleFile: '/some/bundle.json', backend: 'none', answer: 1 })
    expect(electron.dialogs[0]?.buttons).toEqual(['Quit'])
    expect(forked).toEqual([])
  })

  it('that cannot be read are never replaced', async () => {
    await mkdir(join(dir, 'data', 'keys', 'alice.key'), { recursive: true })
    await expect(start({ bundleFile: '/some/bundle.json' })).rejects.toThrow(/EISDIR/)
  })
})
