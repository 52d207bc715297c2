/** One account on two computers: what the file holds, who can open it, and what comes along. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Account, accountHandle, MAX_ACCOUNT_FILE_BYTES, openAccount, sealAccount } from '../../../electron/core/account-file.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { FakeRelay } from './fake-relay.ts'
import { introduce, Profile, type ProfileOptions, settle } from './profile.ts'

const random = seededRandom(3)
const cheap = { passes: 1, memory: 65_536 }
const account: Account = { handle: 'bob', seed: random.bytes(32), cards: [`alice:${'A'.repeat(43)}`] }
const passphrase = 'correct horse'
const sealed = () => sealAccount(account, passphrase, random, cheap)

describe('an account file', () => {
  it('opens with its passphrase, says whose it is before, and tells nothing else', () => {
    const text = sealed()
    expect(accountHandle(text)).toBe('bob')
    expect(openAccount(text, passphrase)).toEqual(account)
    expect(text).not.toContain(toBase64Url(account.seed))
    expect(text).not.toContain('alice')
  })

  it('stays shut for another passphrase, and is not made with a short one', () => {
    expect(() => openAccount(sealed(), 'another horse')).toThrow(expect.objectContaining({ code: 'store-locked' }))
    expect(() => sealAccount(account, 'seven..', random, cheap)).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })

  it('is refused when it was altered, also where it only says whose it is', () => {
    const file = JSON.parse(sealed())
    const refused = expect.objectContaining({ code: 'bad-account' })
    const flipped = file.box.replace(/^./, (first: string) => (first === 'A' ? 'B' : 'A'))
    expect(() => openAccount(JSON.stringify({ ...file, handle: 'eve' }), passphrase)).toThrow(refused)
    expect(() => openAccount(JSON.stringify({ ...file, box: flipped }), passphrase)).toThrow(refused)
  })

  it('that is something else is refused without work', () => {
    const refused = expect.objectContaining({ code: 'bad-account' })
    for (const text of ['', 'null', '{}', '{"kind":"throughline account"}', 'x'.repeat(MAX_ACCOUNT_FILE_BYTES + 1)]) {
      expect(() => openAccount(text, passphrase)).toThrow(refused)
    }
  })
})

describe('an account on a second computer', () => {
  const profile = (options: ProfileOptions) => {
    const made = new Profile(options)
    onTestFinished(() => made.end())
    return made
  }

  it('has its people and its cloud chats, and what either computer writes appears on the other', async () => {
    const clock = new VirtualClock(1_700_000_000_000)
    const relay = new FakeRelay(clock)
    const alice = profile({ relay, clock, handle: 'alice' })
    const home = profile({ relay, clock, handle: 'bob' })
    await introduce(alice, home)
    for (const each of [alice, home]) each.link.connect()
    await alice.send('bob', 'from before')
    await settle()

    const { text } = await home.core.handlers['account.export']({ passphrase })
    const taken = openAccount(text, passphrase)
    expect(taken.cards).toEqual([alice.card])
    const work = profile({ relay, clock, handle: 'bob', account: taken })
    expect(work.card).toBe(home.card)
    for (const card of taken.cards) await work.core.handlers['contact.add']({ card })
    work.link.connect()
    await settle()
    await work.send('alice', 'from work')
    await settle()
    await home.send('alice', 'from home')
    await settle()
    expect(await alice.texts('bob')).toEqual(['from before', 'from work', 'from home'])
    expect(await work.texts('alice')).toEqual(['from before', 'from work', 'from home'])
    expect(await home.texts('alice')).toEqual(['from before', 'from work', 'from home'])
  })
})
