/** One lab in memory with the service in it, under a clock of its own that moves as fast as this computer can follow. */

import * as v from 'valibot'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { Rule, type RuleInput } from '../../../lab/censor/rule.ts'
import { createMemoryLab } from '../../../lab/memory.ts'
import { type Authority, openAuthority } from '../../../lab/services/authority.ts'
import { governTime } from '../../../rehearsal/global-time.ts'
import { type SignedBundle, signBundle } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { miniRelay } from '../../unit/reach/mini-relay.ts'
import { openService } from './service.ts'
import { HOME, type Line, worldOf } from './world.ts'

export interface Stage {
  readonly clock: VirtualClock
  /** Who signs for everybody here, PEM. */
  readonly roots: readonly string[]
  readonly bundle: SignedBundle
  /** From now on; the function returned lifts them. */
  impose(rules: readonly RuleInput[]): () => void
  /** A computer at home. From now on the service proves itself as a relay does and knows people, or welcomes anybody. */
  join(name: string, service: 'relay' | 'anybody'): Promise<Network>
  run(ms: number): Promise<void>
  /** Lets time pass until `work` is done: the ms it took. `null`: it failed, or was given up after `limitMs`. */
  time(work: (signal: AbortSignal) => Promise<void>, limitMs: number): Promise<number | null>
  close(): void
}

const relayKey = signingKeyFromSeed(new Uint8Array(32).fill(9))
const DAY_MS = 86_400_000

/** Keys are dear; one authority does for all stages of a process. */
export const stageAuthority = (): Promise<Authority> => openAuthority(null, 'Lab authority', Date.now, 'ed25519')

/** One at a time in a process: until `close` the timers, date and chance of the platform are the stage's. */
export async function openStage(line: Line, seed: number, authority: Authority): Promise<Stage> {
  const clock = new VirtualClock()
  // Certificates are judged by the true date; times of a small clock are told apart more finely.
  clock.jumpWall(Date.now())
  const lab = await createMemoryLab({ world: worldOf(line), clock, random: seededRandom(seed), authority })
  const services = { relay: miniRelay(lab.certificate, relayKey, () => clock.now(), clock), anybody: openService(lab.certificate) }
  const key = toBase64Url(relayKey.publicKey)
  const dates = { notBefore: 0, expires: clock.now() + DAY_MS }
  const bundle = signBundle({ format: 1, version: 1, ...dates, relayKey: key, signers: [key], ...lab.offer }, relayKey)
  const release = governTime(clock, seededRandom(seed + 1))
  let imposed = 0

  return {
    clock,
    roots: lab.offer.roots,
    bundle,
    impose(rules) {
      const ids = rules.map((rule) => {
        const id = `${rule.id}-${imposed++}`
        lab.engine.judge.add(v.parse(Rule, { ...rule, id }), 'scenario')
        return id
      })
      return () => {
        for (const id of ids) lab.engine.judge.remove(id)
      }
    },
    async join(name, service) {
      lab.setService(() => {
        const [outer, inner] = lab.pair()
        services[service].accept(inner)
        return outer
      })
      const network = labNetwork({ connect: async () => lab.uplink(), client: name, vantage: HOME, clock })
      await lab.settle()
      return network
    },
    run: (ms) => lab.run(ms),
    async time(work, limitMs) {
      const began = clock.monotonic()
      const abort = new AbortController()
      let end: number | 'failed' | null = null
      work(abort.signal).then(
        () => {
          end = clock.monotonic()
        },
        () => {
          end = 'failed'
        },
      )
      for (;;) {
        await lab.settle()
        const next = clock.nextAt()
        if (end !== null || next === null || next > began + limitMs) break
        clock.step()
      }
      abort.abort(new Error('given up'))
      await lab.settle()
      return typeof end === 'number' ? end - began : null
    },
    close() {
      services.relay.close()
      services.anybody.close()
      lab.close()
      release()
    },
  }
}
