/** Relay, lab and engines that live in this process and do nothing but answer: for tests of the shells that start them. */
import type { Child, Program, Spawn } from '../../electron/host/child.ts'
import { coreApi } from '../../electron/host/engine.ts'
import type { Contact } from '../../shared/contract/chat.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import { memoryPortPair } from '../../shared/contract/memory-port.ts'
import type { PathState } from '../../shared/contract/path.ts'
import { type Handlers, type Port, type Served, serve } from '../../shared/contract/port.ts'
import { signBundle } from '../../shared/protocol/bundle.ts'
import { type coreControl, type GatewayState, labControl, relayControl } from '../../shared/protocol/processes.ts'
import { toBase64Url } from '../../shared/util/bytes.ts'
import { signingKeyFromSeed } from '../../shared/util/signing.ts'

export const idleGateway: GatewayState = {
  scenarios: [],
  vantages: [],
  running: null,
  free: null,
  adaptive: null,
  clients: [],
  nodes: [],
  edges: [],
  gates: [],
  moves: [],
  collateral: [],
  addressesBlocked: 0,
  tracker: null,
  workbench: { standing: [], made: [], clouds: [], neighbours: [], own: [], removed: [], editing: null, setAside: [] },
}

export const idlePath: PathState = {
  status: 'looking',
  since: 0,
  route: null,
  lastSwitch: null,
  returning: null,
  verdicts: [],
  attempts: [],
  raceAt: null,
  standby: null,
  remembered: [],
  nextTryAt: null,
  routes: [],
  network: { kind: 'simulated', up: true, known: false },
  clockSkewMs: null,
}

type CoreStart = Parameters<Handlers<typeof coreControl>['core.start']>[0]

export interface FakeCore {
  readonly start: CoreStart
  readonly contacts: Contact[]
  readonly events: Served<typeof coreApi>
  crash(): void
}

const emptyOffer = { endpoints: [], proxies: [], doh: [], controls: [], bogons: [], roots: [] }
const signer = signingKeyFromSeed(new Uint8Array(32).fill(3))
const signed = signBundle(
  {
    format: 1,
    version: 1,
    notBefore: 0,
    expires: 8e15,
    relayKey: toBase64Url(signer.publicKey),
    signers: [toBase64Url(signer.publicKey)],
    ...emptyOffer,
    endpoints: [{ id: 'chat', plane: 'chat', host: 'chat.test', port: 443, addresses: ['240.0.0.1'], provider: 'p' }],
    mirrors: [{ id: 'm', host: 'files.test', address: '240.0.0.2', port: 443, path: '/b', provider: 'q' }],
  },
  signer,
)

export function cardOf(handle: string): string {
  return `${handle}:${handle.padEnd(43, '_')}`
}

export function createFakePrograms({ bundlePath = '/nowhere/bundle.json' } = {}) {
  /** What was asked of relay, lab and engines, in order. */
  const log: string[] = []
  const started: Program[] = []
  const alive = new Set<Child>()
  const cores = new Map<string, FakeCore>()
  const offers: unknown[] = []
  const bugs: unknown[] = []
  /** Set to make the next calls of this name fail. */
  const refusals = new Map<string, BackendError>()
  let gateway = idleGateway
  let lab: Served<typeof labControl> | null = null
  const onBug = (_name: string, error: unknown) => void bugs.push(error)
  const ask = (name: string) => {
    log.push(name)
    const refusal = refusals.get(name)
    if (refusal) throw refusal
  }

  const serveRelay = (port: Port) =>
    serve(
      relayControl,
      port,
      {
        'relay.start': async ({ offer }) => {
          ask('relay.start')
          offers.push(offer)
          return { url: 'https://127.0.0.1:1', port: 7777, bundlePath, bundle: signed }
        },
        'relay.offer': async (offer) => {
          offers.push(offer)
          return { bundle: signed }
        },
        'relay.stop': async () => {
          ask('relay.stop')
          return {}
        },
      },
      onBug,
    )
  const labDone = (name: string) => async (input: unknown) => {
    ask(`${name} ${JSON.stringify(input)}`)
    return {}
  }
  const serveLab = (port: Port) => {
    lab = serve(
      labControl,
      port,
      {
        'lab.start': async () => {
          ask('lab.start')
          return { lab: '127.0.0.1:9', offer: emptyOffer, certificate: { cert: 'c', key: 'k' } }
        },
        'lab.service': labDone('lab.service'),
        'lab.publish': labDone('lab.publish'),
        'lab.state': async () => gateway,
        'lab.play': labDone('lab.play'),
        'lab.stop': labDone('lab.stop'),
        'lab.pause': labDone('lab.pause'),
        'lab.speed': labDone('lab.speed'),
        'lab.step': labDone('lab.step'),
        'lab.at': async ({ atMs }) => ({ ...gateway, moves: gateway.moves.filter((move) => move.atMs <= atMs) }),
        'lab.place': labDone('lab.place'),
        'lab.censor': labDone('lab.censor'),
        'lab.undo': labDone('lab.undo'),
        'lab.adaptive': labDone('lab.adaptive'),
      },
      onBug,
    )
  }
  const serveCore = (port: Port, crash: () => void) => {
    let me: FakeCore | null = null
    const contacts: Contact[] = []
    const coreEvents: FakeCore['events'] = serve(
      coreApi,
      port,
      {
        'core.start': async (start) => {
          ask(`core.start ${start.handle}`)
          me = { start, contacts, events: coreEvents, crash }
          cores.set(String(start.handle), me)
          return { card: cardOf(String(start.handle)) }
        },
        'core.stop': async () => {
          ask(`core.stop ${me?.start.handle}`)
          return {}
        },
        'account.export': async () => ({ text: `account of ${me?.start.handle}` }),
        'path.get': async () => idlePath,
        'contact.list': async () => contacts,
        'contact.add': async ({ card }) => {
          const [handle = '', key = ''] = card.split(':')
          if (contacts.some((contact) => contact.handle === handle)) throw new BackendError('already-there')
          const peer: Contact = { handle, key, source: 'card' }
          contacts.push(peer)
          return { id: `cloud:${handle}`, kind: 'cloud' as const, peer, last: null, unread: 0, firstUnread: null, draft: '' }
        },
        'message.search': async ({ query }) => {
          ask(`message.search ${query}`)
          if (query === 'crash while asking') crash()
          return []
        },
      },
      onBug,
    )
  }

  const spawn: Spawn = (program) => {
    started.push(program)
    const [near, far] = memoryPortPair()
    const child: Child = { port: near, ended: new Promise((resolve) => far.onClose(resolve)), kill: () => far.close() }
    alive.add(child)
    far.onClose(() => void alive.delete(child))
    if (program === 'relay') serveRelay(far)
    else if (program === 'lab') serveLab(far)
    else serveCore(far, () => far.close())
    return child
  }

  return {
    spawn,
    log,
    started,
    alive,
    cores,
    offers,
    bugs,
    refusals,
    setGateway(next: GatewayState) {
      gateway = next
      lab?.emit('state.changed', next)
    },
    moveService: () => lab?.emit('offer.changed', { ...emptyOffer, bogons: ['240.0.0.0/4'] }),
  }
}
