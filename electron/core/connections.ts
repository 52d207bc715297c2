/** Everything between a profile and the world: the network, getting through, and diagnosis fed by what getting through sees. */
import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { BackendError } from '../../shared/contract/errors.ts'
import type { Bundle } from '../../shared/protocol/bundle.ts'
import type { Clock } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import { cursorSource } from './chats/stream.ts'
import { createDiagnosis, type Diagnosis } from './diagnose/index.ts'
import { networkSenses } from './diagnose/network-senses.ts'
import { createFindingLogs, type FindingLogs } from './finding-log.ts'
import type { Log } from './log.ts'
import { labNetwork } from './net/lab-network.ts'
import type { Network } from './net/network.ts'
import { systemNetwork } from './net/system-network.ts'
import { createTransports } from './net/transports/transports.ts'
import type { OpenProfile } from './profile.ts'
import { createReach } from './reach/reach.ts'
import type { Reach } from './reach/reach-interface.ts'

/** Between looks at planes that carry no traffic of their own: often enough to notice, rarely enough not to be seen. */
const PLANE_CHECK_MS = 60_000
/** Between looks at throughput: a sample is a photo's worth of somebody's data. */
const TRANSFER_CHECK_MS = 15 * 60_000

export interface ConnectionsInput {
  readonly network:
    | { readonly kind: 'system' }
    /** `address`: the gateway of the lab, `host:port` on loopback. */
    | { readonly kind: 'lab'; readonly address: string; readonly client: string; readonly vantage: string | null }
  readonly tuning?:
    | {
        readonly returnHoldMs?: number | undefined
        readonly planeCheckMs?: number | undefined
        readonly transferCheckMs?: number | undefined
      }
    | undefined
}

/** Opens the connection to the lab's gateway. */
export type OpenTcp = (host: string, port: number) => Promise<Duplex>

export interface ConnectionsDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly openTcp: OpenTcp
}

export interface Connections {
  /** The newest one held. */
  bundle(): Bundle
  readonly parts: { readonly reach: Reach; readonly diagnosis: Diagnosis; readonly history: FindingLogs }
  /** After both parts are closed. */
  close(): void
}

/** `bundle` is a file's content, unchecked. Throws `bad-bundle`, and `bad-input` for a lab address that is none. Starts nothing. */
export function createConnections(input: ConnectionsInput, profile: OpenProfile, bundle: unknown, deps: ConnectionsDeps): Connections {
  const { clock, random, log } = deps
  const { store, identity } = profile
  const network = openNetwork(input.network, clock, deps.openTcp)
  const transports = createTransports({ network, clock, random })
  try {
    const cursor = cursorSource(store.values)
    const tuning = { returnHoldMs: input.tuning?.returnHoldMs }
    const reach = createReach({ network, clock, random, bundle, values: store.values, identity, cursor, log, transports, tuning })
    const diagnosis = createDiagnosis({
      network,
      senses: networkSenses({ network, clock, random, bundle: reach.bundle }),
      clock,
      random,
      bundle: reach.bundle,
      relayAlive: () => reach.link.online,
      clockSkewMs: () => reach.state().clockSkewMs,
      planeCheckMs: input.tuning?.planeCheckMs ?? PLANE_CHECK_MS,
      transferCheckMs: input.tuning?.transferCheckMs ?? TRANSFER_CHECK_MS,
    })
    reach.onObservation(diagnosis.observe)
    let wasTroubled = false
    diagnosis.onVerdicts((verdicts) => {
      const isTroubled = verdicts.some(({ plane, kind }) => plane === 'chat' && kind !== 'ok')
      if (wasTroubled && !isTroubled) reach.plainSeemsFree()
      wasTroubled = isTroubled
    })
    const history = createFindingLogs(store.values, clock, random)
    // Before diagnosis hears of it: what it says of the next network is not said of this one.
    history.onNetwork(network.facts())
    network.onChange(history.onNetwork)
    diagnosis.onVerdicts(history.note)
    const close = () => {
      transports.close()
      network.close()
    }
    return { bundle: reach.bundle, parts: { reach, diagnosis, history }, close }
  } catch (error) {
    network.close()
    throw error
  }
}

export function openNetwork(input: ConnectionsInput['network'], clock: Clock, connectTo = openTcp): Network {
  if (input.kind === 'system') return systemNetwork({ clock })
  const { address, client, vantage } = input
  const at = parseGateway(address)
  return labNetwork({ connect: () => connectTo(at.host, at.port), client, vantage, clock })
}

/** The lab's gateway listens on this computer only; anything else is a mistake or worse. */
function parseGateway(address: string): { host: string; port: number } {
  const match = /^(127\.0\.0\.1|\[::1\]):(\d{1,5})$/.exec(address)
  const port = Number(match?.[2])
  if (!match?.[1] || !(port >= 1 && port <= 65_535)) throw new BackendError('bad-input', 'the lab is at 127.0.0.1:PORT')
  return { host: match[1].replace(/[[\]]/g, ''), port }
}

export const openTcp: OpenTcp = (host, port) =>
  new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
