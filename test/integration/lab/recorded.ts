/** Traffic as the boxes met it: recorded from runs of the lab in memory, with all its people, to be shown to other boxes. */
import { Buffer } from 'node:buffer'
import type { Way } from '../../../lab/censor/judge.ts'
import { memoryRig } from './memory-rig.ts'

export type RecordedEvent =
  | { readonly t: 'open'; readonly atMs: number; readonly flow: number; readonly way: Way }
  | { readonly t: 'syn' | 'end'; readonly atMs: number; readonly flow: number }
  | { readonly t: 'packet'; readonly atMs: number; readonly flow: number; readonly direction: 'up' | 'down'; readonly bytes: string }
  | { readonly t: 'datagram'; readonly atMs: number; readonly way: Way; readonly bytes: string }

/** Everything that met the boxes while these scenarios were played one after another, so long each and without their rules. */
export async function recordTraffic(scenarios: readonly string[], ms: number): Promise<RecordedEvent[]> {
  const rig = await memoryRig()
  const { clock, lab, player } = rig
  lab.setService(() => {
    const [outer, inner] = lab.pair()
    inner.on('error', () => {})
    inner.pipe(inner)
    return outer
  })
  const events: RecordedEvent[] = []
  const began = clock.monotonic()
  const now = () => clock.monotonic() - began
  const { judge } = lab.engine
  const { watch } = judge
  let flows = 0
  // What the engine asks its judge, and whoever sends a question the engine, is what the boxes meet.
  judge.watch = (way) => {
    const flow = flows++
    events.push({ t: 'open', atMs: now(), flow, way })
    const inner = watch(way)
    return {
      ...inner,
      syn() {
        events.push({ t: 'syn', atMs: now(), flow })
        return inner.syn()
      },
      segment(direction, bytes) {
        events.push({ t: 'packet', atMs: now(), flow, direction, bytes: Buffer.from(bytes).toString('base64') })
        return inner.segment(direction, bytes)
      },
      end() {
        events.push({ t: 'end', atMs: now(), flow })
        inner.end()
      },
    }
  }
  const { datagram, topology } = lab.engine
  lab.engine.datagram = (from, to, bytes, onReply) => {
    const { who, place, provider, address } = from
    const way = {
      who,
      from: address,
      place,
      provider,
      to: to.address,
      toProvider: topology.providerOf(to.address)?.id ?? null,
      port: to.port,
    }
    events.push({ t: 'datagram', atMs: now(), way, bytes: Buffer.from(bytes).toString('base64') })
    datagram(from, to, bytes, onReply)
  }
  await rig.network('alice', null)
  player.tamper({ removeRules: true, swap: null })
  for (const id of scenarios) {
    player.play(id, 'alice')
    await lab.run(ms)
  }
  return events
}
