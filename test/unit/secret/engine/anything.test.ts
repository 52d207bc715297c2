/** Whatever happens to connections, answers and processes on both sides, in whatever order: nothing written is lost, doubled or out of order. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { VirtualClock } from '../../../../shared/util/virtual-clock.ts'
import { FakeRelay } from '../../chats/fake-relay.ts'
import { introduce, Profile, settle, uuid } from '../../chats/profile.ts'
import { notices, stateOf, words } from './pair.ts'

const who = fc.constantFrom('alice' as const, 'bob' as const)
const step = <const D extends string>(weight: number, does: D) => ({ weight, arbitrary: fc.record({ does: fc.constant(does), who }) })
const steps = fc.array(
  fc.oneof(
    step(6, 'write'),
    step(8, 'up'),
    step(8, 'down'),
    step(3, 'connect'),
    step(2, 'disconnect'),
    step(1, 'crash'),
    step(1, 'restart'),
    step(1, 'see'),
    step(1, 'repeat'),
    step(1, 'wait'),
    step(1, 'refuse'),
  ),
  { minLength: 10, maxLength: 100 },
)

it('carries every message of both sides once and in order', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (todo, pageSize) => {
      const clock = new VirtualClock(1_700_000_000_000)
      const relay = new FakeRelay(clock)
      const people = {
        alice: new Profile({ relay, clock, handle: 'alice', auto: false }),
        bob: new Profile({ relay, clock, handle: 'bob', auto: false }),
      }
      const both = [people.alice, people.bob]
      await introduce(people.alice, people.bob)
      const peerOf = ({ handle }: Profile) => (handle === 'alice' ? 'bob' : 'alice')
      const run = async (until: () => Promise<boolean>) => {
        for (let i = 0; i < 200 && !(await until()); i++) {
          for (const { link } of both) {
            link.connect()
            link.stepAll()
          }
          await settle(2)
          for (const { link } of both) link.stepAll()
          await settle(2)
          clock.advance(1500)
        }
      }
      await run(async () => relay.accounts.get('bob')?.prekeys.size === 1)
      await people.alice.core.handlers['secret.start']({ handle: 'bob' })
      await run(async () => (await stateOf(people.bob, 'alice'))?.state === 'asked')
      await people.bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
      await run(async () => (await stateOf(people.alice, 'bob'))?.state === 'secured')

      relay.pageSize = pageSize
      const written: Record<string, string[]> = { alice: [], bob: [] }
      let refusals = 0
      relay.refuse = (name) => (name === 'sealed.send' && refusals-- > 0 ? { code: 'internal', retryMs: 300 } : null)
      let count = 0
      for (const { does, who } of todo) {
        const person = people[who]
        const peer = peerOf(person)
        count += 1
        switch (does) {
          case 'write': {
            const text = `${who} ${count}`
            await person.core.handlers['message.send']({ id: uuid(text), chatId: `secret:${peer}`, text })
            written[who]?.push(text)
            break
          }
          case 'up':
            person.link.stepUp()
            break
          case 'down':
            person.link.stepDown()
            break
          case 'connect':
            person.link.connect()
            break
          case 'disconnect':
            person.link.disconnect()
            break
          case 'crash':
            await person.crash()
            break
          case 'restart':
            await person.restart()
            break
          case 'see': {
            const { messages } = await person.core.handlers['message.list']({ chatId: `secret:${peer}`, limit: 300 })
            const ids = messages.filter(({ mine, body }) => !mine && body.kind === 'text').map(({ id }) => id)
            await person.core.handlers['secret.seen']({ chatId: `secret:${peer}`, ids })
            break
          }
          case 'repeat': {
            const old = relay.sealed.filter(({ from }) => from === peer)[count % Math.max(1, relay.sealed.length)]
            // Only what was already opened may come again out of turn.
            if (
              old &&
              !relay.accounts
                .get(who)
                ?.mail.get(person.link.device)
                ?.some(({ packet }) => packet === old.packet)
            ) {
              relay.deliver(who, person.link.device, old)
            }
            break
          }
          case 'wait':
            clock.advance(700)
            break
          case 'refuse':
            refusals = 2
            break
        }
        await settle(2)
      }
      refusals = 0
      const due = (person: Profile) =>
        (person.store.get<{ due: number }>('SELECT (SELECT count(*) FROM secret_packet) + (SELECT count(*) FROM secret_item) AS due')
          ?.due ?? 0) + (relay.accounts.get(person.handle)?.mail.get(person.link.device)?.length ?? 0)
      await run(async () => due(people.alice) + due(people.bob) === 0)

      const heard = async (person: Profile) => (await words(person, peerOf(person))).filter((text) => !text.startsWith(person.handle))
      const said = async (person: Profile) => (await words(person, peerOf(person))).filter((text) => text.startsWith(person.handle))
      expect(await heard(people.bob)).toEqual(written.alice)
      expect(await heard(people.alice)).toEqual(written.bob)
      expect(await said(people.alice)).toEqual(written.alice)
      expect(await said(people.bob)).toEqual(written.bob)
      for (const person of both) {
        expect((await notices(person, peerOf(person))).filter((code) => !['started', 'asked', 'accepted'].includes(code))).toEqual([])
        await person.end()
      }
    }),
    { numRuns: 15, endOnFailure: false },
  )
})
