/** Psiphon: every server there is, in random order, ten at a time; the last good one a second before the others. */
import { setMaxListeners } from 'node:events'
import { within } from '../../../../electron/core/net/deadline.ts'
import { sleep } from '../../../../shared/util/clock.ts'
import { seededRandom } from '../../../../shared/util/random.ts'
import { FREE_SEED } from '../free-kit.ts'
import type { Kit } from '../kit.ts'
import type { Installed, Peer } from '../peer.ts'
import { shuffled } from '../schedule.ts'
import { ENTRANCES, OWN, PROXIES, SERVICE_NAME } from '../world.ts'

// psiphon/common/parameters/parameters.go.
const WORKERS = 10
const ATTEMPT_MS = 20_000
const HEAD_START_MS = 1_000
const PAUSE_MS = 2_000

interface Server {
  readonly address: string
  readonly name: string
  readonly proxy?: string
}

/** All that lead to the service are servers to it. That its policies ("tactics") must be fetched before the first dial is left out, in its favour. */
const servers: readonly Server[] = [
  ...OWN.map((address) => ({ address, name: SERVICE_NAME })),
  ...ENTRANCES.map(({ address, host }) => ({ address, name: host })),
  ...PROXIES.map((proxy) => ({ address: OWN[0], name: SERVICE_NAME, proxy })),
]

function install(kit: Kit): Installed {
  const { clock, random } = kit
  let lastGood: Server | null = null

  const dial = (server: Server, signal: AbortSignal) =>
    within(clock, ATTEMPT_MS, signal, async (inTime) => {
      const link = await kit.open(server.address, inTime, server.proxy)
      try {
        await link.encrypt(server.name, inTime)
        await link.login(inTime)
      } catch (error) {
        link.close()
        throw error
      }
    })

  return {
    connect: (signal) =>
      new Promise((resolve, reject) => {
        const over = new AbortController()
        // Each worker listens, and each step of its attempt.
        setMaxListeners(0, over.signal)
        const end = (finish: () => void) => {
          signal.removeEventListener('abort', onAbort)
          over.abort(new Error('superseded'))
          finish()
        }
        const onAbort = () => end(() => reject(signal.reason))
        signal.addEventListener('abort', onAbort, { once: true })

        const affinity = lastGood
        const candidates: Server[] = shuffled(servers, random.fraction).filter((server) => server !== affinity)
        const attempt = async (server: Server) => {
          try {
            await dial(server, over.signal)
            if (over.signal.aborted) return
            lastGood = server
            end(resolve)
          } catch {
            // The worker takes the next.
          }
        }
        const work = async () => {
          while (!over.signal.aborted) {
            const [server] = candidates.splice(0, 1)
            if (server) await attempt(server)
            else {
              await sleep(clock, PAUSE_MS, over.signal)
              if (candidates.length === 0) candidates.push(...shuffled(servers, random.fraction))
            }
          }
        }
        const begin = async () => {
          if (affinity) await Promise.race([attempt(affinity), sleep(clock, HEAD_START_MS, over.signal)])
          await Promise.all(Array.from({ length: WORKERS }, work))
        }
        begin().catch(() => {})
      }),
  }
}

/** Who comes last where chance is drawn from the seed of the free world. */
const last = shuffled(servers, seededRandom(FREE_SEED).fraction).at(-1)
const addressOf = ({ address, proxy }: Server) => proxy ?? address
const allBut = (server: Server | undefined) => servers.filter((other) => other !== server).map(addressOf)

export const psiphon: Peer = {
  name: 'Psiphon',
  install,
  known: [
    { says: '10 workers, 20 s a slot: behind ten black holes the next is dialled at 20 s', ms: ATTEMPT_MS, dead: { tcp: allBut(last) } },
    {
      says: 'the last good server has a head start of 1 s',
      ms: HEAD_START_MS,
      after: { tcp: allBut(last) },
      dead: { tcp: servers.filter((server) => server === last).map(addressOf) },
    },
  ],
}
