/** Two whole engines whose connections move only when told to: for what must hold in any order of things. */
import fc from 'fast-check'
import { VirtualClock } from '../../../../shared/util/virtual-clock.ts'
import { FakeRelay } from '../../chats/fake-relay.ts'
import { introduce, Profile, uuid } from '../../chats/profile.ts'
import { stateOf } from './pair.ts'

const moves = ['write', 'up', 'down', 'connect', 'disconnect', 'restart'] as const
export type Move = (typeof moves)[number]
export const isMove = (does: string): does is Move => moves.some((move) => move === does)

const who = fc.constantFrom('alice' as const, 'bob' as const)
/** One thing that one of them does, or that happens to them. */
export const step = <const D extends string>(weight: number, does: D) => ({
  weight,
  arbitrary: fc.record({ does: fc.constant(does), who }),
})

export interface ByHand {
  readonly clock: VirtualClock
  readonly relay: FakeRelay
  readonly alice: Profile
  readonly bob: Profile
  readonly both: readonly Profile[]
  /** By handle: what each wrote so far. */
  readonly written: Readonly<Record<string, string[]>>
  peerOf(person: Profile): Profile
  write(person: Profile, text: string): Promise<void>
  move(person: Profile, does: Move, text: string): Promise<void>
  /** Until alice's chat with bob is accepted. `run` lets time pass and packets through until what it is given holds. */
  secure(run: (until: () => Promise<boolean>) => Promise<void>): Promise<void>
}

export async function byHand(): Promise<ByHand> {
  const clock = new VirtualClock(1_700_000_000_000)
  const relay = new FakeRelay(clock)
  const alice = new Profile({ relay, clock, handle: 'alice', auto: false })
  const bob = new Profile({ relay, clock, handle: 'bob', auto: false })
  await introduce(alice, bob)
  const written: Record<string, string[]> = { alice: [], bob: [] }
  const peerOf = (person: Profile) => (person === alice ? bob : alice)
  const write = async (person: Profile, text: string) => {
    await person.core.handlers['message.send']({ id: uuid(text), chatId: `secret:${peerOf(person).handle}`, text })
    written[person.handle]?.push(text)
  }
  return {
    clock,
    relay,
    alice,
    bob,
    both: [alice, bob],
    written,
    peerOf,
    write,
    async move(person, does, text) {
      switch (does) {
        case 'write':
          return write(person, text)
        case 'up':
          return void person.link.stepUp()
        case 'down':
          return void person.link.stepDown()
        case 'connect':
          return person.link.connect()
        case 'disconnect':
          return person.link.disconnect()
        case 'restart':
          return person.restart()
      }
    },
    async secure(run) {
      const hasKeys = ({ handle }: Profile) => relay.accounts.get(handle)?.prekeys.size === 1
      await run(async () => hasKeys(alice) && hasKeys(bob))
      await alice.core.handlers['secret.start']({ handle: 'bob' })
      await run(async () => (await stateOf(bob, 'alice'))?.state === 'asked')
      await bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
      await run(async () => (await stateOf(alice, 'bob'))?.state === 'secured')
    },
  }
}
