/** Diagnosis's measurements over the one Network. Time limits are those of detection.md 5.4; nothing here throws. */
import type { Bundle, ProxyEntry } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Network } from '../net/network.ts'
import { boundedBy, tellingQuiet } from './senses/bounded.ts'
import { lookupAt, lookupOverHttps } from './senses/names.ts'
import { askPortal } from './senses/portal.ts'
import { greet, open } from './senses/tls.ts'
import { transfer } from './senses/transfer.ts'
import { askThrough } from './senses/vantage.ts'
import type { Senses } from './senses.ts'

export interface NetworkSensesDeps {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly bundle: () => Bundle
}

export function networkSenses({ network, clock, random, bundle }: NetworkSensesDeps): Senses {
  const bounded = boundedBy(clock)
  const names = { network, clock, random, bundle, bounded }
  const places = { network, clock, bounded, roots: () => bundle().roots }
  // A program of the user's own is not started for a measurement.
  const proxies = () => bundle().proxies.filter(({ kind }) => kind !== 'transport' && kind !== 'ws-bridge')
  /** How often each could not tell. */
  const mute = new Map<string, number>()
  // The same one is asked each time, by everybody: who is asked in clear is given away, and the others are kept for those who need them.
  const byUse = (a: ProxyEntry, b: ProxyEntry) =>
    (mute.get(a.id) ?? 0) - (mute.get(b.id) ?? 0) || Number(b.kind === 'https-connect') - Number(a.kind === 'https-connect')

  return {
    async lookupHere(name, signal) {
      const [resolver] = network.facts().resolvers
      if (!resolver) return { resolverId: 'none', outcome: { kind: 'failed', reason: 'no-resolver' } }
      return lookupAt(names, resolver, 'system', name, signal)
    },
    async lookupBeside(name, signal) {
      const [first, second] = network.facts().resolvers
      if (!second || second.address === first?.address) return null
      return lookupAt(names, second, 'second', name, signal)
    },
    lookupElsewhere: (name, signal) => lookupOverHttps(names, name, signal),
    reach: (address, port, signal, onQuiet) =>
      tellingQuiet(clock, onQuiet, async () => {
        const { outcome, stream } = await open(places, address, port, signal)
        stream?.destroy()
        return outcome
      }),
    greet: (to, options, signal) => greet(places, to, options, signal),
    portal: (address, host, signal) => askPortal({ network, clock, bounded }, address, host, signal),
    vantages: () =>
      proxies()
        .toSorted(byUse)
        .map(({ id }) => id),
    async askVantage(via, to, signal) {
      const proxy = proxies().find(({ id }) => id === via)
      if (!proxy) return { kind: 'no-vantage', code: 'no-such-proxy' }
      const [stranger] = bundle().controls
      const deps = { network, clock, random, bounded, roots: bundle().roots, stranger: stranger ?? null }
      const outcome = await askThrough(proxy, deps, to, signal)
      if (outcome.kind === 'no-vantage') mute.set(via, (mute.get(via) ?? 0) + 1)
      return outcome
    },
    transfer: (to, host, signal) => transfer(places, to, host, signal),
  }
}
