/** The same client at the same place of the lab, over the uplink's own frames, with one rule on its way or none. */
import * as v from 'valibot'
import { labNetwork } from '../../electron/core/net/lab-network.ts'
import { Rule, type RuleInput } from '../../lab/censor/rule.ts'
import { loopback } from '../../lab/engine/loopback.ts'
import { createLab } from '../../lab/lab.ts'
import type { Authority } from '../../lab/services/authority.ts'
import { builtInWorld } from '../../lab/world.ts'
import type { Bundle } from '../../shared/protocol/bundle.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { seededRandom } from '../../shared/util/random.ts'
import { relayHere } from '../support/relay-here.ts'
import { BULK, offerOf } from './kernel-world.ts'
import { look, type Sight } from './look.ts'

export interface LabWorld {
  /** What the client sees with this rule on its way. */
  look(bundle: Bundle, rule: Pick<RuleInput, 'match' | 'act'> | null): Promise<Sight>
  close(): Promise<void>
}

/** A lab for each look, all with one relay of their own. */
export async function labWorld(authority: Authority): Promise<LabWorld> {
  const world = builtInWorld([])
  const offer = offerOf(authority)
  const certificate = await authority.issue([...new Set(offer.endpoints.map((endpoint) => endpoint.host))])
  const relay = await relayHere({ certificate, offer })
  return {
    close: () => relay.end(),
    async look(bundle, rule) {
      const lab = await createLab({ world, clock: systemClock, random: seededRandom(1), authority })
      lab.setService(loopback('127.0.0.1', relay.relay.port))
      lab.engine.listen(BULK, () => {
        const [outer, inner] = lab.pair()
        inner.on('error', () => {})
        inner.resume()
        inner.end(Buffer.alloc(BULK.bytes))
        return outer
      })
      if (rule) lab.engine.judge.add(v.parse(Rule, { id: 'one', label: 'one', ...rule }), 'scenario')
      const connect = async () => {
        const [outer, inner] = lab.pair()
        lab.serve(inner)
        return outer
      }
      const network = labNetwork({ connect, client: 'alice', vantage: world.home, clock: systemClock })
      try {
        if (!network.facts().up) await new Promise<void>((resolve) => network.onChange(({ up }) => up && resolve()))
        return await look(network, bundle, BULK)
      } finally {
        network.close()
        lab.close()
      }
    },
  }
}
