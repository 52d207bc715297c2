import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splits } from '../../../electron/core/net/dialers/split-hello.ts'
import { type Hop, leadsByItself, parseRecipe, printRecipe, type Recipe } from '../../../electron/core/reach/recipe.ts'

describe('recipes', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6()).filter((text) => !text.includes('%'))
  const port = fc.integer({ min: 1, max: 65_535 })
  const sni = fc.option(fc.domain())
  const hop: fc.Arbitrary<Hop> = fc.oneof(
    fc.record({ kind: fc.constantFrom('socks5' as const, 'http-connect' as const), address, port }),
    fc.record({
      kind: fc.constantFrom('https-connect' as const, 'ws-bridge' as const, 'front' as const, 'front-polls' as const, 'slices' as const),
      address,
      port,
      sni,
    }),
    fc.record({ kind: fc.constant('transport' as const), address, port, name: fc.stringMatching(/^[a-z_][a-z0-9_]{0,39}$/) }),
  )
  const recipe: fc.Arbitrary<Recipe> = fc
    .record({
      proxy: fc.option(hop),
      address,
      port,
      host: fc.domain(),
      sni: fc.oneof(sni, fc.constant('own')),
      split: fc.option(fc.constantFrom(...splits)),
      carrier: fc.constantFrom('ws' as const, 'http' as const),
    })
    .map((one) => {
      const own = one.sni === 'own' ? { ...one, sni: one.host } : one
      return one.proxy && leadsByItself(one.proxy) ? { ...own, address: one.proxy.address, port: one.proxy.port } : own
    })
  it('are one line of text and back, without loss', () => {
    fc.assert(
      fc.property(recipe, (one) => {
        expect(parseRecipe(printRecipe(one))).toEqual(one)
      }),
    )
  })
  it('reads as documented', () => {
    const text = 'socks5 240.32.0.1:1080 | tcp [2001:db8::1]:443 | tls sni=chat.test | ws'
    expect(parseRecipe(text)).toMatchObject({ proxy: { kind: 'socks5', port: 1080 }, address: '2001:db8::1', sni: 'chat.test' })
  })
  it.each([
    ['tcp 240.16.0.10:443 | tls sni=chat.test split=both | ws', { split: 'both', host: 'chat.test' }],
    ['tcp 240.16.0.10:443 | tls host=chat.test | ws', { sni: null, host: 'chat.test' }],
    ['tcp 240.16.0.10:443 | tls sni=shop.test host=chat.test | ws', { sni: 'shop.test', host: 'chat.test' }],
    ['https-connect 240.94.10.7:443 sni=blog.test | tcp 240.16.0.10:443 | tls sni=chat.test | ws', { address: '240.16.0.10' }],
    ['ws-bridge 240.94.10.7:443 | tls sni=chat.test | ws', { address: '240.94.10.7', proxy: { kind: 'ws-bridge', sni: null } }],
    ['front 240.151.1.69:443 sni=weather.test | tls sni=chat.test | http', { proxy: { kind: 'front', sni: 'weather.test' } }],
    ['transport 240.94.10.9:9443 name=obfs4 | tls sni=chat.test | ws', { port: 9443, proxy: { kind: 'transport', name: 'obfs4' } }],
  ])('says in one line: %s', (text, parts) => {
    const parsed = parseRecipe(text)
    expect(parsed).toMatchObject(parts)
    expect(parsed && printRecipe(parsed)).toBe(text)
  })
  it('refuses everything else without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseRecipe(text)
        if (parsed) expect(printRecipe(parsed)).toBe(text)
      }),
    )
    for (const text of [
      '',
      'tcp chat.test:443 | tls sni=a.test | ws',
      'tcp 1.2.3.4:0 | tls sni=a.test | ws',
      'tcp 1.2.3.4:443 | tls sni=a.test | ws | ws',
      'x 1.2.3.4:1 | tcp 1.2.3.4:443 | tls sni=a.test | ws',
      'tcp 1.2.3.4:443 | tls | ws',
      'tcp 1.2.3.4:443 | tls sni=a.test host=a.test | ws',
      'tcp 1.2.3.4:443 | tls sni=a.test split=thrice | ws',
      'socks5 1.2.3.4:1 | tls sni=a.test | ws',
      'ws-bridge 1.2.3.4:1 | tcp 1.2.3.4:443 | tls sni=a.test | ws',
      'transport 1.2.3.4:1 | tls sni=a.test | ws',
    ])
      expect(parseRecipe(text)).toBeNull()
  })
})
