/** The headers that every page of ours is served with, by the web shell and by Electron's protocol handler alike. */

const policy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' blob:",
  'media-src': "'self' blob:",
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
