/**
 * Tor Browser's Connection Assist: directly; when that has failed, a look whether there is internet, settings for the region, and each of
 * them, strictly one after another and without a limit of its own. What people must read and press costs nothing here, in its favour.
 */
import type { Kit } from '../kit.ts'
import type { Installed, Peer } from '../peer.ts'
import { inOrder, race } from '../schedule.ts'
import { ENTRANCES, OWN, PROXIES, SERVICE_NAME } from '../world.ts'

interface Bridge {
  readonly address: string
  readonly name: string
  readonly proxy?: string
}

const direct: readonly Bridge[] = OWN.map((address) => ({ address, name: SERVICE_NAME }))
/** toolkit/modules/Moat.sys.mjs: what it answers with; the bridges of one setting are given to tor all at once. */
const settings: readonly (readonly Bridge[])[] = [
  ENTRANCES.map(({ address, host }) => ({ address, name: host })),
  PROXIES.map((proxy) => ({ address: OWN[0], name: SERVICE_NAME, proxy })),
]

function install(kit: Kit): Installed {
  /** TorConnect.sys.mjs: kept once it has worked. */
  let saved = direct

  const bootstrap = (bridges: readonly Bridge[], signal: AbortSignal) =>
    race({
      clock: kit.clock,
      next: inOrder(bridges),
      gapMs: () => 0,
      onFailure: 'end-wait',
      attempt: async ({ address, name, proxy }: Bridge, over) => {
        const link = await kit.open(address, over, proxy)
        try {
          await link.encrypt(name, over)
          await link.login(over)
        } catch (error) {
          link.close()
          throw error
        }
      },
      signal,
    })
  /** Moat, by a front that nobody blocks: one request over a connection of its own. */
  const askMoat = (signal: AbortSignal) => kit.ask(0, SERVICE_NAME, 'A', signal)

  return {
    async connect(signal) {
      try {
        return await bootstrap(saved, signal)
      } catch {
        signal.throwIfAborted()
      }
      // First whether there is internet, then which settings.
      await askMoat(signal)
      await askMoat(signal)
      for (const setting of settings) {
        try {
          await bootstrap(setting, signal)
          saved = setting
          return
        } catch {
          signal.throwIfAborted()
        }
      }
      throw new Error('no setting worked')
    },
  }
}

const TAKES_MS = 30_000
export const tor: Peer = {
  name: 'Tor Connection Assist',
  install,
  known: [
    {
      says: 'directly first, then settings strictly one after another: where each takes 30 s to fail, the second setting begins at 60 s',
      ms: 2 * TAKES_MS,
      dead: { failing: { tcp: [...OWN, ...ENTRANCES.map(({ address }) => address)], afterMs: TAKES_MS } },
    },
  ],
}
