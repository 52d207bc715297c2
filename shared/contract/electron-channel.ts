/** The one IPC channel between a page's preload and Electron's main process, and what opens a session on it. */
export const FRAME_CHANNEL = 'throughline:frame'

/** Sent by the preload each time a page is loaded, before any frame: main then begins a new session and greets. */
export const PAGE_OPENED = 'page-opened'
