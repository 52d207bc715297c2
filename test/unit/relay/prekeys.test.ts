import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrekeyAllowance } from '../../../relay/prekey-allowance.ts'
import { requests } from '../../../shared/protocol/relay.ts'
import { MAX_ONE_TIME } from '../../../shared/protocol/secret.ts'
import { connectClient, keyOf, newIdentity, type TestClient, type TestIdentity } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'
import { testKemPrekey, testPrekeys } from '../../support/test-prekeys.ts'

const HOUR = 60 * 60_000
const deviceOf = ({ device }: TestIdentity) => Buffer.from(device).toString('base64url')

describe('prekeys', () => {
  let here: RelayHere
  let names = 0
  const open: TestClient[] = []
  beforeAll(async () => {
    here = await relayHere({ rate: { perSecond: 100_000, burst: 1_000_000 } })
  })
  afterAll(async () => {
    for (const client of open) client.close()
    await here.end()
  })

  const online = async (identity = newIdentity(`user_${++names}`)) => {
    const client = await connectClient(here.chat, identity)
    open.push(client)
    return client
  }
  const anotherDevice = (identity: TestIdentity) => online({ ...identity, device: randomBytes(16) })
  const take = async (client: TestClient, from: TestIdentity) => {
    const answer = v.parse(requests['prekeys.take'].output, await client.request('prekeys.take', { handle: from.handle, key: keyOf(from) }))
    if (!answer.ok) throw new Error(answer.code)
    return answer.devices
  }
  const left = async (client: TestClient) => {
    const answer = await client.request('prekeys.left', {})
    if (!answer.ok) throw new Error(answer.code)
    return [answer.x25519, answer.mlkem768, answer.signed]
  }

  it('are handed out as they were published, the one-time ones once and the oldest first, then without them', async () => {
    const [ann, bob] = [await online(), await online()]
    const keys = testPrekeys(7, { oneTime: 2 })
    expect(await bob.request('prekeys.publish', keys)).toEqual({ ok: true })
    expect(await left(bob)).toEqual([2, 2, 7])
    const { certificate, signed, lastResort } = keys
    const lasting = { device: deviceOf(bob.identity), certificate, signed, lastResort }
    for (const i of [0, 1]) {
      expect(await take(ann, bob.identity)).toEqual([{ ...lasting, x25519: keys.x25519[i], mlkem768: keys.mlkem768[i] }])
    }
    expect(await take(ann, bob.identity)).toEqual([{ ...lasting, x25519: null, mlkem768: null }])
    expect(await left(bob)).toEqual([0, 0, 7])
  })

  it('come from every device of a person that published, but not from the very device that asks', async () => {
    const [ann, bob] = [await online(), await online()]
    const [laptop, silent] = [await anotherDevice(bob.identity), await anotherDevice(bob.identity)]
    expect(await take(ann, bob.identity)).toEqual([])
    for (const client of [bob, laptop]) await client.request('prekeys.publish', testPrekeys(1))
    const devices = async (client: TestClient) => (await take(client, bob.identity)).map(({ device }) => device).sort()
    const [first, second] = [bob, laptop].map(({ identity }) => deviceOf(identity))
    expect(await devices(ann)).toEqual([first, second].sort())
    expect(await devices(silent)).toEqual([first, second].sort())
    expect(await devices(bob)).toEqual([second])
  })

  it('are given to each of many who ask at the same moment, and no one-time key to two of them', async () => {
    const bob = await online()
    await bob.request('prekeys.publish', testPrekeys(1, { oneTime: 10 }))
    const others = await Promise.all(Array.from({ length: 20 }, () => online()))
    const bundles = (await Promise.all(others.map((client) => take(client, bob.identity)))).flat()
    expect(bundles).toHaveLength(20)
    for (const kind of ['x25519', 'mlkem768'] as const) {
      const ids = bundles.flatMap((bundle) => bundle[kind]?.id ?? [])
      expect([...ids].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    }
  })

  it('are replaced and added to by the next publication; what is sent twice is not given twice', async () => {
    const [ann, bob] = [await online(), await online()]
    const first = testPrekeys(1, { oneTime: 3 })
    await bob.request('prekeys.publish', first)
    await take(ann, bob.identity)
    await bob.request('prekeys.publish', first)
    expect(await left(bob)).toEqual([2, 2, 1])
    const second = testPrekeys(2, { oneTime: 3, firstId: 4 })
    await bob.request('prekeys.publish', second)
    expect(await left(bob)).toEqual([5, 5, 2])
    const [bundle] = await take(ann, bob.identity)
    expect(bundle).toMatchObject({ certificate: second.certificate, signed: second.signed, lastResort: second.lastResort })
    expect([bundle?.x25519?.id, bundle?.mlkem768?.id]).toEqual([2, 2])
  })

  it('are not given out after they expired, nor one-time keys with signed ones that did', async () => {
    const [ann, bob, cyd] = [await online(), await online(), await online()]
    const past = Date.now() - HOUR
    await bob.request('prekeys.publish', { ...testPrekeys(1), mlkem768: [testKemPrekey(1, past), testKemPrekey(2, Date.now() + HOUR)] })
    expect(await left(bob)).toEqual([0, 1, 1])
    expect((await take(ann, bob.identity))[0]?.mlkem768?.id).toBe(2)
    await cyd.request('prekeys.publish', { ...testPrekeys(1, { oneTime: 1 }), lastResort: testKemPrekey(1, past) })
    expect((await take(ann, cyd.identity))[0]).toMatchObject({ x25519: null, mlkem768: null })
    expect(await left(cyd)).toEqual([1, 1, 1])
  })

  it('run out for who asks ten times an hour and, after a hundred, for all; bundles still come, and other people’s keys too', async () => {
    const [bob, cyd] = [await online(), await online()]
    for (const client of [bob, cyd]) await client.request('prekeys.publish', testPrekeys(1, { oneTime: MAX_ONE_TIME }))
    await bob.request('prekeys.publish', testPrekeys(1, { oneTime: MAX_ONE_TIME, firstId: MAX_ONE_TIME + 1 }))
    const greedy = await online()
    let given = 0
    const takeFrom = async (client: TestClient) => {
      const [bundle] = await take(client, bob.identity)
      expect(bundle?.signed.id).toBe(1)
      if (bundle?.x25519) given += 1
    }
    for (let i = 0; i < 15; i++) await takeFrom(greedy)
    expect(given).toBe(10)
    for (let person = 0; person < 10; person++) {
      const client = await online()
      for (let i = 0; i < 10; i++) await takeFrom(client)
      client.close()
    }
    expect(given).toBe(100)
    expect((await take(greedy, cyd.identity))[0]?.x25519).not.toBeNull()
  })

  it('are refused for a person who is unknown or has another key, and from a device that puts up far too many', async () => {
    const [ann, bob] = [await online(), await online()]
    const ask = (handle: string, key: string) => ann.request('prekeys.take', { handle, key })
    expect(await ask('nobody_here', keyOf(bob.identity))).toEqual({ ok: false, code: 'unknown-handle' })
    expect(await ask(bob.identity.handle, keyOf(ann.identity))).toEqual({ ok: false, code: 'wrong-key' })
    const many = (firstId: number) => bob.request('prekeys.publish', testPrekeys(1, { oneTime: MAX_ONE_TIME, firstId }))
    expect([await many(1), await many(101)]).toEqual([{ ok: true }, { ok: true }])
    expect(await many(201)).toEqual({ ok: false, code: 'overloaded' })
    expect(await left(bob)).toEqual([200, 200, 1])
    const tooMany = testPrekeys(1, { oneTime: MAX_ONE_TIME + 1 })
    expect(await bob.request('prekeys.publish', { ...tooMany, mlkem768: [] })).toEqual({ ok: false, code: 'too-large' })
  })
})

describe('the allowance of one-time prekeys', () => {
  it('comes back an hour after each was given, and not before', () => {
    const allowance = new PrekeyAllowance()
    for (let i = 0; i < 10; i++) allowance.note(1, 2, i * 1000)
    expect([allowance.allows(1, 2, HOUR - 1), allowance.allows(3, 2, HOUR - 1), allowance.allows(1, 3, HOUR - 1)]).toEqual([
      false,
      true,
      true,
    ])
    expect(allowance.allows(1, 2, HOUR)).toBe(true)
    allowance.note(1, 2, HOUR)
    expect(allowance.allows(1, 2, HOUR + 999)).toBe(false)
    expect(allowance.allows(1, 2, HOUR + 1000)).toBe(true)
  })
})
