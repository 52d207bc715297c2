/** The engine's process as it ships, but on a computer with nothing but itself: no resolver is ever asked. */
import { cursorSource } from '../../../electron/core/chats/stream.ts'
import { serveCoreControl } from '../../../electron/core/control.ts'
import { createCore } from '../../../electron/core/index.ts'
import { systemNetwork } from '../../../electron/core/net/system-network.ts'
import { createReach } from '../../../electron/core/reach/reach.ts'
import { systemRandom } from '../../../electron/core/system-random.ts'
import { parentProcessPort } from '../../../shared/contract/process-port.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { partsOver } from '../../unit/chats/profile.ts'

const log = { info() {}, warn() {} }
const [clock, random] = [systemClock, systemRandom]

serveCoreControl(parentProcessPort(process), {
  version: '0.0.0',
  clock,
  random,
  log,
  createCore,
  connect: async (_input, { store, identity }, bundle) => {
    const network = systemNetwork({ clock, readFacts: () => ({ id: 'loopback', up: true, gateway: null, resolvers: [], v6: false }) })
    const { values } = store
    const reach = createReach({ network, clock, random, bundle, values, identity, cursor: cursorSource(values), log })
    return { bundle: reach.bundle, parts: { ...partsOver(reach.link), reach }, close: network.close }
  },
})
process.on('disconnect', () => process.exit(0))
