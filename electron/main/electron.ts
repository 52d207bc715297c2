/**
 * The only file that touches Electron's own module (beside the preload and the message wrapper in security/): everything
 * else here takes these parts as arguments, so that it runs in plain Node, where importing Electron would try to download it.
 */
import { shell } from 'electron/common'
import { app, BrowserWindow, dialog, protocol, safeStorage, screen, session, utilityProcess } from 'electron/main'

export const electron = { app, BrowserWindow, dialog, protocol, safeStorage, screen, session, shell, utilityProcess }
export type ElectronParts = typeof electron
