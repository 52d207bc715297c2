/** The chat plane: socket.io sessions, each proven by a login bound to its TLS session before anything else is heard. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { Server, type Socket } from 'socket.io'
import * as v from 'valibot'
import type { SignedBundle } from '../shared/protocol/bundle.ts'
import { type LoginRefusal, type RelayHello, type RequestName, STREAM_PAGE, Typing } from '../shared/protocol/relay.ts'
import { type Clock, sleep } from '../shared/util/clock.ts'
import type { SigningKey } from '../shared/util/signing.ts'
import type { BundleKeeper } from './bundle-keeper.ts'
import { corkFlushes, type Gathering } from './gathering.ts'
import { errorFacts, type Log } from './log.ts'
import { decideLogin, type LoggedIn } from './login.ts'
import type { Presence, Session } from './presence.ts'
import type { RateLimiter } from './rate-limit.ts'
import { PAGE_BYTES, type Requests } from './requests.ts'
import type { Store } from './store/store.ts'
import { Turns } from './turns.ts'

export const CHAT_PATH = '/socket.io/'
/** The largest publication of prekeys, which is longer than the longest text with each unit escaped as six characters. */
const MAX_PACKET_BYTES = 262_144
const LOGIN_TIMEOUT_MS = 10_000
const MAX_LOGINS_PER_CONNECTION = 5
/** In characters. A device that lets this much pile up is dropped; its cursor brings it back to where it was. */
const MAX_BACKLOG = 4 * 1024 * 1024
const TYPING_EVERY_MS = 500
const CLOSE_WAIT_MS = 1000
/** All that a connection may ask while it waits to take over. */
const onStandby: ReadonlySet<RequestName> = new Set(['echo', 'session.take'])
/** What it is told of what was missed: that it must ask. */
const untold = { page: { items: [], more: true }, sealed: { packets: [], more: true } }

export interface ChatParts {
  readonly store: Store
  readonly presence: Presence
  readonly requests: Requests
  readonly limiter: RateLimiter
  readonly bundles: BundleKeeper
  readonly gathering: Gathering
  readonly relayKey: SigningKey
  readonly clock: Clock
  readonly log: Log
}

export interface Chat {
  request(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  pushBundle(bundle: SignedBundle): void
  /** Refuses logins from now on. */
  drain(): void
  /** Resolves when every session has ended, after what it was still owed. */
  close(): Promise<void>
}

export function createChat(parts: ChatParts): Chat {
  const { store, presence, requests, limiter, bundles, gathering, relayKey, clock, log } = parts
  // Never listens: it only gives engine.io something to hang its routes on. Host names are sorted out before.
  const routes = createServer()
  const io = new Server(routes, {
    path: CHAT_PATH,
    serveClient: false,
    transports: ['websocket', 'polling'],
    // A login proves the connection it came by; moving the session to another one would leave that one unproven.
    allowUpgrades: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: MAX_PACKET_BYTES,
    connectTimeout: LOGIN_TIMEOUT_MS,
  })
  const sids = new WeakMap<IncomingMessage, string>()
  /** The connection each session last spoke on: for polling that of the newest POST, which may carry the login. */
  const lanes = new Map<string, TLSSocket>()
  const attempts = new WeakMap<TLSSocket, number>()
  const logins = new WeakMap<Socket, LoggedIn>()
  let isDraining = false

  io.engine.generateId = (request: IncomingMessage) => {
    const sid = randomBytes(15).toString('base64url')
    sids.set(request, sid)
    return sid
  }
  io.engine.on('connection', (connection: Socket['conn']) => {
    const sid = sids.get(connection.request)
    if (sid === undefined || !(connection.request.socket instanceof TLSSocket)) return
    lanes.set(sid, connection.request.socket)
    connection.once('close', () => lanes.delete(sid))
    corkFlushes(connection)
  })

  const login = (socket: Socket): LoginRefusal | null => {
    const sid = sids.get(socket.conn.request)
    const connection = sid === undefined ? undefined : lanes.get(sid)
    if (sid === undefined || !connection) return 'bad-login'
    const attempt = (attempts.get(connection) ?? 0) + 1
    attempts.set(connection, attempt)
    if (isDraining || attempt > MAX_LOGINS_PER_CONNECTION) return 'overloaded'
    const decision = decideLogin({ auth: socket.handshake.auth, sid, connection }, store.accounts, relayKey, clock.now())
    if (!decision.ok) return decision.refusal
    logins.set(socket, decision.login)
    return null
  }

  io.use((socket, next) => {
    let refusal: LoginRefusal | null
    try {
      refusal = login(socket)
    } catch (error) {
      log.error(errorFacts(error), 'login failed')
      refusal = 'overloaded'
    }
    if (refusal) log.info({ refusal }, 'login refused')
    if (refusal === 'overloaded') socket.conn.once('drain', () => socket.conn.close())
    next(refusal ? new Error(refusal) : undefined)
  })

  io.on('connection', (socket) => {
    const proven = logins.get(socket)
    if (!proven) return void socket.disconnect(true)
    try {
      welcome(socket, proven)
    } catch (error) {
      log.error(errorFacts(error), 'session could not begin')
      socket.disconnect(true)
    }
  })

  const welcome = (socket: Socket, proven: LoggedIn): void => {
    const takeOver = (race: number) => {
      if (!isWaiting) return true
      isWaiting = false
      session.race = { ...session.race, race }
      const isTaken = presence.enter(session)
      if (isTaken) listenForMore()
      else session.drop()
      return isTaken
    }
    let isWaiting = proven.standby
    const session = createSession(socket, proven, parts, takeOver)
    if (!(isWaiting ? presence.wait(session) : presence.enter(session))) return void socket.disconnect(true)
    socket.on('disconnect', () => {
      presence.leave(session)
      limiter.prune(clock.monotonic())
    })
    const { page, sealed } = isWaiting ? untold : missed(session, proven)
    const { signed, bundle } = bundles.current
    const hello: RelayHello = {
      signature: proven.helloSignature,
      at: clock.now(),
      ...page,
      sealed,
      ...(proven.bundleVersion < bundle.version && { bundle: signed }),
    }
    // Before anything else: it shares the flight that carries socket.io's own answer to CONNECT.
    socket.emit('hello', hello)
    const listen = (name: RequestName) =>
      socket.on(name, (input: unknown, answer: unknown) => {
        if (typeof answer !== 'function') return
        requests.handle(name, session, input, (output) => {
          gathering.hold(socket.conn)
          answer(output)
        })
      })
    const listenForMore = () => {
      for (const name of requests.names) if (!onStandby.has(name)) listen(name)
      listenForTyping(socket, session)
    }
    for (const name of onStandby) listen(name)
    if (!isWaiting) listenForMore()
  }

  /** What the device has not had yet; after the last of it, what is new follows. */
  const missed = (session: Session, { account, cursor, device }: LoggedIn) => {
    const page = store.journal.read(account, cursor, { items: STREAM_PAGE, bytes: PAGE_BYTES })
    session.caughtUp = !page.more
    const sealed = store.mailboxes.read(device, 0)
    session.mailCaughtUp = !sealed.more
    return { page, sealed }
  }

  const listenForTyping = (socket: Socket, session: Session): void => {
    let lastAt = Number.NEGATIVE_INFINITY
    socket.on('typing', (input: unknown) => {
      const now = clock.monotonic()
      const parsed = v.safeParse(Typing, input)
      if (!parsed.success || now - lastAt < TYPING_EVERY_MS) return
      lastAt = now
      const account = store.accounts.byHandle(parsed.output.to)
      if (account) for (const other of presence.of(account)) other.typing(session.account.handle)
    })
  }

  return {
    request(request, response) {
      const sid = new URL(request.url ?? '/', 'https://relay.invalid').searchParams.get('sid')
      if (request.method === 'POST' && sid !== null && lanes.has(sid) && request.socket instanceof TLSSocket) lanes.set(sid, request.socket)
      routes.emit('request', request, response)
    },
    upgrade: (request, socket, head) => void routes.emit('upgrade', request, socket, head),
    pushBundle: (bundle) => void io.emit('bundle', bundle),
    drain() {
      isDraining = true
    },
    async close() {
      const connections = [...io.sockets.sockets.values()].map((socket) => socket.conn)
      const closed = connections.map((connection) => new Promise<void>((resolve) => void connection.once('close', () => resolve())))
      // Says goodbye only after what is still to be sent; a client that does not read is not waited for long.
      io.disconnectSockets(true)
      await Promise.race([Promise.all(closed), sleep(clock, CLOSE_WAIT_MS)])
      await io.close()
    },
  }
}

function createSession(
  socket: Socket,
  { account, device, deviceName, race }: LoggedIn,
  { gathering, log }: ChatParts,
  takeOver: Session['takeOver'],
): Session {
  let backlog = 0
  // engine.io flushes only when the line has taken everything before, so what was counted until now has left.
  socket.conn.on('flush', () => {
    backlog = 0
  })
  /** Each item as JSON. */
  const push = (event: 'items' | 'sealed', items: readonly string[]): void => {
    const text = items.join(',')
    backlog += text.length
    if (backlog <= MAX_BACKLOG) {
      gathering.hold(socket.conn)
      // An event by socket.io's protocol, put together here: its own encoder would look through every item for binary parts.
      socket.conn.write(`2["${event}",[${text}]]`)
      return
    }
    log.warn({}, 'a device took too little of what was sent to it and was dropped')
    socket.disconnect(true)
  }
  return {
    account,
    device,
    deviceName,
    race,
    caughtUp: false,
    mailCaughtUp: false,
    turns: new Turns(),
    push: (items) => push('items', items),
    pushSealed: (packets) =>
      push(
        'sealed',
        packets.map((packet) => JSON.stringify(packet)),
      ),
    typing: (from) => void socket.volatile.emit('typing', { from }),
    drop: () => void socket.disconnect(true),
    takeOver,
  }
}
