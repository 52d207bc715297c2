/** What counts as a page of ours. Always decided on the parsed address, never on how its text begins. */
import { type PageFile, pageFile } from '../../host/page-files.ts'

export const APP_SCHEME = 'app'
export const APP_HOST = 'throughline'
export const START_URL = `${APP_SCHEME}://${APP_HOST}/index.html`

/** Registered before `ready`. Without `bypassCSP`, and without anything else that a page does not need. */
export const appSchemes = [{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }]

export function isOwnUrl(text: string): boolean {
  const url = parse(text)
  return url !== null && isOurs(url)
}

/** The file that an app:// address means; `null` for another host, a path outside `root`, or an unknown kind of file. */
export function resolveAppUrl(text: string, root: string): PageFile | null {
  const url = parse(text)
  return url !== null && isOurs(url) ? pageFile(root, url.pathname) : null
}

/** Within a window only our own pages are gone to; everything else is prevented, whoever asks. */
export function decideNavigation(text: string): 'allow' | 'deny' {
  return isOwnUrl(text) ? 'allow' : 'deny'
}

/** The address to give to the user's browser, or `null`: https alone, and no name or password in it. */
export function externalUrl(text: string): string | null {
  const url = parse(text)
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : null
}

function isOurs(url: URL): boolean {
  return url.protocol === `${APP_SCHEME}:` && url.hostname === APP_HOST && url.port === '' && url.username === '' && url.password === ''
}

function parse(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
