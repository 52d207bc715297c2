/** This process as a world of its own: one clock for everything in it, programs that run inside, and wires between them. One at a time. */
import type { Spawn } from '../electron/host/child.ts'
import type { Connect } from '../electron/host/connect-tcp.ts'
import { seededRandom } from '../shared/util/random.ts'
import { VirtualClock } from '../shared/util/virtual-clock.ts'
import { governTime } from './global-time.ts'
import { spawnHere } from './programs.ts'
import { atRest, countErrands, Hung } from './rest.ts'
import { createWires } from './wires.ts'

export interface VirtualTimeOptions {
  readonly seed: number
  /** When it begins, in epoch milliseconds: certificates must be valid then. */
  readonly startAt: number
  /** Told of what no program expected. */
  readonly onTrouble: (what: string, facts: object) => void
}

export interface VirtualTime {
  readonly clock: VirtualClock
  readonly spawn: Spawn
  readonly connect: Connect
  /** Resolves once nothing can go on before time does. */
  rest(): Promise<void>
  /** Lets time pass for as long as `work` is waited for. Rejects with `Hung` beyond the limits, or when nothing is left to wait for. */
  during<T>(work: Promise<T>, limits: Limits): Promise<T>
  /** Gives the platform its own time back. */
  leave(): void
}

export interface Limits {
  /** Of the virtual clock. */
  readonly virtualMs: number
  /** Of computing: what this process used of a processor. */
  readonly cpuMs: number
}

let entered = false

export function enterVirtualTime({ seed, startAt, onTrouble }: VirtualTimeOptions): VirtualTime {
  if (entered) throw new Error('one rehearsal at a time: they would share the platform’s timers')
  entered = true
  const clock = new VirtualClock(startAt)
  const wires = createWires()
  const errands = countErrands()
  const release = governTime(clock, seededRandom(seed))
  const rest = () => atRest(errands)

  return {
    clock,
    spawn: spawnHere({ clock, seed, wires, onTrouble }),
    connect: async (address) => wires.connect(Number(address.slice(address.lastIndexOf(':') + 1))),
    rest,
    async during(work, { virtualMs, cpuMs }) {
      let done = false
      const finish = () => {
        done = true
      }
      work.then(finish, finish)
      const lastAt = clock.monotonic() + virtualMs
      const before = process.cpuUsage()
      for (let steps = 0; ; steps++) {
        await rest()
        if (done) return work
        const next = clock.nextAt()
        if (next === null) throw new Hung('everybody waits and nothing is to come')
        if (next > lastAt) throw new Hung(`it had not ended after ${virtualMs / 1000} s of its own time`)
        // Asking the system takes as long as a step does.
        if (steps % 100 === 0 && cpuMsSince(before) > cpuMs) throw new Hung(`it had not ended after ${cpuMs / 1000} s of computing`)
        clock.step()
      }
    },
    leave() {
      release()
      errands.stop()
      entered = false
    },
  }
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
