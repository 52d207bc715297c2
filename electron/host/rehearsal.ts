/** The simulated internet with a relay inside it, on this computer: two processes, joined. Knows no users. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type * as v from 'valibot'
import { type Client, connect } from '../../shared/contract/port.ts'
import type { SignedBundle } from '../../shared/protocol/bundle.ts'
import { labControl, type Offer, relayControl } from '../../shared/protocol/processes.ts'
import { publicationOf } from '../core/reach/bundle-publication.ts'
import { type Child, endChild, type Spawn } from './child.ts'
import { type Connect, connectTcp } from './connect-tcp.ts'

export type LabClient = Client<typeof labControl>
export type LabMaps = v.InferInput<(typeof labControl)['calls']['lab.start']['input']>['maps']

export interface RehearsalOptions {
  readonly spawn: Spawn
  /** How the gateway is reached; without it by TCP. */
  readonly connect?: Connect
  /** Keeps the relay's data and the simulated world's certificates between runs. */
  readonly dataDir: string
  /** Where the gateway listens; port 0 picks a free one. */
  readonly listen?: { readonly host: string; readonly port: number }
  readonly seed?: number
  readonly maps?: LabMaps
  /** A scenario file of the user's own. */
  readonly scenarioFile?: string
}

export interface Rehearsal {
  readonly lab: LabClient
  /** Of the gateway, as `host:port`. */
  readonly labAddress: string
  /** A new connection to the gateway. */
  uplink(): Promise<Duplex>
  readonly bundlePath: string
  /** Certificate authorities (PEM) of the simulated world. */
  readonly roots: readonly string[]
  /** One of the two processes ended though nobody asked it to. */
  readonly broken: Promise<string>
  stop(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

/** Rejects if either process cannot start; nothing is left running then. */
export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const relayDir = join(options.dataDir, 'relay')
  const labDir = join(options.dataDir, 'lab')
  await mkdir(relayDir, { recursive: true })
  await mkdir(labDir, { recursive: true })
  const children: Child[] = []
  let stopping = false
  const begin = (program: 'relay' | 'lab') => {
    const child = options.spawn(program)
    children.push(child)
    return child
  }
  try {
    const labChild = begin('lab')
    const lab = connect(labControl, labChild.port)
    const { host, port } = options.listen ?? { host: LOOPBACK, port: 0 }
    const started = await lab.call('lab.start', {
      host,
      port,
      seed: options.seed ?? 1,
      maps: options.maps ?? [],
      scenarioFile: options.scenarioFile ?? null,
      dataDir: labDir,
    })
    const relayChild = begin('relay')
    const relay = connect(relayControl, relayChild.port)
    const { offer, certificate } = started
    const served = await relay.call('relay.start', { dataDir: relayDir, host: LOOPBACK, port: 0, certificate, offer })
    await lab.call('lab.service', { host: LOOPBACK, port: served.port })
    const publish = (bundle: SignedBundle) => lab.call('lab.publish', publicationOf(bundle))
    await publish(served.bundle)
    // A relay that is ending anyway need not hear of the service's last move.
    const move = async (moved: Offer) => publish((await relay.call('relay.offer', moved)).bundle)
    lab.on('offer.changed', (moved) => void move(moved).catch(() => {}))
    lab.on('certificate.changed', (issued) => void relay.call('relay.certificate', issued).catch(() => {}))
    return {
      lab,
      labAddress: started.lab,
      uplink: () => (options.connect ?? connectTcp)(started.lab),
      bundlePath: served.bundlePath,
      roots: offer.roots,
      broken: new Promise((resolve) => {
        const report = (what: string) => () => stopping || resolve(`${what} ended unexpectedly`)
        void labChild.ended.then(report('the simulated internet'))
        void relayChild.ended.then(report('the relay'))
      }),
      async stop() {
        stopping = true
        await relay.call('relay.stop', {}).catch(() => {})
        await Promise.all(children.map(endChild))
      },
    }
  } catch (error) {
    await Promise.all(children.map(endChild))
    throw error
  }
}
