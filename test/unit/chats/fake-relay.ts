/**
 * A relay in memory with the real one's promises: one log, each account reads its own stream of it, (device, cid) names a
 * message once, answers and pushes reach a link in order. Connections move only when the test says so, unless `auto`.
 */
import { Readable } from 'node:stream'
import type { HttpRequest, HttpResponse, Missed, RelayLink } from '../../../electron/core/reach/relay-link.ts'
import { Turns } from '../../../relay/turns.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { RefusalCode, RequestInput, RequestName, RequestOutput, StreamItem, WireBody } from '../../../shared/protocol/relay.ts'
import type { Prekeys, SealedPacket } from '../../../shared/protocol/secret.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'

interface Account {
  readonly handle: string
  readonly key: string
  readonly items: StreamItem[]
  /** Whoever is connected now. */
  readonly links: Set<{
    readonly device: string
    push(items: readonly StreamItem[]): void
    pushSealed(packets: readonly SealedPacket[]): void
  }>
  /** By device. */
  readonly prekeys: Map<string, Prekeys>
  readonly mail: Map<string, SealedPacket[]>
}

export interface Identified {
  readonly handle: string
  readonly key: string
  readonly device: string
}

type Refusal = { readonly code: RefusalCode; readonly retryMs?: number }

const isTemporary = ({ code }: Refusal) => code === 'internal' || code === 'rate-limited' || code === 'overloaded'

/** What has a turn: messages to a person, packets to a device. */
function laneOf(name: RequestName, input: object): { readonly to: string; readonly turn: number } | null {
  if (name !== 'message.send' && name !== 'sealed.send') return null
  const { to, turn, toDevice = '' } = input as { to: string; turn: number; toDevice?: string }
  return { to: `${to} ${toDevice}`, turn }
}

export class FakeRelay {
  readonly accounts = new Map<string, Account>()
  readonly media = new Map<string, Uint8Array>()
  /** What is here of files that come in pieces. */
  readonly parts = new Map<string, Uint8Array>()
  readonly asked: { readonly by: string; readonly name: RequestName; readonly input: unknown }[] = []
  /** Refuses the requests it returns something for. */
  refuse: (name: RequestName, input: unknown) => Refusal | null = () => null
  pageSize = 200
  readonly clock: Clock
  #seq = 0
  #grants = 0
  readonly #sent = new Map<string, { seq: number; at: number }>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  register(handle: string, key: string): Account {
    const known = this.accounts.get(handle)
    if (known) return known
    const account: Account = { handle, key, items: [], links: new Set(), prekeys: new Map(), mail: new Map() }
    this.accounts.set(handle, account)
    return account
  }

  /** What stands in the log as written by `handle`, in order. */
  messagesTo(handle: string): Extract<StreamItem, { kind: 'message' }>[] {
    return this.#account(handle).items.filter(
      (item): item is Extract<StreamItem, { kind: 'message' }> => item.kind === 'message' && item.to === handle,
    )
  }

  page(handle: string, after: number): { items: StreamItem[]; more: boolean } {
    const rest = this.#account(handle).items.filter((item) => item.seq > after)
    return { items: rest.slice(0, this.pageSize), more: rest.length > this.pageSize }
  }

  sealedPage(handle: string, device: string): { packets: SealedPacket[]; more: boolean } {
    const waiting = this.#account(handle).mail.get(device) ?? []
    return { packets: waiting.slice(0, this.pageSize), more: waiting.length > this.pageSize }
  }

  /** Everything that was ever put into a mailbox, as the wire had it. */
  readonly sealed: SealedPacket[] = []

  /** Puts any packet into a mailbox and pushes it. */
  deliver(handle: string, device: string, packet: Omit<SealedPacket, 'id' | 'at'>): void {
    const account = this.#account(handle)
    const mail = account.mail.get(device) ?? []
    const sealed = { ...packet, id: this.nextSeq(), at: this.clock.now() }
    account.mail.set(device, [...mail, sealed])
    this.sealed.push(sealed)
    for (const link of account.links) if (link.device === device) link.pushSealed([sealed])
  }

  /** Takes a message as from a client of this sender. */
  post(from: Identified, cid: number, to: string, body: WireBody): { seq: number; at: number } {
    const name = `${from.handle} ${from.device} ${cid}`
    const known = this.#sent.get(name)
    if (known) return known
    const seq = ++this.#seq
    const at = this.clock.now()
    this.#sent.set(name, { seq, at })
    const recipient = this.#account(to)
    const item: StreamItem = {
      kind: 'message',
      seq,
      from: from.handle,
      fromKey: from.key,
      to,
      toKey: recipient.key,
      device: from.device,
      cid,
      body,
      at,
    }
    this.inject(from.handle, item)
    this.inject(to, item)
    return { seq, at }
  }

  nextSeq(): number {
    return ++this.#seq
  }

  /** Puts any item into an account's stream and pushes it. */
  inject(handle: string, item: StreamItem): void {
    const account = this.#account(handle)
    account.items.push(item)
    for (const link of account.links) link.push([item])
  }

  /** As the real one, with the turns of this connection: what is of a turn that was refused for the moment is refused too. */
  answer<K extends RequestName>(by: Identified, turns: Turns, name: K, input: RequestInput<K>): RequestOutput<K>
  answer(by: Identified, turns: Turns, name: RequestName, input: never): unknown {
    this.asked.push({ by: by.handle, name, input })
    const message = laneOf(name, input)
    const refusal = this.refuse(name, input)
    if (message && refusal && isTemporary(refusal)) turns.end(message, refusal.code)
    const over = message && turns.over(message)
    if (refusal) return { ok: false, ...refusal }
    return over ? { ok: false, code: over } : this.#handlers[name](by, input)
  }

  readonly #handlers: { [K in RequestName]: (by: Identified, input: RequestInput<K>) => unknown } = {
    'session.take': () => ({ ok: true }),
    'message.send': (by, { cid, to, toKey, body }) => {
      const recipient = this.accounts.get(to)
      if (!recipient) return { ok: false, code: 'unknown-handle' }
      if (recipient.key !== toKey) return { ok: false, code: 'wrong-key' }
      if (body.kind === 'file' && !this.media.has(body.media)) return { ok: false, code: 'not-found' }
      return { ok: true, ...this.post(by, cid, to, body) }
    },
    'receipt.set': (by, { peer, state, upTo }) => {
      if (!this.accounts.has(peer)) return { ok: false, code: 'unknown-handle' }
      const seq = this.nextSeq()
      const item = { kind: 'receipt', seq, by: by.handle, state, upTo: Math.min(upTo, seq), at: this.clock.now() } as const
      this.inject(by.handle, { ...item, peer })
      this.inject(peer, { ...item, peer: by.handle })
      return { ok: true }
    },
    'stream.read': (by, { after }) => ({ ok: true, ...this.page(by.handle, after) }),
    'prekeys.publish': (by, prekeys) => {
      const held = this.#account(by.handle).prekeys
      const { x25519 = [], mlkem768 = [] } = held.get(by.device) ?? {}
      held.set(by.device, { ...prekeys, x25519: [...x25519, ...prekeys.x25519], mlkem768: [...mlkem768, ...prekeys.mlkem768] })
      return { ok: true }
    },
    'prekeys.left': (by) => {
      const held = this.#account(by.handle).prekeys.get(by.device)
      return { ok: true, x25519: held?.x25519.length ?? 0, mlkem768: held?.mlkem768.length ?? 0, signed: held?.signed.id ?? null }
    },
    'prekeys.take': (_by, { handle, key }) => {
      const account = this.accounts.get(handle)
      if (!account) return { ok: false, code: 'unknown-handle' }
      if (account.key !== key) return { ok: false, code: 'wrong-key' }
      const devices = [...account.prekeys].map(([device, { certificate, signed, lastResort, x25519, mlkem768 }]) => {
        account.prekeys.set(device, { certificate, signed, lastResort, x25519: x25519.slice(1), mlkem768: mlkem768.slice(1) })
        return { device, certificate, signed, lastResort, x25519: x25519[0] ?? null, mlkem768: mlkem768[0] ?? null }
      })
      return { ok: true, devices }
    },
    'sealed.send': (by, { cid, to, toKey, toDevice, packet }) => {
      const recipient = this.accounts.get(to)
      if (!recipient) return { ok: false, code: 'unknown-handle' }
      if (recipient.key !== toKey) return { ok: false, code: 'wrong-key' }
      if (!recipient.prekeys.has(toDevice)) return { ok: false, code: 'unknown-device' }
      const name = `sealed ${by.handle} ${by.device} ${cid}`
      if (!this.#sent.has(name)) this.deliver(to, toDevice, { from: by.handle, fromKey: by.key, fromDevice: by.device, packet })
      this.#sent.set(name, { seq: 0, at: this.clock.now() })
      return { ok: true, at: this.clock.now() }
    },
    'sealed.read': (by) => ({ ok: true, ...this.sealedPage(by.handle, by.device) }),
    'sealed.done': (by, { upTo }) => {
      const { mail } = this.#account(by.handle)
      mail.set(
        by.device,
        (mail.get(by.device) ?? []).filter(({ id }) => id > upTo),
      )
      return { ok: true }
    },
    'media.grant': () => {
      const id = new Uint8Array(16)
      new DataView(id.buffer).setUint32(0, ++this.#grants)
      return { ok: true, media: toBase64Url(id), token: `token ${this.#grants}` }
    },
    'link.publish': () => ({ ok: true, slug: 'a-page' }),
    'account.holdings': () => ({ ok: true, holdings: { computedAt: this.clock.now(), tables: [], seenNotStored: [] } }),
    echo: (_by, { n }) => ({ ok: true, n, at: this.clock.now() }),
  }

  #account(handle: string): Account {
    const account = this.accounts.get(handle)
    if (!account) throw new Error(`nobody is called ${handle}`)
    return account
  }
}

interface Pending {
  readonly ask: () => unknown
  readonly settle: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

export class FakeLink implements RelayLink {
  online = false
  #turns = new Turns()
  readonly typed: string[] = []
  http: (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>
  readonly device: string
  readonly #relay: FakeRelay
  readonly #who: Identified
  readonly #cursor: () => number
  readonly #auto: boolean
  readonly #up: Pending[] = []
  readonly #down: (() => void)[] = []
  readonly #pending = new Set<Pending>()
  readonly #onlineEvent = createEvents<Missed>()
  readonly #offlineEvent = createEvents<void>()
  readonly #itemsEvent = createEvents<readonly StreamItem[]>()
  readonly #sealedEvent = createEvents<readonly SealedPacket[]>()
  readonly #typingEvent = createEvents<string>()

  constructor(relay: FakeRelay, who: Identified, cursor: () => number, auto: boolean) {
    this.#relay = relay
    this.#who = who
    this.device = who.device
    this.#cursor = cursor
    this.#auto = auto
    this.http = (request) => mediaHost(relay, request)
  }

  onOnline: RelayLink['onOnline'] = (listener) => this.#onlineEvent.on(listener)
  onOffline: RelayLink['onOffline'] = (listener) => this.#offlineEvent.on(listener)
  onItems: RelayLink['onItems'] = (listener) => this.#itemsEvent.on(listener)
  onSealed: RelayLink['onSealed'] = (listener) => this.#sealedEvent.on(listener)
  onTyping: RelayLink['onTyping'] = (listener) => this.#typingEvent.on(listener)
  sendTyping = (to: string) => void this.typed.push(to)

  request<K extends RequestName>(name: K, input: RequestInput<K>, signal?: AbortSignal): Promise<RequestOutput<K>> {
    if (!this.online) return Promise.reject(new BackendError('not-connected'))
    const turns = this.#turns
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        ask: () => this.#relay.answer(this.#who, turns, name, input),
        settle: (answer) => resolve(answer as RequestOutput<K>),
        reject,
      }
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.#pending.add(pending)
      this.#up.push(pending)
      if (this.#auto) queueMicrotask(() => this.stepAll())
    })
  }

  /** A proven session begins. */
  connect(): void {
    if (this.online) return
    this.online = true
    this.#turns = new Turns()
    const account = this.#relay.register(this.#who.handle, this.#who.key)
    account.links.add(this)
    const { handle, device } = this.#who
    const sealed = this.#relay.sealedPage(handle, device)
    this.#onlineEvent.emit({ ...this.#relay.page(handle, this.#cursor()), sealed, relayNow: this.#relay.clock.now() })
  }

  /** Requests the relay has not seen are gone, and so are answers and pushes under way. */
  disconnect(): void {
    if (!this.online) return
    this.online = false
    this.#relay.accounts.get(this.#who.handle)?.links.delete(this)
    this.#up.length = 0
    this.#down.length = 0
    const lost = [...this.#pending]
    this.#pending.clear()
    this.#offlineEvent.emit()
    for (const pending of lost) pending.reject(new BackendError('not-connected'))
  }

  push(items: readonly StreamItem[]): void {
    this.#down.push(() => this.#itemsEvent.emit(items))
    if (this.#auto) queueMicrotask(() => this.stepAll())
  }

  pushSealed(packets: readonly SealedPacket[]): void {
    this.#down.push(() => this.#sealedEvent.emit(packets))
    if (this.#auto) queueMicrotask(() => this.stepAll())
  }

  type(from: string): void {
    this.#typingEvent.emit(from)
  }

  /** The relay takes the next request. */
  stepUp(): boolean {
    const pending = this.#up.shift()
    if (!pending) return false
    const answer = pending.ask()
    this.#down.push(() => {
      this.#pending.delete(pending)
      pending.settle(answer)
    })
    return true
  }

  /** The next answer or push arrives. */
  stepDown(): boolean {
    const next = this.#down.shift()
    next?.()
    return next !== undefined
  }

  stepAll(): void {
    while (this.online && (this.stepUp() || this.stepDown())) {
      // Until nothing is under way.
    }
  }
}

async function mediaHost(relay: FakeRelay, { method, path, headers, body }: HttpRequest): Promise<HttpResponse> {
  const id = path.replace('/m/', '')
  const answer = (status: number, bytes: Uint8Array = new Uint8Array(0), more: Record<string, string> = {}): HttpResponse => ({
    status,
    headers: more,
    body: Readable.from([bytes], { objectMode: false }),
    recipe: 'plain',
  })
  if (method === 'PUT') {
    const chunks: Uint8Array[] = []
    if (body instanceof Uint8Array) chunks.push(body)
    else for await (const chunk of body ?? []) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    if (bytes.length !== Number(headers['content-length'])) return answer(400)
    const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '')?.map(Number) ?? []
    const before = first === undefined ? Buffer.alloc(0) : (relay.parts.get(id) ?? Buffer.alloc(0))
    if ((first ?? 0) > before.length) return answer(409, undefined, { 'upload-offset': String(before.length) })
    const now = Buffer.concat([before.subarray(0, first ?? 0), bytes])
    relay.parts.set(id, now)
    if (size !== undefined && last !== undefined && last + 1 < size) return answer(202, undefined, { 'upload-offset': String(now.length) })
    relay.media.set(id, now)
    return answer(204)
  }
  if (method === 'DELETE') return answer(relay.media.delete(id) ? 204 : 404)
  const bytes = relay.media.get(id)
  if (!bytes) return answer(404)
  const from = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]
  if (from === undefined) return answer(200, bytes, { 'content-length': String(bytes.length) })
  return answer(206, bytes.subarray(Number(from)), { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
}
