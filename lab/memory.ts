/**
 * The lab without a process: the same uplink over pairs in memory, under a virtual clock, so that real TLS and socket.io run
 * for hours of simulated time in seconds.
 */
import type { Duplex } from 'node:stream'
import type { Random } from '../shared/util/random.ts'
import type { VirtualClock } from '../shared/util/virtual-clock.ts'
import type { World } from './engine/world.ts'
import { createLab, type Lab } from './lab.ts'
import type { Authority } from './services/authority.ts'

export interface MemoryLab extends Lab {
  /** A client's connection to the lab; speak shared/protocol/uplink.ts over it. */
  uplink(): Duplex
  /** Resolves once real input and output have come to rest, so that the clock may move on. */
  settle(): Promise<void>
  /** Lets so much virtual time pass, settling before every step. */
  run(ms: number): Promise<void>
}

/** Turns of the event loop without a hand-over that count as rest: TLS and HTTP need a few between two of theirs. */
const QUIET_TURNS = 12

export async function createMemoryLab(deps: {
  readonly world: World
  readonly clock: VirtualClock
  readonly random: Random
  readonly authority: Authority
  readonly foreignAuthority?: Authority
  readonly moreNames?: readonly string[]
  onViolation?(reason: string): void
}): Promise<MemoryLab> {
  const lab = await createLab(deps)
  const { pulse } = lab.engine
  const settle = async () => {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      const before = pulse.count
      await new Promise<void>((resolve) => setImmediate(resolve))
      quiet = pulse.count === before && !pulse.pending ? quiet + 1 : 0
    }
  }
  return {
    ...lab,
    uplink() {
      const [outer, inner] = lab.pair()
      lab.serve(inner)
      return outer
    },
    settle,
    run: (ms) => deps.clock.run(ms, settle),
  }
}
