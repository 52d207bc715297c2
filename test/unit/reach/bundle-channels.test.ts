/** An old bundle of which every address is dead: the next one is found at a mirror or in TXT records, on the virtual clock, over real bytes. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { publicationOf } from '../../../electron/core/reach/bundle-publication.ts'
import type { Reach } from '../../../electron/core/reach/reach-interface.ts'
import { type Bundle, signBundle } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { at, blocks, type MemoryWorld, memoryWorld } from './memory-world.ts'

const key = signingKeyFromSeed(new Uint8Array(32).fill(9))
const FRESH = '240.104.77.7'
const mirrorsAt = ['240.54.120.80', '240.104.120.80']
const everyOldWay = blocks.drop(at.plain, at.second, at.sibling, ...at.bridges)

/** The next bundle, with one address that the old one does not have, and the relay behind it. */
async function nextBundle({ lab, clock }: MemoryWorld, changes: Partial<Bundle> = {}) {
  await lab.add('moved', {
    hosts: [
      {
        id: 'fresh',
        title: 'fresh',
        what: '',
        kind: 'relay',
        provider: 'cloud-b',
        addresses: [FRESH],
        names: [],
        up: true,
      },
    ],
    links: [],
    places: [],
    providers: [],
  })
  const name = toBase64Url(key.publicKey)
  const [first, ...others] = lab.offer.endpoints
  if (!first) throw new Error('the world offers no endpoint')
  return signBundle(
    {
      format: 1,
      version: 2,
      notBefore: 0,
      expires: clock.now() + 86_400_000,
      relayKey: name,
      signers: [name],
      ...lab.offer,
      endpoints: [{ ...first, addresses: [FRESH] }, ...others],
      ...changes,
    },
    key,
  )
}

function publish({ lab }: MemoryWorld, { files, records }: ReturnType<typeof publicationOf>) {
  for (const { host, path, text } of files) lab.services.shelves.put(host, path, text)
  for (const { name, texts } of records) lab.names.setTexts(name, texts)
}

/** When it connected, ms from now; the way there, and where the bundle came from. */
async function connected(world: MemoryWorld, reach: Reach, limitMs = 15_000) {
  const began = world.clock.monotonic()
  await world.until(() => reach.state().status === 'connected', limitMs)
  return { ms: world.clock.monotonic() - began, recipe: reach.state().route?.recipe, from: reach.bundles.state().takenFrom }
}

const said = (reach: Reach) =>
  Object.fromEntries(reach.bundles.state().channels.map(({ channel, id, last }) => [`${channel} ${id}`.trim(), last?.said ?? null]))

describe('an old bundle of which every address is dead', () => {
  it('is replaced from a mirror, and the app is connected within 1.8 s of its start', async () => {
    const world = await memoryWorld([everyOldWay])
    publish(world, publicationOf(await nextBundle(world)))
    const { reach } = world.reach()
    const { ms, recipe, from } = await connected(world, reach)
    expect({ recipe, from }).toEqual({ recipe: expect.stringContaining(`tcp ${FRESH}:443`), from: 'mirror' })
    expect(ms).toBeGreaterThan(1_200)
    expect(ms).toBeLessThan(1_800)
    expect(reach.bundle().version).toBe(2)
    expect(said(reach)).toMatchObject({ 'mirror files-a': 'newer', 'in-band': 'same' })
  })
  it('is replaced from TXT records at a second operator when the mirrors and the first are cut off too, within 2.5 s', async () => {
    const world = await memoryWorld([everyOldWay, blocks.drop(...mirrorsAt, '240.9.9.9')])
    publish(world, publicationOf(await nextBundle(world)))
    const { reach } = world.reach()
    const { ms, from } = await connected(world, reach)
    expect(from).toBe('txt')
    expect(ms).toBeLessThan(2_500)
    expect(said(reach)).toMatchObject({ 'txt doh-polder': 'newer' })
  })
  it('stays when nobody has a newer one: asked again after ever longer pauses, not with every knock', async () => {
    const world = await memoryWorld([everyOldWay])
    let dials = 0
    onTestFinished(
      world.lab.engine.packets.on((event) => {
        if (event.t === 'syn' && mirrorsAt.includes(event.way.to)) dials++
      }),
    )
    const { reach } = world.reach()
    await world.lab.run(120_000)
    expect(reach.state().status).toBe('looking')
    expect(said(reach)).toMatchObject({ 'mirror files-a': 'no-bundle', 'txt doh-open': 'nothing-there' })
    expect(dials).toBeGreaterThan(2)
    expect(dials).toBeLessThan(20)
  })
  it('is not looked for anywhere while a race is won in good time', async () => {
    const world = await memoryWorld()
    publish(world, publicationOf(await nextBundle(world)))
    const { reach } = world.reach()
    await world.until(() => reach.state().status === 'connected')
    await world.lab.run(60_000)
    expect(reach.bundle().version).toBe(1)
    expect(said(reach)).toMatchObject({ 'mirror files-a': null, 'mirror files-b': null, 'txt doh-open': null, 'txt doh-polder': null })
  })
  it('is kept when a mirror hands out what is forged, older or of another relay, and the next source is believed', async () => {
    const world = await memoryWorld([everyOldWay])
    const good = publicationOf(await nextBundle(world))
    const stranger = signingKeyFromSeed(new Uint8Array(32).fill(66))
    const name = toBase64Url(stranger.publicKey)
    const forged = signBundle({ ...JSON.parse((await nextBundle(world)).payload), relayKey: name, signers: [name] }, stranger)
    publish(world, { files: good.files.map((file) => ({ ...file, text: JSON.stringify(forged) })), records: good.records })
    const { reach } = world.reach()
    const { from } = await connected(world, reach)
    expect(from).toBe('txt')
    expect(said(reach)).toMatchObject({ 'mirror files-a': 'foreign' })
    expect(reach.bundle().relayKey).not.toBe(name)
  })
})

it('asks mirrors and records when a person says so, though connected', async () => {
  const world = await memoryWorld()
  publish(world, publicationOf(await nextBundle(world)))
  const { reach } = world.reach()
  await world.until(() => reach.state().status === 'connected')
  reach.bundles.refresh()
  await world.until(() => reach.bundle().version === 2)
})
