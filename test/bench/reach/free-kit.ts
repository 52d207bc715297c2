/** The kit in which steps cost nothing and take no time, or never end: what is left of a schedule then are its own constants. */
import { sleep } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import type { Kit, Link } from './kit.ts'
import { ENTRANCES, OWN } from './world.ts'

/** What never answers. All else does at once. */
export interface Dead {
  /** Addresses: of entrances, operators (as `doh-0`) or proxies. */
  readonly tcp?: readonly string[]
  /** Names that no ClientHello may show. */
  readonly tls?: readonly string[]
  /** The network's own resolver. */
  readonly resolver?: boolean
  /** Addresses where a connection fails, after so long. */
  readonly failing?: { readonly tcp: readonly string[]; readonly afterMs: number }
}

/** What chance a schedule has is drawn from this seed. */
export const FREE_SEED = 1

export interface FreeWorld {
  readonly kit: Kit
  /** From now on. */
  become(dead: Dead): void
  /** Ms from the beginning to the end of `work`, be it success or failure. */
  time(work: (signal: AbortSignal) => Promise<unknown>): Promise<number>
}

export function freeWorld(): FreeWorld {
  const clock = new VirtualClock()
  let now: Dead = {}
  return {
    kit: freeKit(clock, () => now),
    become(dead) {
      now = dead
    },
    async time(work) {
      const began = clock.monotonic()
      const abort = new AbortController()
      let end: number | null = null
      const ended = () => {
        end = clock.monotonic()
      }
      work(abort.signal).then(ended, ended)
      for (;;) {
        await new Promise<void>((resolve) => setImmediate(resolve))
        if (end !== null) return end - began
        if (!clock.step()) throw new Error('it waits for nothing that could come')
      }
    },
  }
}

function freeKit(clock: VirtualClock, now: () => Dead): Kit {
  return {
    clock,
    random: seededRandom(FREE_SEED),
    async ask(from, name, type, signal) {
      const { tcp = [], resolver = false } = now()
      if (from === 'system' ? resolver : tcp.includes(`doh-${from}`)) await never(signal)
      if (type === 'CNAME') return { addresses: [], soas: 1 }
      // One address a name, as the figures of the sources have it.
      return { addresses: [ENTRANCES.find(({ host }) => host === name)?.address ?? OWN[0]], soas: 0 }
    },
    async open(address, signal, proxy) {
      const { tcp = [], tls = [], failing } = now()
      const to = proxy ?? address
      if (tcp.includes(to)) await never(signal)
      if (failing?.tcp.includes(to)) {
        await sleep(clock, failing.afterMs, signal)
        throw new Error('failed')
      }
      return link(tls)
    },
  }
}

function link(silent: readonly string[]): Link {
  return {
    async encrypt(name, signal) {
      if (silent.includes(name)) await never(signal)
    },
    request: async () => {},
    login: async () => {},
    close() {},
  }
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
