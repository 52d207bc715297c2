/** One user's whole engine over a real encrypted store and a relay in memory, with everything the screens would be told. */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../../electron/core/account-file.ts'
import { cursorSource } from '../../../electron/core/chats/stream.ts'
import type { HistoryPart } from '../../../electron/core/finding-log.ts'
import { openIdentity, ownerOf } from '../../../electron/core/identity.ts'
import { createCore } from '../../../electron/core/index.ts'
import type { LinkChecker } from '../../../electron/core/links/types.ts'
import type { Core, CoreDeps, DiagnosisPart, ReachPart } from '../../../electron/core/parts.ts'
import type { RelayLink } from '../../../electron/core/reach/relay-link.ts'
import { openStore, type Store } from '../../../electron/core/store/store.ts'
import { fileWitness } from '../../../electron/core/store/witness.ts'
import type { EventName, EventPayload } from '../../../shared/contract/api.ts'
import type { Message } from '../../../shared/contract/chat.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import type { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { fakeBundles } from '../../support/fake-bundles.ts'
import { FakeLink, type FakeRelay } from './fake-relay.ts'

export const bundle: Bundle = {
  format: 1,
  version: 1,
  notBefore: 0,
  expires: 1e15,
  relayKey: 'A'.repeat(43),
  signers: ['A'.repeat(43)],
  roots: [],
  endpoints: [
    { id: 'chat', plane: 'chat', host: 'chat.relay.test', port: 443, addresses: ['240.0.0.1'], provider: 'one' },
    { id: 'links', plane: 'links', host: 'links.relay.test', port: 443, addresses: ['240.0.0.2'], provider: 'one' },
  ],
  proxies: [],
  doh: [],
  controls: [],
  bogons: [],
}

const key = new Uint8Array(32).fill(9)

export interface ProfileOptions {
  readonly relay: FakeRelay
  readonly clock: VirtualClock
  readonly handle: string
  /** False: the test moves the connection itself. */
  readonly auto?: boolean
  readonly checkLink?: LinkChecker
  /** One that lives on another computer too. */
  readonly account?: Account
}

/** Different for each start: a restarted process draws other numbers. */
let starts = 0

export class Profile {
  readonly handle: string
  readonly events: { name: EventName; payload: unknown }[] = []
  core: Core
  link: FakeLink
  store: Store
  readonly #options: ProfileOptions
  readonly #folder: string
  #path: string
  #copies = 0

  constructor(options: ProfileOptions) {
    this.#options = options
    this.handle = options.handle
    this.#folder = mkdtempSync(join(tmpdir(), 'throughline-chats-'))
    this.#path = join(this.#folder, 'store.db')
    const opened = this.#open()
    this.store = opened.store
    this.link = opened.link
    this.core = opened.core
    options.relay.register(options.handle, this.card.split(':')[1] ?? '')
  }

  get path(): string {
    return this.#path
  }

  readonly storeKey = key

  get card(): string {
    return this.core.card
  }

  /** Closed in order, then opened again. Not connected. */
  async restart(): Promise<void> {
    this.link.disconnect()
    await this.core.close()
    this.#reopen()
  }

  /** As after kill -9: what had reached the disk at this moment is opened again, nothing was flushed. */
  async crash(): Promise<void> {
    const copy = join(this.#folder, `store-${++this.#copies}.db`)
    for (const suffix of ['', '-wal', '.check']) if (existsSync(this.#path + suffix)) copyFileSync(this.#path + suffix, copy + suffix)
    this.link.disconnect()
    await this.core.close()
    this.#path = copy
    this.#reopen()
  }

  /** Keeps the store as it is on the disk now; what it answers puts that copy in its place, as restoring a backup of the store does; `whole`: what lies beside it too. */
  backup(): (whole?: boolean) => Promise<void> {
    const copy = join(this.#folder, `store-${++this.#copies}.db`)
    for (const suffix of ['', '-wal', '.check']) if (existsSync(this.#path + suffix)) copyFileSync(this.#path + suffix, copy + suffix)
    const witness = join(this.#folder, 'store.generation')
    const beside = readFileSync(witness)
    return async (whole = false) => {
      this.link.disconnect()
      await this.core.close()
      if (whole) writeFileSync(witness, beside)
      this.#path = copy
      this.#reopen()
    }
  }

  async end(): Promise<void> {
    this.link.disconnect()
    await this.core.close()
    rmSync(this.#folder, { recursive: true })
  }

  told<E extends EventName>(name: E): EventPayload<E>[] {
    return this.events.filter((event) => event.name === name).map((event) => event.payload as EventPayload<E>)
  }

  async messages(peer: string): Promise<Message[]> {
    return (await this.core.handlers['message.list']({ chatId: `cloud:${peer}`, limit: 300 })).messages
  }

  async texts(peer: string): Promise<string[]> {
    return (await this.messages(peer)).map(({ body }) =>
      body.kind === 'text' ? body.text : body.kind === 'file' ? body.name : body.notice.code,
    )
  }

  async states(peer: string): Promise<string[]> {
    return (await this.messages(peer)).flatMap(({ delivery }) => (delivery ? [delivery.state] : []))
  }

  async chat(peer: string) {
    const chat = (await this.core.handlers['chat.list']({})).find(({ id }) => id === `cloud:${peer}`)
    if (!chat) throw new Error(`no chat with ${peer}`)
    return chat
  }

  send(peer: string, text: string, id = uuid(`${this.handle} ${peer} ${text}`)): Promise<Message> {
    return this.core.handlers['message.send']({ id, chatId: `cloud:${peer}`, text })
  }

  #reopen(): void {
    const opened = this.#open()
    this.store = opened.store
    this.link = opened.link
    this.core = opened.core
  }

  #open() {
    const { relay, clock, handle, auto = true, checkLink, account = null } = this.#options
    const random = seededRandom(++starts)
    const store = openStore({ path: this.#path, key })
    const identity = openIdentity(store, handle, random, account)
    const link = new FakeLink(relay, ownerOf(identity), cursorSource(store.values).cursor, auto)
    const log = { info() {}, warn() {} }
    const parts = partsOver(link, checkLink)
    const core = createCore({
      version: '0.0.0',
      store,
      identity,
      practice: true,
      witness: fileWitness(join(this.#folder, 'store.generation'), key),
      clock,
      random,
      log,
      bundle: () => bundle,
      parts,
    })
    core.onEvent((event) => void this.events.push(event))
    core.start()
    return { store, link, core }
  }
}

/** Parts of an engine that only have a link. */
export function partsOver(link: RelayLink, checkLink: LinkChecker = async () => 'true'): CoreDeps['parts'] {
  const diagnosis: DiagnosisPart = {
    verdicts: () => [],
    onVerdicts: () => () => {},
    probe: async () => {},
    stopProbe() {},
    onProgress: () => () => {},
    evidence: () => ({ observations: [], context: { now: 0, endpoints: [], controls: [], bogons: [], relayAlive: false } }),
    checkLink,
    start() {},
    close() {},
  }
  const reach: ReachPart = {
    link,
    state: () => ({
      status: link.online ? 'connected' : 'looking',
      since: 0,
      route: null,
      lastSwitch: null,
      returning: null,
      attempts: [],
      raceAt: null,
      standby: null,
      remembered: [],
      nextTryAt: null,
      routes: [],
      network: { kind: 'simulated', up: true, known: false },
      clockSkewMs: null,
    }),
    onState: () => () => {},
    start() {},
    close() {},
    retry() {},
    returnNow() {},
    addProxy() {},
    pinRoute() {},
    banRoute() {},
    clearRoute() {},
    tryRoute: async () => ({ ok: true, ms: 0, step: null, reason: null }),
    removeProxy() {},
    forget() {},
    chooseStandby() {},
    bundles: fakeBundles(),
  }
  const history: HistoryPart = { history: () => ({ network: null, lines: [] }), onHistory: () => () => {}, forget() {}, close() {} }
  return { reach, diagnosis, history }
}

/** The same name, the same UUID. */
export function uuid(name: string): string {
  const digits = createHash('sha256').update(name).digest('hex').slice(0, 32)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`
}

/** Lets promises and streams settle. */
export async function settle(rounds = 8): Promise<void> {
  for (let i = 0; i < rounds; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Both know each other by card. */
export async function introduce(a: Profile, b: Profile): Promise<void> {
  await a.core.handlers['contact.add']({ card: b.card })
  await b.core.handlers['contact.add']({ card: a.card })
}
