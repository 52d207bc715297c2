/** The Electron shell: the order in which everything is locked down, started, shown and ended. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BackendError } from '../../shared/contract/errors.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { type Shell, startShell } from '../host/shell.ts'
import type { StartFlags } from '../host/start-flags.ts'
import { servePage } from './app-protocol.ts'
import type { ElectronParts } from './electron.ts'
import { createElectronWindows } from './electron-windows.ts'
import { type KeychainStrength, keychainStrength, storeKey } from './keychain.ts'
import { confine } from './security/navigation.ts'
import { APP_SCHEME, appSchemes, externalUrl } from './security/own-url.ts'
import { denyByDefault } from './security/permissions.ts'
import { acceptPages } from './security/validated-ipc.ts'
import { utilitySpawn } from './utility-spawn.ts'

export interface ElectronShellOptions {
  readonly flags: StartFlags
  /** Where main.js, its sister programs and the built pages lie. */
  readonly distDir: string
  readonly dataDir: string
  readonly platform: NodeJS.Platform
}

const weakKeychain = {
  weak: 'This computer has no protected keychain, so other programs of yours could read the keys of your chats.',
  none: 'This computer offers no keychain, so the keys of your chats cannot be kept safely.',
} as const

/** Resolves once the windows are open, or at once if another instance already runs. */
export async function runElectronShell(electron: ElectronParts, options: ElectronShellOptions): Promise<void> {
  const { app } = electron
  // Before anything touches a profile: two engines on one store would damage it.
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.enableSandbox()
  // Names are looked up by the engine alone, along with everything else that leaves this computer.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  // The frame that decodes pictures gets a process of its own.
  app.commandLine.appendSwitch('enable-features', 'IsolateSandboxedIframes')
  electron.protocol.registerSchemesAsPrivileged(appSchemes)
  app.on('web-contents-created', (_event, contents) => confine(contents))
  app.on('window-all-closed', () => app.quit())
  const windows = createElectronWindows(electron, join(options.distDir, 'preload.cjs'))
  app.on('second-instance', () => windows.focus())

  await app.whenReady()
  denyByDefault(electron.session.defaultSession)
  electron.protocol.handle(APP_SCHEME, (request) => servePage(request, join(options.distDir, 'renderer')))
  const keychain = options.flags.bundle === null ? null : await acceptedKeychain(electron, options.platform)
  if (keychain === 'none') {
    app.quit()
    return
  }
  if (options.flags.fresh) await rm(options.dataDir, { recursive: true, force: true })

  let shell: Shell | null = null
  acceptPages((id, port) => {
    const owner = windows.ownerOf(id)
    if (owner === undefined || !shell?.join(owner, port)) port.close()
  })
  shell = await startShell({
    kind: 'electron',
    build: app.getVersion(),
    spawn: utilitySpawn(electron, options.distDir),
    clock: systemClock,
    dataDir: options.dataDir,
    handles: options.flags.users,
    bundleFile: options.flags.bundle,
    accountFile: options.flags.account,
    windows,
    openExternal: (url) => openExternal(electron, url),
    // Elsewhere the call does nothing, and the screens must not claim that it does.
    ...((options.platform === 'win32' || options.platform === 'darwin') && { guardCapture: windows.guardCapture }),
    ...(keychain !== null && {
      keychain,
      storeKey: (handle: string) => storeKey(electron.safeStorage, join(options.dataDir, 'keys'), handle),
    }),
    onBug: (name, error) => process.stderr.write(`${name} failed: ${error instanceof Error ? error.name : 'error'}\n`),
  })
  endWith(app, shell)
  await windows.openAll(options.flags.users)
}

/** Quitting waits for the engines to write everything down, once. */
function endWith(app: ElectronParts['app'], shell: Shell): void {
  let stage: 'running' | 'stopping' | 'stopped' = 'running'
  app.on('before-quit', (event) => {
    if (stage === 'stopped') return
    event.preventDefault()
    if (stage === 'stopping') return
    stage = 'stopping'
    void shell.stop().finally(() => {
      stage = 'stopped'
      app.quit()
    })
  })
  void shell.broken.then((reason) => {
    process.stderr.write(`Ended: ${reason}.\n`)
    app.quit()
  })
}

/** `none`: there is none, or the person would rather not go on with a weak one. */
async function acceptedKeychain({ dialog, safeStorage }: ElectronParts, platform: NodeJS.Platform): Promise<KeychainStrength> {
  const strength = await keychainStrength(safeStorage, platform)
  if (strength === 'protected') return strength
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    message: weakKeychain[strength],
    buttons: strength === 'weak' ? ['Quit', 'Use it all the same'] : ['Quit'],
    defaultId: 0,
    cancelId: 0,
  })
  return strength === 'weak' && response === 1 ? 'weak' : 'none'
}

/** The person sees the whole address and agrees before their browser gets it. */
async function openExternal({ dialog, shell }: ElectronParts, text: string): Promise<void> {
  const url = externalUrl(text)
  if (url === null) throw new BackendError('refused')
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: 'Open this address in your browser?',
    detail: url,
    buttons: ['Cancel', 'Open'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 1) await shell.openExternal(url)
}
