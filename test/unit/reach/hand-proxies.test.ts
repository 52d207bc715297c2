import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHandProxies, parseProxyUrl } from '../../../electron/core/reach/hand-proxies.ts'
import { bridgeLink } from '../../../shared/protocol/bridge-link.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { memoryValues } from './world.ts'

const random = () => seededRandom(3)

describe('proxies by hand', () => {
  it('are kept with their password and taken away again', () => {
    const values = memoryValues()
    const proxies = createHandProxies(values, random())
    proxies.add('socks5://ann:s%3Acret@240.32.0.9:1081')
    const [kept] = createHandProxies(values, random()).list()
    expect(kept).toMatchObject({ kind: 'socks5', address: '240.32.0.9', port: 1081, username: 'ann', password: 's:cret' })
    expect(() => proxies.add('socks5://240.32.0.9:1081')).toThrow('already-there')
    proxies.remove(kept?.id ?? '')
    expect(createHandProxies(values, random()).list()).toEqual([])
    expect(() => proxies.remove('x')).toThrow('no-such-route')
  })
  it('have the usual port when none is given', () => {
    expect(parseProxyUrl('http://240.32.0.9')).toEqual({ kind: 'http-connect', address: '240.32.0.9', port: 80 })
    expect(parseProxyUrl('socks5://[2001:db8::1]')).toEqual({ kind: 'socks5', address: '2001:db8::1', port: 1080 })
  })
  it('may be bridges over TLS, known by a name or by a key', () => {
    const pin = 'A'.repeat(43)
    const at = { address: '240.32.0.9', port: 443 }
    const path = '/a-secret-path'
    const link = bridgeLink({ ...at, path, pin, host: null })
    expect(link).toBe(`wss://240.32.0.9:443/a-secret-path?pin=${pin}`)
    expect(parseProxyUrl(link)).toEqual({ kind: 'ws-bridge', ...at, path, pin, host: 'bridge.invalid', sni: null })
    const named = bridgeLink({ address: '2001:db8::1', port: 8443, path, pin, host: 'blog.test' })
    expect(parseProxyUrl(named)).toEqual({ kind: 'ws-bridge', address: '2001:db8::1', port: 8443, path, pin, host: 'blog.test' })
    const credentials = { username: 'ann', password: 'secret' }
    expect(parseProxyUrl('https://ann:secret@240.32.0.9?host=blog.test')).toEqual({
      kind: 'https-connect',
      ...at,
      ...credentials,
      host: 'blog.test',
    })
  })
  it.each([
    'wss://240.32.0.9/path',
    'wss://240.32.0.9/path?pin=short',
    'wss://240.32.0.9/path?host=blog.test&path=/x',
    'wss://blog.test/path?host=blog.test',
    'https://240.32.0.9/path?host=blog.test',
    'https://240.32.0.9',
    'https://240.32.0.9?host=no%20name',
    '',
    'socks5://',
    'socks5://proxy.test:1080',
    'ftp://1.2.3.4',
    'http://1.2.3.4/path',
    'socks5://:pw@1.2.3.4',
    'http://1.2.3.4:99999',
    `socks5://${'x'.repeat(256)}:y@1.2.3.4`,
    'socks5://%ff@1.2.3.4',
  ])('says clearly what is wrong with %s', (url) => {
    expect(() => parseProxyUrl(url)).toThrow(/^bad-input: ./)
  })
  it('survives any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `socks5://${text}`),
        ),
        (text) => {
          try {
            parseProxyUrl(text)
          } catch (error) {
            expect(error).toMatchObject({ code: 'bad-input' })
          }
        },
      ),
    )
  })
})
