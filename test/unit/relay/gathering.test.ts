import { expect, it } from 'vitest'
import { openStore, type StoreOptions } from '../../../relay/store/store.ts'
import { connectClient, newIdentity } from '../../support/relay-client.ts'
import { relayHere } from '../../support/relay-here.ts'

/** Their answers and copies fit into one TLS record. */
const MESSAGES = 20

it.each(['websocket', 'polling'] as const)(
  'what one commit causes reaches a person by %s together, and all of it in order',
  async (transport) => {
    let commits = 0
    const countingStore = (options: StoreOptions) => {
      const store = openStore(options)
      const journal: typeof store.journal = {
        ...store.journal,
        commit(entries, now) {
          commits += 1
          return store.journal.commit(entries, now)
        },
      }
      return { ...store, journal }
    }
    const here = await relayHere({}, { openStore: countingStore })
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((name) => connectClient(here.chat, newIdentity(name), { transport })))
    if (!ann || !bob) throw new Error('nobody came')
    const acked: number[] = []
    const both = Array.from({ length: MESSAGES }, async (_, cid) => {
      const [answer] = await Promise.all([ann.sendText(bob.identity, cid, `a${cid}`), bob.sendText(ann.identity, cid, `b${cid}`)])
      if (answer.ok) acked.push(answer.seq)
    })
    await Promise.all(both)
    await Promise.all([ann, bob].map((person) => person.until((items) => items.length === MESSAGES)))
    expect(acked).toEqual([...acked].sort((a, b) => a - b))
    expect(acked).toHaveLength(MESSAGES)
    expect(bob.items.map((item) => item.kind === 'message' && item.cid)).toEqual(Array.from({ length: MESSAGES }, (_, cid) => cid))
    // Each commit tells both of them several things: answers, and what the other wrote.
    expect(commits).toBeLessThan(MESSAGES)
    if (transport === 'websocket') for (const person of [ann, bob]) expect(person.records()).toBeLessThanOrEqual(commits)
    for (const person of [ann, bob]) person.close()
    await here.end()
  },
)
