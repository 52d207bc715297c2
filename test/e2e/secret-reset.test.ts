/** A profile is put back to an older copy of itself: both sides are told, new keys are made, and nothing that was written is lost. */
import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { reads, textOf } from '../support/app-window.ts'
import { accept, askFor, stateBar } from '../support/secret-chat.ts'

/** Everything of the store but what stands beside it to notice just this. */
async function copyStore(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter((name) => name.startsWith('store.db'))
  expect(names).toContain('store.db')
  for (const name of names) await copyFile(join(from, name), join(to, name))
}

test('a secret chat goes on with new keys after one side was put back to an older copy', { timeout: JOURNEY_MS }, async () => {
  await inTwoWindows(async ({ alice, bob }, app, dataDir) => {
    await alice.openChat('bob')
    await askFor(alice, 'Bob')
    await alice.write('Before the copy')
    await accept(bob, 'alice')
    await reads(bob.messages, 'Before the copy')

    const profile = join(dataDir, 'users', 'bob')
    await app.restart(() => copyStore(profile, dataDir))
    await bob.secretRow('alice').getByRole('button').click()
    await alice.secretRow('bob').getByRole('button').click()
    await bob.write('After the copy')
    await reads(alice.messages, 'After the copy')

    await app.restart(() => copyStore(dataDir, profile))
    await bob.secretRow('alice').getByRole('button').click()
    await alice.secretRow('bob').getByRole('button').click()
    await reads(bob.messages, 'This profile was restored from an older copy.')
    await reads(bob.messages, 'This app made new keys')
    await reads(alice.messages, "Bob's app made new keys")
    expect(await textOf(bob.messages)).not.toContain('After the copy')
    await bob.write('And on')
    await reads(alice.messages, 'And on')
    await alice.write('With new keys')
    await reads(bob.messages, 'With new keys')
    await reads(stateBar(alice), 'Encrypted end to end.')
    await reads(stateBar(bob), 'Encrypted end to end.')
  })
})
