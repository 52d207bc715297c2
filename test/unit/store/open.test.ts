import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStore } from '../../../electron/core/store/store.ts'

const key = new Uint8Array(32).fill(7)
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-store-'))
  path = join(folder, 'store.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

function fill(rows: number): void {
  const store = openStore({ path, key })
  store.transaction(() => {
    for (let i = 0; i < rows; i++) store.values.set(`value ${i}`, `the secret plan ${i} ${'x'.repeat(500)}`)
  })
  store.close()
}

it('finds everything again after closing', () => {
  fill(3)
  const store = openStore({ path, key })
  expect(store.values.get('value 2')).toContain('the secret plan 2')
  store.close()
})

it('leaves no readable text in any file, also before the log is folded in', () => {
  const store = openStore({ path, key })
  store.values.set('note', 'the secret plan')
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).includes('secret plan')).toBe(false)
  store.close()
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).includes('secret plan')).toBe(false)
})

it('refuses a wrong key by name and leaves the file as it was', () => {
  fill(3)
  const before = readFileSync(path)
  expect(() => openStore({ path, key: new Uint8Array(32).fill(8) })).toThrow(expect.objectContaining({ code: 'store-locked' }))
  expect(readFileSync(path).equals(before)).toBe(true)
  openStore({ path, key }).close()
})

it('refuses a wrong key as well where the check value beside the store is gone', () => {
  fill(3)
  rmSync(`${path}.check`)
  expect(() => openStore({ path, key: new Uint8Array(32).fill(8) })).toThrow(expect.objectContaining({ code: 'store-locked' }))
  openStore({ path, key }).close()
  expect(existsSync(`${path}.check`)).toBe(true)
})

it('names damage wherever one byte is flipped, and leaves the file as it was', () => {
  fill(60)
  const whole = readFileSync(path)
  expect(whole.length).toBeGreaterThan(30_000)
  for (let at = 5; at < whole.length; at += Math.floor(whole.length / 25)) {
    const damaged = Buffer.from(whole)
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at)
    writeFileSync(path, damaged)
    expect(() => openStore({ path, key }).close(), `byte ${at}`).toThrow(expect.objectContaining({ code: 'store-damaged' }))
    expect(readFileSync(path).equals(damaged)).toBe(true)
  }
})

it('names damage that appears while it is open when the page is read', () => {
  fill(4000)
  const store = openStore({ path, key })
  const damaged = readFileSync(path)
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 9000) ^ 1, damaged.length - 9000)
  writeFileSync(path, damaged)
  expect(() => store.all('SELECT key, value FROM value')).toThrow(expect.objectContaining({ code: 'store-damaged' }))
  store.close()
})

it('belongs to one opener at a time', () => {
  const store = openStore({ path, key })
  expect(() => openStore({ path, key })).toThrow(expect.objectContaining({ code: 'store-locked' }))
  store.close()
  openStore({ path, key }).close()
})

it('refuses a store that a newer build has changed', () => {
  const store = openStore({ path, key })
  store.run('PRAGMA user_version = 9999')
  store.close()
  expect(() => openStore({ path, key })).toThrow(expect.objectContaining({ code: 'refused' }))
})

it('keeps what was written when the process died without closing', () => {
  const store = openStore({ path, key })
  store.values.set('note', 'kept')
  const copy = join(folder, 'copy.db')
  for (const suffix of ['', '-wal', '.check']) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`)
  store.close()
  expect(() => openStore({ path: copy, key: new Uint8Array(32).fill(8) })).toThrow(expect.objectContaining({ code: 'store-locked' }))
  const reopened = openStore({ path: copy, key })
  expect(reopened.values.get('note')).toBe('kept')
  reopened.close()
})
