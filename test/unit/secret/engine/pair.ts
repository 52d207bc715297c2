/** Two users with whole engines over a relay in memory, on their way into a secret chat. */
import { onTestFinished } from 'vitest'
import type { Message } from '../../../../shared/contract/chat.ts'
import { VirtualClock } from '../../../../shared/util/virtual-clock.ts'
import { FakeRelay } from '../../chats/fake-relay.ts'
import { introduce, Profile, settle } from '../../chats/profile.ts'

export interface Pair {
  readonly clock: VirtualClock
  readonly relay: FakeRelay
  readonly alice: Profile
  readonly bob: Profile
}

/** They know each other by card; nobody is connected. */
export async function strangers(): Promise<Pair> {
  const clock = new VirtualClock(1_700_000_000_000)
  const relay = new FakeRelay(clock)
  const alice = new Profile({ relay, clock, handle: 'alice' })
  const bob = new Profile({ relay, clock, handle: 'bob' })
  await introduce(alice, bob)
  onTestFinished(async () => {
    for (const profile of [alice, bob]) await profile.end()
  })
  return { clock, relay, alice, bob }
}

/** Both online, their prekeys at the relay. */
export async function acquainted(): Promise<Pair> {
  const pair = await strangers()
  for (const profile of [pair.alice, pair.bob]) profile.link.connect()
  await settle()
  return pair
}

/** Alice asked, bob accepted. */
export async function secured(): Promise<Pair> {
  const pair = await acquainted()
  await pair.alice.core.handlers['secret.start']({ handle: 'bob' })
  await settle()
  await pair.bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
  await settle()
  return pair
}

const chatIdWith = (peer: string) => `secret:${peer}` as const

export const stateOf = async (profile: Profile, peer: string) => {
  const chats = await profile.core.handlers['chat.list']({})
  return chats.find(({ id }) => id === chatIdWith(peer))?.secret
}
export const rows = async (profile: Profile, peer: string): Promise<Message[]> =>
  (await profile.core.handlers['message.list']({ chatId: chatIdWith(peer), limit: 300 })).messages
export const words = async (profile: Profile, peer: string) =>
  (await rows(profile, peer)).flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []))
export const notices = async (profile: Profile, peer: string) =>
  (await rows(profile, peer)).flatMap(({ body }) => (body.kind === 'notice' ? [body.notice.code] : []))

/** Time passes in small steps, so that what is asked in between is answered in between. */
export async function pass(clock: VirtualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10_000) {
    clock.advance(Math.min(10_000, left))
    await settle()
  }
}

let count = 0
export const write = async (profile: Profile, peer: string, text: string) => {
  const id = `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`
  await profile.core.handlers['message.send']({ id, chatId: chatIdWith(peer), text })
  await settle()
  return id
}
/** As a screen does that shows everything in a window with the focus. */
export const look = async (profile: Profile, peer: string) => {
  const ids = (await rows(profile, peer)).filter(({ mine, body }) => !mine && body.kind !== 'notice').map(({ id }) => id)
  await profile.core.handlers['secret.seen']({ chatId: chatIdWith(peer), ids })
  await settle()
}
