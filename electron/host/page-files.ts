/** Which file of the built pages a request path means. Decides only; reads nothing. */
import { extname, resolve, sep } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

export interface PageFile {
  readonly path: string
  readonly type: string
}

/** `pathname` as a URL has it, still percent-encoded. `null` for anything outside `root`, of an unknown kind, or malformed. */
export function pageFile(root: string, pathname: string): PageFile | null {
  let decoded: string
  try {
    // Once: a second decoding would turn %252e into a dot that no check has seen.
    decoded = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (!decoded.startsWith('/') || /[\0\\]/.test(decoded)) return null
  const base = resolve(root)
  const path = resolve(base, `.${decoded === '/' ? '/index.html' : decoded}`)
  // With the separator: a sibling such as `root-evil` also starts with `root`.
  if (!path.startsWith(base + sep)) return null
  const type = types[extname(path)]
  return type ? { path, type } : null
}
