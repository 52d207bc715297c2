import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRecipe, printRecipe, type Recipe } from '../../../electron/core/reach/recipe.ts'

describe('recipes', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6()).filter((text) => !text.includes('%'))
  const port = fc.integer({ min: 1, max: 65_535 })
  const recipe: fc.Arbitrary<Recipe> = fc.record({
    proxy: fc.option(fc.record({ kind: fc.constantFrom('socks5' as const, 'http-connect' as const), address, port })),
    address,
    port,
    sni: fc.option(fc.domain()),
    carrier: fc.constantFrom('ws' as const, 'http' as const),
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
  it('refuses everything else without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseRecipe(text)
        if (parsed) expect(printRecipe(parsed)).toBe(text)
      }),
    )
    for (const text of [
      '',
      'tcp chat.test:443 | tls | ws',
      'tcp 1.2.3.4:0 | tls | ws',
      'tcp 1.2.3.4:443 | tls | ws | ws',
      'x 1.2.3.4:1 | tcp 1.2.3.4:443 | tls | ws',
    ])
      expect(parseRecipe(text)).toBeNull()
  })
})
