/** The whole room as the product runs it: rows, receipts, deadlines, one transaction for each step; over a relay in memory. */
import { randomUUID } from 'node:crypto'
import { openIdentity, ownerOf } from '../../../electron/core/identity.ts'
import { createSecret, type Secret } from '../../../electron/core/secret/index.ts'
import type { Store } from '../../../electron/core/store/store.ts'
import { systemRandom } from '../../../electron/core/system-random.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { FakeLink, FakeRelay } from '../../unit/chats/fake-relay.ts'

export interface EnginePair {
  /** One text from one to the other, kept by both. Receipts are gathered, and go for many at once. */
  say(from: 0 | 1): Promise<void>
  close(): void
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

interface Side {
  readonly handle: string
  readonly secret: Secret
  readonly link: FakeLink
  readonly store: Store
}

function createSide(handle: string, peer: string, relay: FakeRelay, store: Store): Side {
  const identity = openIdentity(store, handle, systemRandom, null)
  const owner = ownerOf(identity)
  relay.register(handle, owner.key)
  const link = new FakeLink(relay, owner, () => 0, true)
  const secret = createSecret({
    store,
    witness: { read: () => null, write() {} },
    owner,
    identity,
    link,
    emit() {},
    clock: systemClock,
    random: systemRandom,
    log: { info() {}, warn() {} },
    met(_handle, key) {
      store.run("INSERT OR IGNORE INTO contact (handle, key, source) VALUES (?, ?, 'card')", [peer, key])
      return true
    },
    readingShown: () => true,
  })
  return { handle, secret, link, store }
}

/** As such rows are when all was told of them. */
function lay({ handle, store }: Side, count: number): void {
  const chatId = handle === 'alice' ? 'secret:bob' : 'secret:alice'
  store.transaction(() => {
    for (let i = 0; i < count; i++) {
      const mine = (handle === 'alice' ? i : i + 1) % 2
      store.run("INSERT INTO secret_message (id, chat_id, mine, kind, text, at, sent, kept) VALUES (?, ?, ?, 'text', ?, ?, ?, 1)", [
        randomUUID(),
        chatId,
        mine,
        'Shall we meet at the bridge at seven?',
        Date.now(),
        mine,
      ])
    }
  })
}

/** Both online, the chat asked for and accepted. `before`: so many messages lie in it already, half of them each side's, none read. */
export async function enginePair(open: (name: string) => Store, before = 0): Promise<EnginePair> {
  const relay = new FakeRelay(systemClock)
  const sides = [createSide('alice', 'bob', relay, open('alice')), createSide('bob', 'alice', relay, open('bob'))] as const
  const [alice, bob] = sides
  const keyOf = ({ store, handle }: Side) => toBase64Url(openIdentity(store, handle, systemRandom, null).key.publicKey)
  alice.store.run("INSERT INTO contact (handle, key, source) VALUES ('bob', ?, 'card')", [keyOf(bob)])
  for (const { link } of sides) link.connect()
  const stateOf = ({ secret }: Side) => secret.chats()[0]?.secret?.state
  const until = async (side: Side, state: string) => {
    for (let i = 0; i < 1000 && stateOf(side) !== state; i++) await settled()
    if (stateOf(side) !== state) throw new Error(`${side.handle} is ${stateOf(side)}`)
  }
  for (let i = 0; i < 20; i++) await settled()
  alice.secret.start('bob')
  await until(bob, 'asked')
  bob.secret.accept('secret:alice')
  await until(alice, 'secured')
  for (const side of sides) lay(side, before)
  return {
    async say(from) {
      const { secret } = sides[from]
      const { store } = sides[from === 0 ? 1 : 0]
      const id = randomUUID()
      secret.send({ id, chatId: from === 0 ? 'secret:bob' : 'secret:alice', text: 'Shall we meet at the bridge at seven?' })
      const isDone = () => store.get('SELECT 1 AS here FROM secret_message WHERE id = ?', [id]) !== undefined
      for (let i = 0; i < 1000 && !isDone(); i++) await settled()
      if (!isDone()) throw new Error('it does not arrive')
    },
    close() {
      for (const { secret, link } of sides) {
        secret.close()
        link.disconnect()
      }
    },
  }
}
