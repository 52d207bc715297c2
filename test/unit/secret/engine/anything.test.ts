/** Whatever happens to connections, answers and processes on both sides, in whatever order: nothing written is lost, doubled or out of order. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Profile, settle } from '../../chats/profile.ts'
import { byHand, isMove, step } from './by-hand.ts'
import { notices, words } from './pair.ts'

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
      const pair = await byHand()
      const { clock, relay, both, written } = pair
      const peerOf = (person: Profile) => pair.peerOf(person).handle
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
      await pair.secure(run)

      relay.pageSize = pageSize
      let refusals = 0
      relay.refuse = (name) => (name === 'sealed.send' && refusals-- > 0 ? { code: 'internal', retryMs: 300 } : null)
      let count = 0
      for (const { does, who } of todo) {
        const person = pair[who]
        const peer = peerOf(person)
        count += 1
        if (isMove(does)) await pair.move(person, does, `${who} ${count}`)
        switch (does) {
          case 'crash':
            await person.crash()
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
      await run(async () => due(pair.alice) + due(pair.bob) === 0)

      const heard = async (person: Profile) => (await words(person, peerOf(person))).filter((text) => !text.startsWith(person.handle))
      const said = async (person: Profile) => (await words(person, peerOf(person))).filter((text) => text.startsWith(person.handle))
      expect(await heard(pair.bob)).toEqual(written.alice)
      expect(await heard(pair.alice)).toEqual(written.bob)
      expect(await said(pair.alice)).toEqual(written.alice)
      expect(await said(pair.bob)).toEqual(written.bob)
      for (const person of both) {
        expect((await notices(person, peerOf(person))).filter((code) => !['started', 'asked', 'accepted'].includes(code))).toEqual([])
        await person.end()
      }
    }),
    { numRuns: 15, endOnFailure: false },
  )
})
