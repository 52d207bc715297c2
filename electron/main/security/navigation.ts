/** Keeps every page where it is: no way to another origin, no new windows, no embedded guests. */
import type { WebContents } from 'electron/main'
import { decideNavigation } from './own-url.ts'

interface Preventable {
  readonly url: string
  preventDefault(): void
}

/** For every web contents as it is created, ours or not. */
export function confine(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  const guard = (event: Preventable) => {
    if (decideNavigation(event.url) === 'deny') event.preventDefault()
  }
  contents.on('will-navigate', guard)
  contents.on('will-redirect', guard)
  contents.on('will-frame-navigate', guard)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}
