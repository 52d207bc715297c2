/** What libraries take from the platform, under a clock that moves when told to, and work elsewhere that it waits for. */
import { webcrypto } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { enterVirtualTime, type VirtualTime } from '../../../rehearsal/virtual-time.ts'

const START = 1_700_000_000_000
const timers: typeof import('node:timers') = createRequire(import.meta.url)('timers')
const real = { setTimeout: globalThis.setTimeout, now: Date.now, random: Math.random }
let time: VirtualTime

beforeEach(() => {
  time = enterVirtualTime({ seed: 1, startAt: START, onTrouble: () => {} })
})
afterEach(() => {
  time.leave()
  expect({ setTimeout: globalThis.setTimeout, now: Date.now, random: Math.random }).toEqual(real)
})

test('timers of the platform, and of its module, wait for the clock', () => {
  const heard: string[] = []
  setTimeout((word: string) => heard.push(word), 100, 'global')
  timers.setTimeout(() => heard.push('module'), 200)
  const never = setTimeout(() => heard.push('cleared'), 50)
  clearTimeout(never)
  const put = setTimeout(() => heard.push('put off'), 150)
  time.clock.advance(140)
  put.refresh()
  time.clock.advance(100)
  expect(heard).toEqual(['global', 'module'])
  time.clock.advance(50)
  expect(heard).toEqual(['global', 'module', 'put off'])
})

test('an interval goes on until it is cleared, also by itself', () => {
  let count = 0
  const interval = setInterval(() => {
    count++
    if (count === 3) clearInterval(interval)
  }, 10)
  time.clock.advance(1000)
  expect(count).toBe(3)
})

test('the date is the clock’s, in whole milliseconds; chance repeats itself with the seed', () => {
  time.clock.advance(1.7)
  expect(Date.now()).toBe(START + 1)
  const drawn = [Math.random(), Math.random()]
  time.leave()
  time = enterVirtualTime({ seed: 1, startAt: START, onTrouble: () => {} })
  expect([Math.random(), Math.random()]).toEqual(drawn)
})

test('time does not pass while keys are made or files are written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-rest-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { clock, during } = time
  const tick = () => void clock.after(1, tick)
  tick()
  const work = async () => {
    await webcrypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
      true,
      ['sign'],
    )
    await writeFile(join(folder, 'file'), new Uint8Array(1_000_000))
    return clock.monotonic() - START
  }
  expect(await during(work(), { virtualMs: 1000, cpuMs: 30_000 })).toBe(0)
})
