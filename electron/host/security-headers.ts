/** The headers that every page of ours is served with, by the web shell and by Electron's protocol handler alike. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'

const policy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  // No blob: nor data: the page never decodes a picture that somebody sent; the frame below does.
  'img-src': "'self'",
  'frame-src': "'self'",
  'font-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'object-src': "'none'",
  'require-trusted-types-for': "'script'",
} as const

/** The one policy. `socketOrigin`: where the page's WebSocket goes; browsers differ on whether `'self'` covers it. */
export function contentSecurityPolicy(socketOrigin?: string): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}${directive === 'connect-src' && socketOrigin ? ` ${socketOrigin}` : ''}`)
    .join('; ')
}

/**
 * The frame that decodes pictures: an origin of its own that is nobody's, one script, and no way out. The script is written into the
 * page and named by its hash, for such an origin can load nothing, not even from us.
 */
function decoderPolicy(page: string): string {
  const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? ''
  const hash = createHash('sha256').update(script).digest('base64')
  return `default-src 'none'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts; webrtc 'block'`
}

/** The headers of one of our files; `path` as it lies on the disk. */
export function fileHeaders(path: string, content: Uint8Array, socketOrigin?: string): Readonly<Record<string, string>> {
  const headers = pageHeaders(socketOrigin)
  if (basename(path) !== 'decoder.html') return headers
  return { ...headers, 'content-security-policy': decoderPolicy(Buffer.from(content).toString('utf8')) }
}

export function pageHeaders(socketOrigin?: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': contentSecurityPolicy(socketOrigin),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
}
