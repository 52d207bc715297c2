import { rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Account } from '../../../relay/store/accounts.ts'
import { DamagedStore, openDatabase, transaction } from '../../../relay/store/database.ts'
import { openStore, type Store } from '../../../relay/store/store.ts'
import { freshDirectory } from '../../support/relay-here.ts'

const directories: string[] = []
const directory = () => {
  const made = freshDirectory()
  directories.push(made)
  return made
}
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true, force: true })
})

const open = (dataDir: string) => openStore({ dataDir, onNotice: () => {} })
const people = (store: Store): { account: Account; device: number }[] =>
  ['ann', 'bob', 'cyd'].map((handle) => {
    const account = store.accounts.claim(handle, `key-${handle}`, 1)
    if (!account) throw new Error('handle taken')
    return { account, device: store.accounts.device(account, `device-${handle}`, 1) }
  })

describe('the journal', () => {
  it('gives every account exactly its messages, in order and once, through indexing, repeats and restarts', { timeout: 60_000 }, () => {
    // Groups large enough to fill a segment, so that indexing runs and is cut off at any point by a restart.
    const group = fc.record({
      size: fc.integer({ min: 1, max: 900 }),
      seed: fc.integer({ min: 0, max: 1000 }),
      repeatEvery: fc.integer({ min: 2, max: 50 }),
      restart: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(group, { minLength: 4, maxLength: 18 }), (groups) => {
        const dataDir = directory()
        let store = open(dataDir)
        const cids = new Map<number, number>()
        const expected: { seq: number; from: number; to: number; cid: number }[] = []
        for (const { size, seed, repeatEvery, restart } of groups) {
          const who = people(store)
          const wanted = Array.from({ length: size }, (_, i) => {
            const from = (seed + i * 7) % 3
            const repeated = i % repeatEvery === 0 ? expected.find((entry) => entry.from === from) : undefined
            const to = repeated?.to ?? (seed + i) % 3
            const cid = repeated?.cid ?? cids.get(from) ?? 0
            if (!repeated) cids.set(from, cid + 1)
            return { from, to, cid, repeated }
          })
          const entries = wanted.flatMap(({ from, to, cid }) => {
            const [sender, recipient] = [who[from], who[to]]
            if (!sender || !recipient) return []
            return [
              {
                kind: 'message',
                sender: sender.account,
                device: sender.device,
                cid,
                recipient: recipient.account,
                body: { kind: 'text', text: `${from}-${cid}` },
              } as const,
            ]
          })
          store.journal.commit(entries, 5).forEach((written, i) => {
            const { from = 0, to = 0, cid = 0, repeated } = wanted[i] ?? {}
            expect(written.isNew).toBe(!repeated)
            if (repeated) expect(written.seq).toBe(repeated.seq)
            else expected.push({ seq: written.seq, from, to, cid })
          })
          if (restart) {
            store.close()
            store = open(dataDir)
          }
        }
        people(store).forEach(({ account }, index) => {
          const items = []
          for (let more = true; more; ) {
            const page = store.journal.read(account, items.at(-1)?.seq ?? 0, { items: 500, bytes: 1e9 })
            items.push(...page.items)
            more = page.more
          }
          const own = expected.filter((entry) => entry.from === index || entry.to === index)
          expect(items.map((item) => item.seq)).toEqual(own.map((entry) => entry.seq))
        })
        store.close()
      }),
      // Shrinking thousands of messages takes longer than reading the seed.
      { numRuns: 10, endOnFailure: true },
    )
  })

  it('writes all of a group or nothing, and a failed group leaves no trace in what follows', () => {
    const store = open(directory())
    const [ann, bob] = people(store)
    if (!ann || !bob) throw new Error('no people')
    const message = (cid: number, recipient = bob.account) =>
      ({ kind: 'message', sender: ann.account, device: ann.device, cid, recipient, body: { kind: 'text', text: 'x' } }) as const
    // No integer: the strict table refuses the row, as a full disk would.
    const impossible = message(2, { ...bob.account, id: 0.5 })
    expect(() => store.journal.commit([message(1), impossible], 1)).toThrow()
    expect(store.journal.read(bob.account, 0, { items: 10, bytes: 1e6 }).items).toEqual([])
    const [written] = store.journal.commit([message(1)], 1)
    expect(written?.isNew).toBe(true)
    expect(store.journal.read(bob.account, 0, { items: 10, bytes: 1e6 }).items).toHaveLength(1)
    store.close()
  })

  it('syncs every commit to the disk', () => {
    const dataDir = directory()
    open(dataDir).close()
    const database = openDatabase(join(dataDir, 'relay.db'), { onNotice: () => {} })
    // 2 is FULL; a lesser level may lose acknowledged messages with the power.
    expect(database.pragma('synchronous', { simple: true })).toBe(2)
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    database.close()
  })

  it('is not opened when the file is damaged or from a newer relay', () => {
    const dataDir = directory()
    open(dataDir).close()
    const path = join(dataDir, 'relay.db')
    const database = openDatabase(path, { onNotice: () => {} })
    transaction(database, () => database.exec('PRAGMA user_version = 999'))
    database.close()
    expect(() => open(dataDir)).toThrow(DamagedStore)
  })
})
