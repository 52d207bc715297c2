/** Whatever happens to connection, answers and process, in whatever order: nothing kept is lost, doubled or out of order. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RefusalCode, StreamItem } from '../../../shared/protocol/relay.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { FakeRelay } from './fake-relay.ts'
import { introduce, Profile, settle, uuid } from './profile.ts'

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), to: fc.constantFrom('bob', 'carol') }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('incoming' as const), from: fc.constantFrom('bob', 'carol') }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('up' as const) }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('down' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('disconnect' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('switch' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), index: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 100, max: 40_000 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('refuse' as const),
        code: fc.constantFrom('internal' as const, 'rate-limited' as const, 'overloaded' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), chat: fc.constantFrom('bob', 'carol') }) },
  ),
  { minLength: 10, maxLength: 120 },
)

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never

/** The third message reaches the relay long after it refused the two before it. */
const lateBehindRefused: Steps = [
  { do: 'refuse', code: 'internal' },
  { do: 'connect' },
  { do: 'send', to: 'bob' },
  { do: 'send', to: 'bob' },
  { do: 'send', to: 'bob' },
  { do: 'up' },
  { do: 'up' },
  { do: 'wait', ms: 1000 },
  { do: 'up' },
]

it('keeps every message once and in order', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (todo, pageSize) => {
      const clock = new VirtualClock(1_700_000_000_000)
      const relay = new FakeRelay(clock)
      relay.pageSize = pageSize
      const alice = new Profile({ relay, clock, handle: 'alice', auto: false })
      const others = ['bob', 'carol'].map((handle) => new Profile({ relay, clock, handle }))
      for (const other of others) await introduce(alice, other)
      const key = (handle: string) => others.find((other) => other.handle === handle)?.card.split(':')[1] ?? ''
      const kept: Record<string, string[]> = { bob: [], carol: [] }
      const written: Record<string, string[]> = { bob: [], carol: [] }
      let refusals = 0
      let refusal: RefusalCode = 'internal'
      let count = 0
      relay.refuse = (name) => (name !== 'stream.read' && refusals-- > 0 ? { code: refusal, retryMs: 300 } : null)

      for (const step of todo) {
        count += 1
        switch (step.do) {
          case 'send': {
            const text = `to ${step.to} ${count}`
            await alice.send(step.to, text, uuid(text))
            kept[step.to]?.push(text)
            // Asking twice changes nothing.
            if (count % 3 === 0) await alice.send(step.to, text, uuid(text))
            break
          }
          case 'incoming': {
            const text = `from ${step.from} ${count}`
            relay.post({ handle: step.from, key: key(step.from), device: 'A'.repeat(22) }, count, 'alice', { kind: 'text', text })
            written[step.from]?.push(text)
            break
          }
          case 'up':
            alice.link.stepUp()
            break
          case 'down':
            alice.link.stepDown()
            break
          case 'connect':
            alice.link.connect()
            break
          case 'disconnect':
            alice.link.disconnect()
            break
          case 'switch':
            alice.link.disconnect()
            alice.link.connect()
            break
          case 'crash':
            await alice.crash()
            break
          case 'restart':
            await alice.restart()
            break
          case 'repeat': {
            const items: StreamItem[] = relay.page('alice', 0).items
            const old = items[step.index % Math.max(1, items.length)]
            // Only what was already applied may come again out of turn.
            if (old && alice.link.online && old.seq <= Number(alice.store.values.get('stream.cursor') ?? 0)) alice.link.push([old])
            break
          }
          case 'wait':
            clock.advance(step.ms)
            break
          case 'refuse':
            refusals = 2
            refusal = step.code
            break
          case 'read': {
            const newest = (await alice.messages(step.chat)).at(-1)
            if (newest) await alice.core.handlers['chat.read']({ chatId: `cloud:${step.chat}`, order: newest.order })
            break
          }
        }
        await settle(2)
      }

      refusals = 0
      for (let i = 0; i < 300 && !(await calm()); i++) {
        alice.link.connect()
        alice.link.stepAll()
        await settle(2)
        clock.advance(2000)
      }
      async function calm() {
        const due = alice.store.get<{ due: number }>(
          'SELECT (SELECT count(*) FROM message WHERE mine = 1 AND seq IS NULL) + (SELECT count(*) FROM chat WHERE kept_seq > told_kept OR seen_seq > told_seen) AS due',
        )
        const behind = relay.page('alice', Number(alice.store.values.get('stream.cursor') ?? 0)).items.length
        return due?.due === 0 && behind === 0
      }

      for (const peer of ['bob', 'carol']) {
        const mine = (await alice.messages(peer)).filter(({ mine }) => mine)
        const theirs = (await alice.messages(peer)).filter(({ mine }) => !mine)
        const text = (list: typeof mine) => list.map(({ body }) => (body.kind === 'text' ? body.text : ''))
        expect(text(mine)).toEqual(kept[peer])
        expect(text(theirs)).toEqual(written[peer])
        expect(relay.messagesTo(peer).map(({ body }) => (body.kind === 'text' ? body.text : ''))).toEqual(kept[peer])
        const receipts = relay.asked.filter(({ by, name }) => by === 'alice' && name === 'receipt.set')
        if (theirs.length > 0) expect(JSON.stringify(receipts)).toContain(`"${peer}"`)
      }
      for (const profile of [alice, ...others]) await profile.end()
    }),
    { numRuns: 40, endOnFailure: false, examples: [[lateBehindRefused, 1]] },
  )
})
