/** One set of promises, kept by the encrypted file and by the store in memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../electron/core/store/store.ts'

const key = new Uint8Array(32).fill(7)
let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-store-'))
})

afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

describe.each([
  ['encrypted file', () => join(folder, 'store.db')],
  ['memory', () => ':memory:'],
])('a store (%s)', (_name, path) => {
  beforeEach(() => {
    store = openStore({ path: path(), key })
  })

  it('keeps values by name, replaces and removes them', () => {
    expect(store.values.get('a')).toBeNull()
    store.values.set('a', '1')
    store.values.set('a', '2')
    expect(store.values.get('a')).toBe('2')
    store.values.set('a', null)
    expect(store.values.get('a')).toBeNull()
  })

  it('undoes all of a transaction that throws', () => {
    store.values.set('a', 'before')
    expect(() =>
      store.transaction(() => {
        store.values.set('a', 'inside')
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(store.values.get('a')).toBe('before')
  })

  it('undoes an inner transaction alone when the outer one catches its error', () => {
    store.transaction(() => {
      store.values.set('outer', 'kept')
      try {
        store.transaction(() => {
          store.values.set('inner', 'gone')
          throw new Error('stop')
        })
      } catch {
        // The outer transaction goes on.
      }
    })
    expect([store.values.get('outer'), store.values.get('inner')]).toEqual(['kept', null])
  })

  it('gives back bytes, numbers and any text as they were given', () => {
    const bytes = Uint8Array.from([0, 255, 1])
    const text = 'nul\0 מה 漢字 🙂'
    expect(store.get('SELECT ? AS bytes, ? AS number, ? AS text', [bytes, Number.MAX_SAFE_INTEGER, text])).toEqual({
      bytes: Buffer.from(bytes),
      number: Number.MAX_SAFE_INTEGER,
      text,
    })
  })

  it('refuses rows that break the shape, and says how many a change touched', () => {
    expect(() => store.run("INSERT INTO message (id, chat_id) VALUES ('x', 'cloud:nobody')")).toThrow()
    store.values.set('a', '1')
    store.values.set('b', '1')
    expect(store.run("UPDATE value SET value = '2' WHERE key IN ('a', 'b')")).toBe(2)
  })
})
