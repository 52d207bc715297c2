import { expect, it } from 'vitest'
import { isBogon } from '../../../electron/core/reach/lookups.ts'

it('knows addresses that cannot be a server', () => {
  expect(['0.0.0.0', '127.0.0.1', '::1', 'x', '10.10.34.34'].map((address) => isBogon(address, ['10.0.0.0/8', 'bad']))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ])
  expect(isBogon('240.16.0.10', ['10.0.0.0/8', '2001:db8::/32'])).toBe(false)
})
