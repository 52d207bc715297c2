import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkKey } from '../../../electron/core/store/key-check.ts'
import { parseStoreKey } from '../../../electron/core/store/key-file.ts'
import type { WrapCost } from '../../../electron/core/store/key-wrap.ts'
import { openStore, type Store } from '../../../electron/core/store/store.ts'
import { createVault, type Vault } from '../../../electron/core/store/vault.ts'
import { seededRandom } from '../../../shared/util/random.ts'

const cost: WrapCost = { passes: 1, memory: 8192 }
const random = seededRandom(3)
const keychainKey = random.bytes(32)
const wrong = expect.objectContaining({ code: 'store-locked' })

let folder: string
let album: string
let stores: Store[]
beforeEach(() => {
  album = mkdtempSync(join(tmpdir(), 'throughline-album-'))
  folder = mkdtempSync(join(tmpdir(), 'throughline-vault-'))
  stores = []
})
afterEach(() => {
  for (const store of stores) store.close()
  rmSync(folder, { recursive: true })
  rmSync(album, { recursive: true })
})

const vaultIn = (profileDir: string, keychain: Uint8Array | null = null) => createVault({ profileDir, keychainKey: keychain, random, cost })

function opened(vault: Vault, passphrase: string | null = null): Store {
  const store = vault.open(passphrase)
  if (!store) throw new Error('locked')
  stores.push(store)
  return store
}
function close(store: Store): void {
  stores.splice(stores.indexOf(store), 1)
  store.close()
}
const files = () => readdirSync(folder).filter((name) => !name.endsWith('-wal') && !name.endsWith('-shm'))

describe.each([
  ['a key beside the store', null],
  ['a key in the keychain', keychainKey],
] as const)('with %s', (_what, keychain) => {
  const vault = () => vaultIn(folder, keychain)

  it('opens by the passphrase alone once one is set, and the key before opens nothing any more', () => {
    const store = opened(vault())
    const before = keychain ?? parseStoreKey(readFileSync(join(folder, 'store.key'), 'utf8'))
    store.values.set('word', 'kept')
    vault().setPassphrase(store, null, 'between us')
    expect(store.values.get('word')).toBe('kept')
    store.values.set('later', 'kept too')
    close(store)
    expect(vault().hasPassphrase()).toBe(true)
    expect(files()).toEqual(['store.db', 'store.db.check', 'store.lock'])
    expect(() => openStore({ path: join(folder, 'store.db'), key: before })).toThrow(wrong)

    expect(vault().open(null)).toBeNull()
    expect(() => vault().open('between them')).toThrow(wrong)
    const again = opened(vault(), 'between us')
    expect([again.values.get('word'), again.values.get('later')]).toEqual(['kept', 'kept too'])
  })

  it('changes the passphrase only for whoever knows it, and the old one with its old file opens nothing', () => {
    const store = opened(vault())
    vault().setPassphrase(store, null, 'first')
    const oldLock = readFileSync(join(folder, 'store.lock'))
    expect(() => vault().setPassphrase(store, 'guess', 'second')).toThrow(wrong)
    expect(() => vault().setPassphrase(store, null, 'second')).toThrow(wrong)
    vault().setPassphrase(store, 'first', 'second')
    close(store)
    expect(() => vault().open('first')).toThrow(wrong)
    close(opened(vault(), 'second'))
    writeFileSync(join(folder, 'store.lock'), oldLock)
    expect(() => vault().open('first')).toThrow(wrong)
  })

  it('opens without one again once it is removed', () => {
    const store = opened(vault())
    store.values.set('word', 'kept')
    vault().setPassphrase(store, null, 'first')
    vault().setPassphrase(store, 'first', null)
    close(store)
    expect(vault().hasPassphrase()).toBe(false)
    expect(opened(vault()).values.get('word')).toBe('kept')
    expect(existsSync(join(folder, 'store.lock'))).toBe(false)
  })

  it('checks a passphrase without opening anything', () => {
    const store = opened(vault())
    vault().setPassphrase(store, null, 'first')
    expect(() => vault().check('second')).toThrow(wrong)
    vault().check('first')
  })

  it.each(['set', 'change', 'remove'] as const)(
    'loses nothing and leaves no clear key behind, wherever the work to %s one is cut short',
    (what) => {
      const store = opened(vault())
      store.values.set('word', 'kept')
      if (what !== 'set') vault().setPassphrase(store, null, 'first')
      const photographs = photographed(store, () => {
        vault().setPassphrase(store, what === 'set' ? null : 'first', what === 'remove' ? null : 'second')
      })
      close(store)
      const ways = photographs.map((photograph) => {
        const cut = vaultIn(photograph, keychain)
        const way = [null, 'second', 'first'].find((passphrase) => holdsTheWord(cut, passphrase))
        expect(existsSync(join(photograph, 'store.key'))).toBe(way === null && keychain === null)
        expect(cut.hasPassphrase()).toBe(way !== null)
        for (const other of ['second', 'first', null]) {
          if (way !== null && other !== way) expect(holdsTheWord(cut, other)).toBe(false)
        }
        return way
      })
      const before = what === 'set' ? null : 'first'
      const after = what === 'remove' ? null : 'second'
      expect(ways).toEqual([before, before, after, after])
    },
  )
})

it('needs the keychain beside the passphrase where there was one: a copied folder gives nothing to guess against', () => {
  const store = opened(vaultIn(folder, keychainKey))
  vaultIn(folder, keychainKey).setPassphrase(store, null, 'first')
  close(store)
  expect(() => vaultIn(folder).open('first')).toThrow(wrong)
  expect(() => vaultIn(folder, random.bytes(32)).open('first')).toThrow(wrong)
  opened(vaultIn(folder, keychainKey), 'first')
})

it('says that the lock file is damaged, and leaves it and the store as they are', () => {
  const store = opened(vaultIn(folder))
  vaultIn(folder).setPassphrase(store, null, 'first')
  close(store)
  writeFileSync(join(folder, 'store.lock'), '{"v":1,"boxes":[')
  expect(() => vaultIn(folder).open(null)).toThrow(expect.objectContaining({ code: 'store-damaged' }))
  expect(readFileSync(join(folder, 'store.lock'), 'utf8')).toBe('{"v":1,"boxes":[')
})

it('never takes a store that another process has open for one whose key has changed', () => {
  const store = opened(vaultIn(folder))
  // As when setting was cut short before the store was encrypted anew.
  const lock = join(folder, 'store.lock')
  const elsewhere = mkdtempSync(join(tmpdir(), 'throughline-vault-'))
  const other = opened(vaultIn(elsewhere))
  vaultIn(elsewhere).setPassphrase(other, null, 'first')
  cpSync(join(elsewhere, 'store.lock'), lock)
  close(other)
  rmSync(elsewhere, { recursive: true })
  expect(() => vaultIn(folder).open(null)).toThrow(expect.objectContaining({ detail: 'open in another process' }))
  expect(existsSync(join(folder, 'store.key'))).toBe(true)
  close(store)
  opened(vaultIn(folder))
  expect(existsSync(lock)).toBe(false)
})

it('keeps a check value of the key that holds', () => {
  const store = opened(vaultIn(folder))
  vaultIn(folder).setPassphrase(store, null, 'first')
  expect(checkKey(join(folder, 'store.db'), keychainKey)).toBe('wrong')
})

/** The folder as it is on the disk before `work`, before and after the encrypting anew, and at the end. */
function photographed(store: Store, work: () => void): string[] {
  const taken: string[] = []
  const take = () => {
    const to = join(album, String(taken.length))
    cpSync(folder, to, { recursive: true })
    taken.push(to)
  }
  const { rekey } = store
  take()
  vi.spyOn(store, 'rekey').mockImplementation((key) => {
    take()
    rekey(key)
    take()
  })
  work()
  take()
  return taken
}

function holdsTheWord(vault: Vault, passphrase: string | null): boolean {
  let store: Store | null
  try {
    store = vault.open(passphrase)
  } catch (error) {
    expect(error).toEqual(wrong)
    return false
  }
  if (store) expect(store.values.get('word')).toBe('kept')
  store?.close()
  return store !== null
}
