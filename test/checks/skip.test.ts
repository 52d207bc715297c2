import { afterEach, expect, test, vi } from 'vitest'
import { skipLoudly } from '../support/skip.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a skip is a failure where the missing thing could have been installed', () => {
  vi.stubEnv('THROUGHLINE_NO_SKIPS', '1')
  expect(() => skipLoudly('no packet filter', 'nftables')).toThrow('no packet filter: CI must install nftables')
})
