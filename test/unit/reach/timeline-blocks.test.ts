/** The whole timeline of a first connect under further kinds of block, of one where nothing is open, and of those that remember an earlier one. */
import { describe, expect, it } from 'vitest'
import { at, type Block, blocks, type MemoryWorld, memoryWorld } from './memory-world.ts'
import { through, timeline } from './timeline.ts'

/** To the relay's own addresses. */
const own = (act: Block['act']): Block => ({
  match: { places: ['nl-a'], to: [at.plain, at.second].map((address) => `${address}/32`) },
  act,
})
const everything = (act: Block['act']): Block => ({ match: { places: ['nl-a'] }, act })

async function connect(...rules: Block[]): Promise<string[]> {
  const world = await memoryWorld(rules)
  const { reach } = world.reach()
  await world.until(() => reach.link.online || reach.state().nextTryAt !== null)
  return timeline(reach.state().attempts)
}

describe('connecting for the first time on a network', () => {
  it('lookup silent: as if nothing were wrong, for nobody waits for it', async () => {
    const silence: Block = { match: { names: ['throughline.test'], providers: ['nl-a'] }, act: { do: 'silence' } }
    expect(await connect(silence)).toEqual(['0 plain dialled', ...through('plain', 0, 80, 160, 320)])
  })

  it.each([
    ['refused', own({ do: 'reset' })],
    ['unreachable', own({ do: 'unreachable' })],
  ])('own addresses %s: the next way at that moment, another at each further one', async (reason, block) => {
    expect(await connect(block)).toEqual([
      '0 plain dialled',
      `20 plain: reach ${reason}`,
      '20 sibling dialled',
      '60 second address dialled',
      `80 second address: reach ${reason}`,
      '80 bridge 1 dialled',
      '90 sibling: reach ok',
      '160 sibling: encrypt ok',
      '250 bridge 1: reach ok',
      '300 sibling: recognise ok',
    ])
  })

  it.each([
    ['reset', blocks.names('reset', 'throughline.test')],
    ['closed', { ...blocks.names('reset', 'throughline.test'), act: { do: 'close' } } satisfies Block],
  ])('own name %s: another name, a bridge and the handshake in pieces at that moment', async (reason, block) => {
    expect(await connect(block)).toEqual([
      '0 plain dialled',
      '80 plain: reach ok',
      `100 plain: encrypt ${reason}`,
      '100 sibling dialled',
      '100 bridge 1 dialled',
      '100 plain in pieces dialled',
      '170 sibling: reach ok',
      '180 plain in pieces: reach ok',
      `200 plain in pieces: encrypt ${reason}`,
      '200 bridge 2 dialled',
      '200 plain nameless dialled',
      '240 sibling: encrypt ok',
      '270 bridge 1: reach ok',
      '280 plain nameless: reach ok',
      '330 bridge 2: reach ok',
      '340 bridge 1: encrypt ok',
      '360 plain nameless: encrypt ok',
      '380 sibling: recognise ok',
    ])
  })

  it('own name met with silence: another name and the handshake in pieces after 250 ms of it', async () => {
    expect(await connect(blocks.names('drop', 'throughline.test'))).toEqual([
      '0 plain dialled',
      '80 plain: reach ok',
      '330 sibling dialled',
      '330 plain in pieces dialled',
      '370 bridge 1 dialled',
      '400 sibling: reach ok',
      '410 plain in pieces: reach ok',
      '470 sibling: encrypt ok',
      '540 bridge 1: reach ok',
      '610 sibling: recognise ok',
    ])
  })

  it('a box that opens encryption with a certificate of its own: never taken, the next at that moment', async () => {
    expect(await connect(own({ do: 'intercept', ca: 'own' }))).toEqual([
      '0 plain dialled',
      '80 plain: reach ok',
      '160 plain: encrypt certificate',
      '160 sibling dialled',
      '200 bridge 1 dialled',
      ...['230 sibling: reach ok', '300 sibling: encrypt ok', '370 bridge 1: reach ok', '440 sibling: recognise ok'],
    ])
  })

  it('a box that opens encryption with a certificate the app accepts: found out by the login, and the next at that moment', async () => {
    expect(await connect(own({ do: 'intercept', ca: 'trusted' }))).toEqual([
      '0 plain dialled',
      '80 plain: reach ok',
      '160 plain: encrypt ok',
      '640 plain: recognise unproven',
      '640 sibling dialled',
      '680 bridge 1 dialled',
      ...['710 sibling: reach ok', '780 sibling: encrypt ok', '850 bridge 1: reach ok', '920 sibling: recognise ok'],
    ])
  })

  it('the relay flooded: another provider where it is slow to answer, and the slow one is kept', async () => {
    expect(await connect(own({ do: 'load', served: 200, offered: 1_000, queue: 400 }))).toEqual([
      '0 plain dialled',
      '80 plain: reach ok',
      '330 sibling dialled',
      '330 plain in pieces dialled',
      '370 bridge 1 dialled',
      '400 sibling: reach ok',
      '470 sibling: encrypt ok',
      '480 plain: encrypt ok',
      '540 bridge 1: reach ok',
      '610 sibling: recognise ok',
    ])
  })

  it('nothing open at all: every way is dialled within two seconds, none is given up before eight', async () => {
    const dialled = ['plain', 'sibling', 'second address', 'bridge 1', 'bridge 2']
    const hidden = ['plain in pieces', 'plain nameless', 'sibling in pieces', 'sibling nameless']
    const starts = [0, 200, 240, 600, 700, 800, 900, 1_000, 1_100]
    const ways = [...dialled, ...hidden]
    expect(await connect(everything({ do: 'allowlist', prefixes: [] }))).toEqual([
      ...ways.map((way, i) => `${starts[i]} ${way} dialled`),
      ...ways.map((way, i) => `${8_000 + (starts[i] ?? 0)} ${way}: reach timeout`),
    ])
  })
})

describe('connecting again on a network', () => {
  async function connectAgain(world: MemoryWorld): Promise<string[]> {
    const { reach } = world.reach()
    await world.until(() => reach.link.online)
    const lines = timeline(reach.state().attempts)
    // Long enough to be remembered.
    await world.lab.run(8_000)
    reach.close()
    return lines
  }

  it('goes by what worked and by the plain way at once; where what worked is gone, the other is through as if nothing had been', async () => {
    const world = await memoryWorld()
    const lift = world.impose(blocks.drop(at.plain, at.second))
    await connectAgain(world)
    const both = ['0 sibling dialled', '0 plain dialled']
    expect(await connectAgain(world)).toEqual([...both, ...through('sibling', 0, 70, 140, 280)])
    lift()
    world.impose(blocks.drop(at.sibling))
    expect(await connectAgain(world)).toEqual([...both, ...through('plain', 0, 80, 160, 320)])
  })
})
