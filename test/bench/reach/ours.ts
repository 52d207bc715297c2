/** Our own reach, whole: plan, race, attempts, memory, login and its proof. */
import type { Network } from '../../../electron/core/net/network.ts'
import { createReach } from '../../../electron/core/reach/reach.ts'
import type { Reach } from '../../../electron/core/reach/reach-interface.ts'
import type { ValueStore } from '../../../electron/core/store/values.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import type { Stage } from './stage.ts'

export interface OurClient {
  /** As after a start of the app: what it remembered is there, nothing else. */
  start(): Reach
}

export function installOurs(stage: Stage, network: Network, seed: number): OurClient {
  const random = seededRandom(seed)
  const identity = { handle: 'alice', key: signingKeyFromSeed(random.bytes(32)), device: random.bytes(16) }
  const values = memoryValues()
  return {
    start() {
      const reach = createReach({
        network,
        clock: stage.clock,
        random,
        bundle: stage.bundle,
        values,
        identity,
        cursor: { cursor: () => 0 },
        log: { info: () => {}, warn: () => {} },
      })
      reach.start()
      return reach
    },
  }
}

/** Resolves when the relay has proven itself. */
export function online(reach: Reach): Promise<void> {
  return new Promise((resolve) => {
    const undo = reach.onState(() => {
      if (!reach.link.online) return
      undo()
      resolve()
    })
  })
}

function memoryValues(): ValueStore {
  const kept = new Map<string, string>()
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void (value === null ? kept.delete(key) : kept.set(key, value)),
  }
}
