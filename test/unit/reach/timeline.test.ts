/** The whole timeline of a first connect: who is dialled at which millisecond, and what was seen that moment that explains it. */
import { describe, expect, it } from 'vitest'
import { at, type Block, blocks, memoryWorld } from './memory-world.ts'
import { through, timeline } from './timeline.ts'

async function connect(...rules: Block[]): Promise<string[]> {
  const world = await memoryWorld(rules)
  const { reach } = world.reach()
  await world.until(() => reach.link.online)
  return timeline(reach.state().attempts)
}

const plainThrough = through('plain', 0, 80, 160, 320)

describe('connecting for the first time on a network', () => {
  it('unblocked: one dial, for it answers before anybody else is due', async () => {
    expect(await connect()).toEqual(['0 plain dialled', ...plainThrough])
  })

  it('lookup lies: the same, for nobody waits for it', async () => {
    expect(await connect(blocks.lie)).toEqual(['0 plain dialled', ...plainThrough])
  })

  it.each([
    ['own addresses', blocks.drop(at.plain, at.second)],
    ['own range', blocks.dropRange],
  ])('%s silent: after 200 ms of silence another provider, and nobody more once that answers', async (_what, block) => {
    expect(await connect(block)).toEqual([
      '0 plain dialled',
      '200 sibling dialled',
      '240 second address dialled',
      ...through('sibling', 200, 70, 140, 280),
    ])
  })

  it('names reset: at the reset another name, a bridge and the handshake in pieces; at each further reset the next that shows less', async () => {
    expect(await connect(blocks.names('reset', 'throughline.test', 'harbour.test'))).toEqual([
      '0 plain dialled',
      '80 plain: reach ok',
      '100 plain: encrypt reset',
      '100 sibling dialled',
      '100 bridge 1 dialled',
      '100 plain in pieces dialled',
      '170 sibling: reach ok',
      '180 plain in pieces: reach ok',
      '188 sibling: encrypt reset',
      '188 bridge 2 dialled',
      '200 plain in pieces: encrypt reset',
      '200 plain nameless dialled',
      '270 bridge 1: reach ok',
      '280 plain nameless: reach ok',
      '300 sibling in pieces dialled',
      '318 bridge 2: reach ok',
      '340 bridge 1: encrypt ok',
      '360 plain nameless: encrypt ok',
      '370 sibling in pieces: reach ok',
      '388 sibling in pieces: encrypt reset',
      '388 second address dialled',
      '393 bridge 2: encrypt ok',
      '468 second address: reach ok',
      '480 bridge 1: recognise ok',
    ])
  })

  it('own addresses and siblings silent, as when whole clouds are dropped: the bridges at three steps', async () => {
    expect(await connect(blocks.drop(at.plain, at.second, at.sibling))).toEqual([
      '0 plain dialled',
      '200 sibling dialled',
      '240 second address dialled',
      '600 bridge 1 dialled',
      '700 bridge 2 dialled',
      '770 bridge 1: reach ok',
      '830 bridge 2: reach ok',
      '840 bridge 1: encrypt ok',
      '905 bridge 2: encrypt ok',
      '980 bridge 1: recognise ok',
    ])
  })
})
