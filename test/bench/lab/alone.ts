/** The engine by itself: in memory, under the virtual clock, without frames, sockets and processes around it. */
import { createMemoryLab } from '../../../lab/memory.ts'
import { openAuthority } from '../../../lab/services/authority.ts'
import { builtInWorld } from '../../../lab/world.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const AT_ONCE = 500

/** New flows a second; each says something, has it back, and is closed from both ends. */
export async function flowsAlone(words: Uint8Array, flows: number): Promise<number> {
  const clock = new VirtualClock()
  const authority = await openAuthority(null, 'Lab authority', Date.now)
  const lab = await createMemoryLab({ world: builtInWorld(), clock, random: seededRandom(1), authority })
  lab.setService(() => {
    const [outer, inner] = lab.pair()
    inner.on('error', () => {})
    inner.pipe(inner)
    return outer
  })
  const from = { who: 'alice', place: 'nl-a', provider: 'nl-a', address: '240.31.1.100' }
  let closed = 0
  const one = () => {
    const flow = lab.engine.open(
      from,
      { address: '240.149.167.50', port: 443 },
      {
        opened: () => flow.segment(words),
        refused: () => {},
        segment: () => flow.fin(),
        fin: () => closed++,
        reset: () => {},
        credit: () => {},
      },
    )
  }
  const began = performance.now()
  while (closed < flows) {
    const before = closed
    for (let i = 0; i < AT_ONCE; i++) one()
    await lab.run(1000)
    if (closed !== before + AT_ONCE) throw new Error(`${closed - before} of ${AT_ONCE} flows ended well`)
  }
  const seconds = (performance.now() - began) / 1000
  lab.close()
  return closed / seconds
}
