/** Proxies and transports that others made carry a chat: two users write to one another with nothing else left open to them. */
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import { systemNetwork } from '../../../electron/core/net/system-network.ts'
import { createTransports } from '../../../electron/core/net/transports/transports.ts'
import { parseProxyUrl } from '../../../electron/core/reach/hand-proxies.ts'
import { createReach } from '../../../electron/core/reach/reach.ts'
import type { Reach } from '../../../electron/core/reach/reach-interface.ts'
import { startBridge } from '../../../electron/host/bridge/bridge.ts'
import { bridgeIdentity, pinOf } from '../../../electron/host/bridge/identity.ts'
import { bridgeLink } from '../../../shared/protocol/bridge-link.ts'
import type { StreamItem } from '../../../shared/protocol/relay.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { type Foreign, foreign, isOnThisComputer, type Place, place } from '../../support/foreign-proxies.ts'
import { emptyOffer, relayHere } from '../../support/relay-here.ts'
import { skipLoudly } from '../../support/skip.ts'
import { type TinyGateway, tinyGateway } from '../../unit/net/tiny-gateway.ts'
import { identityOf, memoryValues } from '../../unit/reach/world.ts'

const HOP = '240.32.0.77'
const never = new AbortController().signal

let gateway: TinyGateway
let here: Place
beforeEach(async () => {
  gateway = await tinyGateway()
  here = place()
})
afterEach(async () => {
  here.end()
  await gateway.close()
})

function client(name: string, seed: number, bundle: unknown): { reach: Reach; key: string; received: StreamItem[] } {
  const network = labNetwork({
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
        socket.once('error', reject)
      }),
    client: name,
    vantage: null,
    clock: systemClock,
  })
  const random = seededRandom(seed)
  const transports = createTransports({ network, clock: systemClock, random })
  const identity = identityOf(name, seed)
  const log = { info: () => {}, warn: () => {} }
  const cursor = { cursor: () => 0 }
  const reach = createReach({ network, clock: systemClock, random, bundle, values: memoryValues(), identity, cursor, log, transports })
  onTestFinished(() => {
    reach.close()
    transports.close()
    network.close()
  })
  const received: StreamItem[] = []
  reach.link.onItems((items) => received.push(...items))
  reach.start()
  return { reach, key: toBase64Url(identity.key.publicKey), received }
}

/** Not foreign, but met in the same way: a bridge that somebody runs by the command line, added by its link. */
const ownBridge: Foreign = {
  program: process.execPath,
  debianPackage: 'nodejs',
  async start(_place, relayPort) {
    const network = systemNetwork({ clock: systemClock })
    const identity = await bridgeIdentity(null, 'localhost', Date.now())
    const relay = [{ address: '127.0.0.1', port: relayPort }]
    const limits = { streams: 10, bytesPerDay: 1e9, bytesPerSecond: 1e9 }
    const bridge = await startBridge({ host: '127.0.0.1', port: 0, identity, relay, limits, network, clock: systemClock })
    onTestFinished(async () => {
      await bridge.close()
      network.close()
    })
    const link = bridgeLink({ address: '127.0.0.1', port: bridge.port, path: identity.path, pin: pinOf(identity.cert), host: null })
    const { address: _address, port: _port, ...entry } = parseProxyUrl(link)
    return { port: bridge.port, entry }
  },
}
const parts: Readonly<Record<string, Foreign>> = { ...foreign, 'a bridge of our own': ownBridge }

it.runIf(process.platform === 'linux').each(Object.keys(parts))(
  'by %s',
  async (name) => {
    const part = parts[name]
    if (!part) throw new Error('no such part')
    if (!isOnThisComputer(part.program)) skipLoudly(`there is no ${part.program}`, part.debianPackage)
    const relay = await relayHere()
    onTestFinished(() => relay.end())
    const { port, entry } = await part.start(here, relay.relay.port)
    const bundle = await relay.relay.offer({ ...emptyOffer, proxies: [{ id: 'part', address: HOP, port: 443, ...entry }] })
    gateway.behind = (address) => (address === HOP ? { port } : 'ECONNREFUSED')
    const alice = client('alice', 1, bundle)
    const bob = client('bob', 2, bundle)
    await expect.poll(() => alice.reach.link.online && bob.reach.link.online, { timeout: 20_000 }).toBe(true)
    expect(alice.reach.state().route).toMatchObject({ kind: 'proxy', proxyId: 'part' })

    for (let n = 1; n <= 3; n++) {
      const [from, to, handle] = n % 2 === 1 ? [alice, bob, 'bob'] : [bob, alice, 'alice']
      const body = { kind: 'text', text: `message ${n}` } as const
      const answer = await from.reach.link.request('message.send', { cid: n, turn: 0, to: handle, toKey: to.key, body }, never)
      expect(answer).toMatchObject({ ok: true })
      await expect.poll(() => JSON.stringify(to.received)).toContain(`message ${n}`)
    }
    const dialled = gateway.seen.flatMap((frame) => (frame.t === 'open' ? [frame.address] : []))
    expect(new Set(dialled)).toEqual(new Set(['127.0.0.1', HOP]))
  },
  60_000,
)
