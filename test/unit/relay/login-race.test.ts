/** Several logins of one race of a client: whichever it takes is still there, and none that comes late takes its place. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { raceNonce, raceOf } from '../../../shared/protocol/login-race.ts'
import { connectClient, newIdentity, type TestClient, type TestIdentity } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'

let here: RelayHere
beforeAll(async () => {
  here = await relayHere()
})
afterAll(() => here.end())

const run = randomBytes(4)
const login = (identity: TestIdentity, race: number, ofRun: Uint8Array = run, deadlineMs = 10_000) =>
  connectClient(here.chat, identity, { nonce: raceNonce(ofRun, race, randomBytes), deadlineMs })
const ended = ({ socket }: TestClient) => new Promise<string>((resolve) => socket.once('disconnect', resolve))

it('reads the race from the nonce', () => {
  expect(raceOf(raceNonce(run, 4_000_000_000, randomBytes))).toEqual({ run: run.toString('base64url'), race: 4_000_000_000 })
})

it('keeps logins of one race side by side: what comes is told to each, and the end of one is nothing to the other', async () => {
  const [ann, bob] = [newIdentity('ann'), newIdentity('bob')]
  const [writer, first, second] = [await login(ann, 1), await login(bob, 1), await login(bob, 1)]
  await writer.sendText(bob, 1, 'to both')
  await Promise.all([first, second].map((client) => client.until((items) => items.length === 1)))
  second.close()
  await writer.sendText(bob, 2, 'to the one that was taken')
  await first.until((items) => items.length === 2)
  expect(await first.request('echo', { n: 1 })).toMatchObject({ ok: true })
  for (const client of [writer, first]) client.close()
})

it('ends those of an earlier race when a later one logs in, and those of another run', async () => {
  const carl = newIdentity('carl')
  const before = [await login(carl, 1), await login(carl, 1)]
  const gone = Promise.all(before.map(ended))
  const later = await login(carl, 2)
  expect(await gone).toEqual(['io server disconnect', 'io server disconnect'])
  const replaced = ended(later)
  const restarted = await login(carl, 1, randomBytes(4))
  expect(await replaced).toBe('io server disconnect')
  restarted.close()
})

it('lets a login go that was so long on its way that a later race has been won', async () => {
  const dora = newIdentity('dora')
  const winner = await login(dora, 8)
  await expect(login(dora, 7, run, 500)).rejects.toThrow()
  expect(await winner.request('echo', { n: 1 })).toMatchObject({ ok: true })
  winner.close()
})

it('keeps no more than four of one race, the newest', async () => {
  const emil = newIdentity('emil')
  const [oldest, ...others] = [await login(emil, 1), await login(emil, 1), await login(emil, 1), await login(emil, 1)]
  if (!oldest) throw new Error('nobody came')
  const gone = ended(oldest)
  const fifth = await login(emil, 1)
  expect(await gone).toBe('io server disconnect')
  for (const client of [...others, fifth]) {
    expect(await client.request('echo', { n: 1 })).toMatchObject({ ok: true })
    client.close()
  }
})
