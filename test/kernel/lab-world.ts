/** The same client at the same place of the lab, in memory under a virtual clock, with one rule on its way or none. */
import { createSecureContext, TLSSocket } from 'node:tls'
import * as v from 'valibot'
import { labNetwork } from '../../electron/core/net/lab-network.ts'
import { Rule, type RuleInput } from '../../lab/censor/rule.ts'
import { createMemoryLab } from '../../lab/memory.ts'
import type { Authority } from '../../lab/services/authority.ts'
import { builtInWorld } from '../../lab/world.ts'
import type { Bundle } from '../../shared/protocol/bundle.ts'
import { seededRandom } from '../../shared/util/random.ts'
import { VirtualClock } from '../../shared/util/virtual-clock.ts'
import { BULK } from './kernel-world.ts'
import { look, type Sight } from './look.ts'

const STEP_MS = 50

/** What the client sees with this rule on its way. The relay's TLS is spoken by a server in memory: looking goes no further. */
export async function lookInLab(authority: Authority, bundle: Bundle, rule: Pick<RuleInput, 'match' | 'act'> | null): Promise<Sight> {
  const world = builtInWorld()
  const clock = new VirtualClock(Date.now())
  const lab = await createMemoryLab({ world, clock, random: seededRandom(1), authority })
  const secureContext = createSecureContext(lab.certificate)
  lab.setService(() => {
    const [outer, inner] = lab.pair()
    inner.on('error', () => {})
    new TLSSocket(inner, { isServer: true, secureContext }).on('error', () => {})
    return outer
  })
  lab.engine.listen(BULK, () => {
    const [outer, inner] = lab.pair()
    inner.on('error', () => {})
    inner.resume()
    inner.end(Buffer.alloc(BULK.bytes))
    return outer
  })
  if (rule) lab.engine.judge.add(v.parse(Rule, { id: 'one', label: 'one', ...rule }), 'scenario')
  const network = labNetwork({ connect: async () => lab.uplink(), client: 'alice', vantage: world.home, clock })
  try {
    await lab.settle()
    let done = false
    const looking = look(network, clock, bundle, BULK).finally(() => {
      done = true
    })
    while (!done) await lab.run(STEP_MS)
    return await looking
  } finally {
    network.close()
    lab.close()
  }
}
