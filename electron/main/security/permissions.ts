/** Which of Chromium's permissions a page may have: Electron grants all of them unless told otherwise. */
import type { Session } from 'electron/main'
import { isOwnUrl } from './own-url.ts'

const allowed: readonly string[] = ['notifications']

/** `origin` as Chromium gives it, with or without a closing slash. */
export function isAllowedPermission(origin: string, name: string): boolean {
  return allowed.includes(name) && isOwnUrl(origin)
}

type Guarded = Pick<
  Session,
  | 'setPermissionRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setDevicePermissionHandler'
  | 'setDisplayMediaRequestHandler'
  | 'setSpellCheckerEnabled'
>

/** Requests, silent checks and devices alike. Also no spell checker: it would fetch its dictionaries from elsewhere. */
export function denyByDefault(session: Guarded): void {
  session.setPermissionRequestHandler((_contents, name, decide, details) => decide(isAllowedPermission(details.requestingUrl, name)))
  session.setPermissionCheckHandler((_contents, name, origin) => isAllowedPermission(origin, name))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, decide) => decide(null))
  session.setSpellCheckerEnabled(false)
}
