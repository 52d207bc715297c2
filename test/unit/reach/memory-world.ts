/** A relay and clients in the simulated internet, with real TLS and socket.io in memory, on a virtual clock. R to the relay is 80 ms. */
import * as v from 'valibot'
import { onTestFinished } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { createReach } from '../../../electron/core/reach/reach.ts'
import type { Reach, ReachOptions } from '../../../electron/core/reach/reach-interface.ts'
import type { ValueStore } from '../../../electron/core/store/values.ts'
import { Rule, type RuleInput } from '../../../lab/censor/rule.ts'
import type { MemoryLab } from '../../../lab/memory.ts'
import type { StandbyChoice } from '../../../shared/contract/api.ts'
import { signBundle } from '../../../shared/protocol/bundle.ts'
import type { Offer } from '../../../shared/protocol/processes.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import type { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { memoryRig } from '../../integration/lab/memory-rig.ts'
import { type MiniRelay, miniRelay } from './mini-relay.ts'
import { identityOf, memoryValues } from './world.ts'

/** Round trip to the service's own addresses, ms; the second relay is at 70, cloud addresses at 60. */
export const R = 80

/** The service's own addresses, the second relay's, and the two bridges', as the built-in world has them. */
export const at = {
  plain: '240.149.167.50',
  second: '240.149.167.91',
  sibling: '240.185.4.10',
  bridges: ['240.94.10.5', '240.95.20.8'],
} as const

export type Block = Omit<RuleInput, 'id' | 'label'>

/** What a censor can do to a client at `nl-a`. */
export const blocks = {
  lie: { match: { names: ['throughline.test'], providers: ['nl-a'] }, act: { do: 'lie', addresses: ['240.33.200.20'] } },
  drop: (...addresses: string[]): Block => ({
    match: { places: ['nl-a'], to: addresses.map((address) => `${address}/32`) },
    act: { do: 'drop' },
  }),
  dropRange: { match: { places: ['nl-a'], to: ['240.149.167.0/24'] }, act: { do: 'drop' } },
  names: (does: 'reset' | 'drop', ...suffixes: string[]): Block => ({
    match: { places: ['nl-a'], sni: suffixes.map((text) => ({ how: 'suffix' as const, text })) },
    act: { do: does },
  }),
} as const satisfies Record<string, Block | ((...args: never[]) => Block)>

export interface MemoryWorld {
  readonly lab: MemoryLab
  readonly network: Network
  readonly clock: VirtualClock
  readonly relay: MiniRelay
  readonly values: ValueStore
  /** From now on; the function returned lifts it. */
  impose(block: Block): () => void
  /** A client of the same profile, racing from this moment on. */
  reach(options?: Partial<ReachOptions> & { readonly standby?: StandbyChoice }): { readonly reach: Reach; readonly seen: Observation[] }
  /** Lets time pass to the millisecond at which `holds`; throws when it does not within `limitMs`. */
  until(holds: () => boolean, limitMs?: number): Promise<void>
}

const relayKey = signingKeyFromSeed(new Uint8Array(32).fill(9))

/** `offers`: what the bundle offers instead of all that the built-in world does. */
export async function memoryWorld(
  rules: readonly Block[] = [],
  offers: (offer: Offer) => Offer = (offer) => offer,
  seed = 1,
): Promise<MemoryWorld> {
  // The built-in world is enough here, and is there sooner without what scenarios bring.
  const rig = await memoryRig(seed, 'none')
  const { lab, clock } = rig
  const relay = miniRelay(lab.certificate, relayKey, () => clock.now(), clock)
  onTestFinished(() => relay.close())
  lab.setService(() => {
    const [outer, inner] = lab.pair()
    relay.accept(inner)
    return outer
  })
  let imposed = 0
  const impose = (rule: Block) => {
    const id = `r${imposed++}`
    lab.engine.judge.add(v.parse(Rule, { id, label: 'test', ...rule }), 'scenario')
    return () => lab.engine.judge.remove(id)
  }
  for (const rule of rules) impose(rule)
  const key = toBase64Url(relayKey.publicKey)
  const dates = { notBefore: 0, expires: clock.now() + 86_400_000 }
  const bundle = signBundle({ format: 1, version: 1, ...dates, relayKey: key, signers: [key], ...offers(lab.offer) }, relayKey)
  const values = memoryValues()
  const network = await rig.network('alice', 'nl-a')
  return {
    lab,
    network,
    clock,
    relay,
    values,
    impose,
    reach({ standby = 'off', ...options } = {}) {
      const seen: Observation[] = []
      const reach = createReach({
        network,
        clock,
        random: seededRandom(7),
        bundle,
        values,
        identity: identityOf('alice', 1),
        cursor: { cursor: () => 0 },
        log: { info: () => {}, warn: () => {} },
        ...options,
      })
      onTestFinished(() => reach.close())
      reach.onObservation((observation) => seen.push(observation))
      reach.chooseStandby(standby)
      reach.start()
      return { reach, seen }
    },
    async until(holds, limitMs = 15_000) {
      for (let waited = 0; !holds(); waited++) {
        if (waited >= limitMs) throw new Error(`never came within ${limitMs} ms`)
        await lab.run(1)
      }
    },
  }
}
