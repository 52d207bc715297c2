/** A store that was put back to an older copy of itself: noticed, its keys not used again, and nothing lost that can be had. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGeneration } from '../../../../electron/core/secret/generation.ts'
import { fileWitness, type Witness } from '../../../../electron/core/store/witness.ts'
import { VirtualClock } from '../../../../shared/util/virtual-clock.ts'
import { settle } from '../../chats/profile.ts'
import { notices, pass, secured, stateOf, words, write } from './pair.ts'

const reset = ['rolled-back', 'reset']

describe('a store put back to an older copy', () => {
  it('seals nothing with the keys it holds, says so, and begins anew by itself without losing what the other side wrote', async () => {
    const { clock, relay, alice, bob } = await secured()
    await write(alice, 'bob', 'before')
    await pass(clock, 10_000)
    const restore = alice.backup()
    await alice.restart()
    alice.link.connect()
    await settle()
    await write(alice, 'bob', 'after the copy')
    await write(bob, 'alice', 'lost by restoring')
    await pass(clock, 10_000)
    await restore()
    const sent = relay.sealed.length
    // Offline: nothing can be begun yet, and nothing is sealed.
    await write(alice, 'bob', 'written at once')
    expect(alice.store.get<{ count: number }>('SELECT count(*) AS count FROM secret_packet')?.count).toBe(0)
    expect((await notices(alice, 'bob')).at(-1)).toBe('rolled-back')
    await write(bob, 'alice', 'on its way')
    alice.link.connect()
    await settle()
    await pass(clock, 10_000)
    expect(relay.sealed.length).toBeGreaterThan(sent)
    expect((await notices(alice, 'bob')).slice(-2)).toEqual(reset)
    expect(await words(bob, 'alice')).toEqual(['before', 'after the copy', 'lost by restoring', 'on its way', 'written at once'])
    expect((await words(alice, 'bob')).sort()).toEqual(['before', 'on its way', 'written at once'])
    // No number names two packets: the relay would pass over the second.
    const asked = relay.asked.flatMap(({ by, name, input }) =>
      by === 'alice' && name === 'sealed.send' ? [input as { cid: number; packet: string }] : [],
    )
    expect(new Set(asked.map(({ cid }) => cid)).size).toBe(new Set(asked.map(({ packet }) => packet)).size)
    await write(bob, 'alice', 'hello')
    expect((await words(alice, 'bob')).at(-1)).toBe('hello')
    expect((await notices(bob, 'alice')).filter((code) => code === 'back-in-time')).toEqual([])
  })

  // Each time with other keys: which of two requests that arrived together counts is no matter of chance.
  it.each([1, 2, 3, 4])('rings again where nobody had accepted yet, with what was written (%i)', async () => {
    const { clock, alice, bob } = await secured()
    await alice.core.handlers['secret.end']({ chatId: 'secret:bob' })
    await settle()
    await alice.core.handlers['secret.start']({ handle: 'bob' })
    await write(alice, 'bob', 'please')
    const restore = alice.backup()
    await alice.restart()
    await restore()
    alice.link.connect()
    await settle()
    await pass(clock, 10_000)
    await bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
    await settle()
    expect((await stateOf(alice, 'bob'))?.state).toBe('secured')
    expect(await words(bob, 'alice')).toEqual(['please'])
    await write(alice, 'bob', 'thanks')
    expect(await words(bob, 'alice')).toEqual(['please', 'thanks'])
  })

  it('together with what lies beside it is noticed by the other side, which makes new keys', async () => {
    const { clock, alice, bob } = await secured()
    for (const text of ['one', 'two']) await write(alice, 'bob', text)
    await pass(clock, 10_000)
    bob.link.disconnect()
    await write(alice, 'bob', 'three')
    const restore = alice.backup()
    await write(alice, 'bob', 'four')
    await restore(true)
    expect(await notices(alice, 'bob')).not.toContain('rolled-back')
    alice.link.connect()
    for (const text of ['cuatro', 'cinco', 'seis']) await write(alice, 'bob', text)
    bob.link.connect()
    await settle()
    await pass(clock, 60_000)
    expect(await notices(bob, 'alice')).toEqual(['asked', 'accepted', 'back-in-time', 'reset'])
    expect((await words(bob, 'alice')).sort()).toEqual(['cinco', 'cuatro', 'four', 'one', 'seis', 'three', 'two'])
    await write(bob, 'alice', 'ok')
    expect((await words(alice, 'bob')).at(-1)).toBe('ok')
  })

  it('is not what a store is taken for that comes without the file beside it', async () => {
    const { alice } = await secured()
    const path = join(alice.path, '..', 'store.generation')
    await alice.restart()
    rmSync(path)
    await alice.restart()
    expect(await notices(alice, 'bob')).toEqual(['started', 'accepted'])
    expect(readFileSync(path, 'utf8')).toMatch(/^\d+ [\w-]{43}$/)
  })
})

describe('the witness', () => {
  it('is believed only with the seal of its store', () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-witness-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'store.generation')
    const key = new Uint8Array(32).fill(1)
    const witness = fileWitness(path, key)
    expect(witness.read()).toBeNull()
    witness.write(41)
    expect(witness.read()).toBe(41)
    expect(fileWitness(path, new Uint8Array(32)).read()).toBeNull()
    writeFileSync(path, readFileSync(path, 'utf8').replace('41', '42'))
    expect(witness.read()).toBeNull()
  })

  it('never takes a store for an older copy that was only killed, and always one that was copied before its last start got to the disk', () => {
    type Disk = { db: string | null; seen: number | null }
    const kill = fc.constantFrom('before', 'between', 'after', 'never' as const)
    const step = fc.oneof(fc.record({ does: fc.constant('start' as const), kill }), fc.record({ does: fc.constant('use' as const), kill }))
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.nat(), (steps, pick) => {
        const disk: Disk = { db: null, seen: null }
        const copies: Disk[] = []
        const start = (at: typeof kill extends fc.Arbitrary<infer K> ? K : never) => {
          const clock = new VirtualClock()
          let killed = at === 'before'
          const values = {
            get: () => disk.db,
            set(_key: string, value: string | null) {
              if (!killed) disk.db = value
              killed ||= at === 'between'
            },
          }
          const witness: Witness = {
            read: () => disk.seen,
            write(generation) {
              if (!killed) disk.seen = generation
              killed ||= at === 'after'
            },
          }
          const generation = createGeneration({ values, witness, clock, log: { info() {}, warn() {} } })
          const { isOlder } = generation
          generation.begin()
          return { isOlder, clock, generation, isAlive: () => !killed }
        }
        for (const { does, kill } of steps) {
          copies.push({ ...disk })
          const run = start(does === 'start' ? kill : 'never')
          expect(run.isOlder).toBe(false)
          if (does === 'use') {
            run.generation.used()
            if (kill !== 'before') run.clock.advance(60_000)
          }
        }
        const copy = copies[pick % copies.length]
        if (!copy || copy.seen === disk.seen) return
        disk.db = copy.db
        expect(start('never').isOlder).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
