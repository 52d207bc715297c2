/** One window per user, side by side. A page that crashes is loaded once more by itself; after that the person decides. */
import { createEvents } from '../../shared/util/events.ts'
import type { Windows } from '../host/users-group.ts'
import type { ElectronParts } from './electron.ts'
import { START_URL } from './security/own-url.ts'
import { webPreferences } from './security/web-preferences.ts'

type Window = InstanceType<ElectronParts['BrowserWindow']>

export interface ElectronWindows extends Windows {
  openAll(handles: readonly string[]): Promise<void>
  /** Leaves the user's window out of screenshots and recordings, or lets it in again. Only Windows and macOS can. */
  guardCapture(handle: string, on: boolean): void
  /** Whose window these web contents are. */
  ownerOf(webContentsId: number): string | undefined
  /** Brings a window to the front, as when the program is started a second time. */
  focus(): void
}

export function createElectronWindows(
  { BrowserWindow, dialog, screen }: Pick<ElectronParts, 'BrowserWindow' | 'dialog' | 'screen'>,
  preload: string,
): ElectronWindows {
  const windows = new Map<string, Window>()
  const changed = createEvents<void>()

  const show = async (handle: string, index: number, count: number): Promise<void> => {
    const area = screen.getPrimaryDisplay().workArea
    const width = Math.max(360, Math.floor(area.width / Math.max(2, count)))
    const window = new BrowserWindow({
      x: area.x + index * width,
      y: area.y,
      width,
      height: area.height,
      minWidth: 320,
      minHeight: 400,
      autoHideMenuBar: true,
      webPreferences: webPreferences(preload),
    })
    windows.set(handle, window)
    window.on('closed', () => {
      windows.delete(handle)
      changed.emit()
    })
    let crashes = 0
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason === 'clean-exit') return
      crashes += 1
      if (crashes === 1) window.webContents.reload()
      else void askToReload(window)
    })
    await window.loadURL(START_URL)
    changed.emit()
  }
  const askToReload = async (window: Window) => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: 'This window stopped working. Nothing is lost.',
      buttons: ['Load again', 'Close'],
      cancelId: 1,
    })
    if (window.isDestroyed()) return
    if (response === 0) window.webContents.reload()
    else window.close()
  }

  return {
    has: (handle) => windows.has(handle),
    onChanged: changed.on,
    async open(handle) {
      const there = windows.get(handle)
      if (there) there.focus()
      else await show(handle, windows.size, windows.size + 1)
      return null
    },
    async openAll(handles) {
      await Promise.all(handles.map((handle, index) => show(handle, index, handles.length)))
    },
    guardCapture: (handle, on) => windows.get(handle)?.setContentProtection(on),
    ownerOf: (id) => [...windows].find(([, window]) => window.webContents.id === id)?.[0],
    focus() {
      const [first] = windows.values()
      if (first?.isMinimized()) first.restore()
      first?.focus()
    },
  }
}
