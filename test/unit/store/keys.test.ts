import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { practiceKey } from '../../../electron/core/store/key-file.ts'
import { DEFAULT_COST, unwrapKey, type WrapCost, wrapKey } from '../../../electron/core/store/key-wrap.ts'
import { seededRandom } from '../../../shared/util/random.ts'

const random = seededRandom(1)
const cheap: WrapCost = { passes: 1, memory: 65_536 }
const key = random.bytes(32)
const locked = expect.objectContaining({ code: 'store-locked' })

describe('a key behind a passphrase', () => {
  it('comes back with the passphrase, in any Unicode spelling of it', () => {
    const wrapped = wrapKey(key, 'caf\u00e9 on the corner', random, { cost: cheap })
    expect(unwrapKey(JSON.parse(JSON.stringify(wrapped)), 'cafe\u0301 on the corner')).toEqual(key)
  })

  it('stays shut for another passphrase', () => {
    expect(() => unwrapKey(wrapKey(key, 'right', random, { cost: cheap }), 'wrong')).toThrow(locked)
  })

  it('keeps its cost and opens by it, and an altered cost is refused', () => {
    const wrapped = wrapKey(key, 'right', random, { cost: { passes: 2, memory: 131_072 } })
    expect(wrapped.cost).toEqual({ passes: 2, memory: 131_072 })
    expect(unwrapKey(wrapped, 'right')).toEqual(key)
    expect(() => unwrapKey({ ...wrapped, cost: cheap }, 'right')).toThrow(locked)
  })

  it('never works for more memory than its bound, whatever a planted file says', () => {
    const wrapped = wrapKey(key, 'right', random, { cost: cheap })
    expect(() => unwrapKey({ ...wrapped, cost: { passes: 1, memory: 2 ** 40 } }, 'right')).toThrow(locked)
    expect(() => unwrapKey('not a box', 'right')).toThrow(locked)
  })

  it('gives another box each time', () => {
    expect(wrapKey(key, 'right', random, { cost: cheap }).box).not.toBe(wrapKey(key, 'right', random, { cost: cheap }).box)
  })

  it('costs by default what RFC 9106 asks for at least', () => {
    expect(DEFAULT_COST.memory).toBeGreaterThanOrEqual(64 * 1024 * 1024)
    expect(DEFAULT_COST.passes).toBeGreaterThanOrEqual(3)
    expect(unwrapKey(wrapKey(key, 'right', random), 'right')).toEqual(key)
  })
})

describe('the key of a practice profile', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-key-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made once, for its owner alone, and found again', () => {
    const path = join(folder, 'store.key')
    const made = practiceKey(path, join(folder, 'store.db'), random)
    expect(practiceKey(path, join(folder, 'store.db'), random)).toEqual(made)
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('is never replaced while a store waits for it, nor when the file is garbage', () => {
    writeFileSync(join(folder, 'store.db'), 'something')
    expect(() => practiceKey(join(folder, 'store.key'), join(folder, 'store.db'), random)).toThrow(locked)
    writeFileSync(join(folder, 'store.key'), 'short')
    expect(() => practiceKey(join(folder, 'store.key'), join(folder, 'store.db'), random)).toThrow(locked)
  })
})
