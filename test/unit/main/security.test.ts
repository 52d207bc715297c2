/** Electron's security list as data: each decision of electron/main/security, by its number in Electron's own list. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { contentSecurityPolicy, fileHeaders, pageHeaders } from '../../../electron/host/security-headers.ts'
import { servePage } from '../../../electron/main/app-protocol.ts'
import { fuses } from '../../../electron/main/security/fuses.ts'
import { appSchemes, decideNavigation, externalUrl, resolveAppUrl, START_URL } from '../../../electron/main/security/own-url.ts'
import { isAllowedPermission } from '../../../electron/main/security/permissions.ts'
import { webPreferences } from '../../../electron/main/security/web-preferences.ts'
import { createElectronStandIn } from '../../support/electron-stand-in.ts'

vi.mock('electron/main', () => createElectronStandIn().main)
const { isTrustedSender } = await import('../../../electron/main/security/validated-ipc.ts')

const foreign = [
  'https://throughline/index.html',
  'app://evil/index.html',
  'app://throughline.evil/index.html',
  'app://evil@throughline.example/',
  'app://user@throughline/index.html',
  'app://throughline:1/index.html',
  'apps://throughline/index.html',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,x',
  'blob:app://throughline/1',
  'about:blank',
  'https://example.org/?app://throughline/',
  'app:throughline',
  '',
  'not an address',
]

describe('1, 8: only our own content', () => {
  it('is loaded from app:// alone', () => {
    expect(START_URL).toBe('app://throughline/index.html')
    expect(appSchemes).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
  })
})

describe('2, 3, 4, 6, 9, 10, 11: web preferences', () => {
  const preferences = webPreferences('/preload.cjs')
  it('say no Node, isolation and sandbox in so many words', () => {
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    })
  })

  it.each(['webSecurity', 'allowRunningInsecureContent', 'experimentalFeatures', 'enableBlinkFeatures', 'plugins', 'additionalArguments'])(
    'leave %s untouched',
    (key) => expect(preferences).not.toHaveProperty(key),
  )
})

describe('5: permissions', () => {
  it('are denied, but for notifications of our own page', () => {
    expect(isAllowedPermission('app://throughline', 'notifications')).toBe(true)
    expect(isAllowedPermission('app://throughline/', 'notifications')).toBe(true)
    for (const name of ['media', 'geolocation', 'openExternal', 'hid', 'usb', 'serial', 'clipboard-read', 'display-capture', 'unknown', ''])
      expect(isAllowedPermission('app://throughline', name), name).toBe(false)
    for (const origin of foreign) expect(isAllowedPermission(origin, 'notifications'), origin).toBe(false)
  })
})

describe('7: the policy', () => {
  it('allows our own files and nothing else, and is one for both shells', () => {
    expect(contentSecurityPolicy()).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; font-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
    )
    expect(contentSecurityPolicy('ws://127.0.0.1:9')).toBe(
      contentSecurityPolicy().replace("connect-src 'self'", "connect-src 'self' ws://127.0.0.1:9"),
    )
  })
})

describe('the frame that decodes pictures', () => {
  const page = new TextEncoder().encode('<!doctype html><script>work()</script>')
  const hash = createHash('sha256').update('work()').digest('base64')

  it('runs its one script in an origin of nobody, may load nothing, and stands only in our own page', () => {
    expect(fileHeaders('/any/renderer/decoder.html', page)['content-security-policy']).toBe(
      `default-src 'none'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts; webrtc 'block'`,
    )
  })

  it('is the only page with that policy', () => {
    for (const path of ['/any/renderer/index.html', '/any/renderer/decoder.html.js', '/decoder.html/index.html'])
      expect(fileHeaders(path, page)['content-security-policy'], path).toBe(contentSecurityPolicy())
  })
})

describe('13: navigation', () => {
  it('stays at home', () => {
    expect(decideNavigation('app://throughline/index.html#chat')).toBe('allow')
    for (const url of foreign) expect(decideNavigation(url), url).toBe('deny')
  })

  it('is decided for any text at all', { timeout: 60_000 }, () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => decideNavigation(text) === 'deny'))
  })
})

describe('15: addresses for the user’s browser', () => {
  it('are https without a name or password in them', () => {
    expect(externalUrl('https://example.org/a?b#c')).toBe('https://example.org/a?b#c')
    for (const url of [
      ...foreign.filter((one) => !one.startsWith('https:')),
      'http://example.org',
      'https://user@example.org',
      'https://:pw@example.org',
      'ssh://x',
    ])
      expect(externalUrl(url), url).toBeNull()
  })
})

describe('16: the version', () => {
  it('is the one the rules were written for', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'))
    expect(devDependencies.electron).toMatch(/^45\./)
  })
})

describe('17: senders', () => {
  it('are believed if they are the top frame of a page of ours', () => {
    expect(isTrustedSender({ url: START_URL, parent: null })).toBe(true)
    expect(isTrustedSender({ url: START_URL, parent: {} })).toBe(false)
    expect(isTrustedSender(null)).toBe(false)
    for (const url of foreign) expect(isTrustedSender({ url, parent: null }), url).toBe(false)
  })
})

describe('18: app:// files', () => {
  const root = '/srv/pages'
  it('lie inside the folder of the pages', () => {
    expect(resolveAppUrl('app://throughline/', root)).toEqual({ path: '/srv/pages/index.html', type: 'text/html; charset=utf-8' })
    expect(resolveAppUrl('app://throughline/assets/a.js?v=1', root)?.path).toBe('/srv/pages/assets/a.js')
  })

  it.each([
    ...foreign,
    'app://throughline/..%2f..%2fetc/passwd.json',
    'app://throughline/%2e%2e%2fpages-evil/index.html',
    'app://throughline/..%5c..%5cx.js',
    'app://throughline/a.js%00.html',
    'app://throughline/%',
    'app://throughline/secret.key',
  ])('%s is none of them', (url) => expect(resolveAppUrl(url, root)).toBeNull())

  it('never lie anywhere else', () => {
    const piece = fc.constantFrom('..', '.', '%2e', '%2f', '/', '%5c', '\\', 'a.js', '%25', '%00', 'pages-evil')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const file = resolveAppUrl(`app://throughline/${pieces.join('')}`, root)
        expect(file === null || file.path.startsWith('/srv/pages/')).toBe(true)
      }),
    )
  })

  it('are answered to GET only, with the policy on every answer', async () => {
    const pages = join(import.meta.dirname, '../../../renderer')
    for (const [method, url, status] of [
      ['GET', START_URL, 200],
      ['GET', 'app://throughline/no-such.html', 404],
      ['GET', 'app://evil/index.html', 404],
      ['POST', START_URL, 405],
    ] as const) {
      const response = await servePage({ method, url }, pages)
      expect(response.status).toBe(status)
      for (const [name, value] of Object.entries(pageHeaders())) expect(response.headers.get(name)).toBe(value)
    }
  })
})

describe('19: fuses', () => {
  it('leave no way to run other code, and are all named', () => {
    expect(fuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
      wasmTrapHandlers: true,
    })
  })
})
