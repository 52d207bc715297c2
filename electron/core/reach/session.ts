/** A proven session with the relay, from the moment of its proof: requests, what is pushed, and how it is noticed that it fell silent. */
import type { TLSSocket } from 'node:tls'
import type { Socket } from 'socket.io-client'
import * as v from 'valibot'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { SignedBundle } from '../../../shared/protocol/bundle.ts'
import {
  pushes,
  type RelayHello,
  type RequestInput,
  type RequestName,
  type RequestOutput,
  requests,
  type StreamItem,
} from '../../../shared/protocol/relay.ts'
import type { SealedPacket } from '../../../shared/protocol/secret.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { createHeartbeat } from './heartbeat.ts'

/** What arrives, from `attach` on; until then it waits. */
export interface SessionListener {
  items(items: readonly StreamItem[]): void
  sealed(packets: readonly SealedPacket[]): void
  typing(from: string): void
  bundle(raw: SignedBundle): void
  /** What we wrote has stayed unanswered too long; `since` when it was written, monotonic. May yet recover. */
  suspect(since: number): void
  /** Something arrived again after all. */
  recovered(): void
  /** An echo was answered: the session carries both ways. */
  echoed(): void
  /** The last event, unless `close` was called. */
  closed(): void
}

export interface Session {
  readonly hello: RelayHello
  /** Service clock minus ours, ms. */
  readonly clockSkewMs: number
  attach(listener: SessionListener): void
  /** Rejects `not-connected` when the session ends first or nothing comes for ten seconds. */
  request<K extends RequestName>(name: K, input: RequestInput<K>, signal?: AbortSignal): Promise<RequestOutput<K>>
  sendTyping(to: string): void
  /** What the relay's clock says now, if it went on as ours did. */
  relayNow(): number
  /** Of one that waits: the relay ends the session before, and takes everything by this one. Goes before whatever is asked next. */
  takeOver(): void
  /** Asks for an echo now instead of at the next beat. */
  prod(): void
  /** Bytes so far, both directions. */
  carried(): number
  close(): void
}

const ANSWER_MS = 10_000

export interface Proven {
  readonly socket: Socket
  readonly tls: TLSSocket
  readonly hello: RelayHello
  readonly clockSkewMs: number
  /** From the login to its proof. */
  readonly rttMs: number
  /** It waits until `takeOver`. */
  readonly standby: boolean
  readonly nextRace: () => number
}

export function liveSession({ socket, tls, hello, clockSkewMs, rttMs, standby, nextRace }: Proven, clock: Clock): Session {
  let listener: SessionListener | null = null
  const waiting: ((to: SessionListener) => void)[] = []
  const pending = new Set<() => void>()
  let closed = false
  let isWaiting = standby
  const beganAt = clock.monotonic()
  let echoes = 0
  const tell = (event: (to: SessionListener) => void) => (listener ? event(listener) : void waiting.push(event))

  const heartbeat = createHeartbeat({
    clock,
    rttMs,
    beat: () => {
      request('echo', { n: ++echoes }).then(
        () => tell((to) => to.echoed()),
        () => {},
      )
    },
    onSuspect: (since) => tell((to) => to.suspect(since)),
    onRecovered: () => tell((to) => to.recovered()),
    isIdle: () => isWaiting,
  })
  const end = () => {
    if (closed) return false
    closed = true
    heartbeat.stop()
    shut(socket, tls)
    for (const drop of [...pending]) drop()
    return true
  }
  const lost = () => {
    if (end()) tell((to) => to.closed())
  }

  const request: Session['request'] = (name, input, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (closed) return reject(new BackendError('not-connected'))
      const done = (finish: () => void) => {
        timer.cancel()
        pending.delete(drop)
        signal?.removeEventListener('abort', onAbort)
        heartbeat.answered()
        finish()
      }
      const drop = () => done(() => reject(new BackendError('not-connected')))
      const onAbort = () => done(() => reject(signal?.reason))
      const timer = clock.after(ANSWER_MS, drop)
      pending.add(drop)
      signal?.addEventListener('abort', onAbort, { once: true })
      const sentAt = clock.monotonic()
      if (name !== 'echo') heartbeat.used()
      heartbeat.wrote()
      socket.emit(name, input, (raw: unknown) => {
        if (!pending.has(drop)) return
        heartbeat.sample(clock.monotonic() - sentAt)
        heartbeat.heard()
        const answer = v.safeParse(requests[name].output, raw)
        done(() => (answer.success ? resolve(answer.output) : reject(new BackendError('internal', `malformed answer to ${name}`))))
      })
    })

  /** Checks a push; a malformed one from a proven relay is dropped, and what it should have brought is read again later. */
  const on = <S extends v.GenericSchema>(name: string, schema: S, take: (value: v.InferOutput<S>) => void) => {
    socket.on(name, (raw: unknown) => {
      heartbeat.used()
      heartbeat.heard()
      const parsed = v.safeParse(schema, raw)
      if (parsed.success) take(parsed.output)
    })
  }
  on('items', pushes.items, (items) => tell((to) => to.items(items)))
  on('sealed', pushes.sealed, (packets) => tell((to) => to.sealed(packets)))
  on('typing', pushes.typing, ({ from }) => tell((to) => to.typing(from)))
  on('bundle', pushes.bundle, (raw) => tell((to) => to.bundle(raw)))
  socket.on('disconnect', lost)
  tls.on('close', lost)

  return {
    hello,
    clockSkewMs,
    attach(to) {
      listener = to
      for (const event of waiting.splice(0)) event(to)
    },
    request,
    sendTyping(to) {
      if (!closed) socket.volatile.emit('typing', { to })
    },
    relayNow: () => hello.at + clock.monotonic() - beganAt,
    takeOver() {
      isWaiting = false
      // A refusal would be a relay that does not know what it was asked; then it answers nothing else either.
      request('session.take', { race: nextRace() }).catch(() => {})
    },
    prod: () => heartbeat.prod(),
    carried: () => tls.bytesRead + tls.bytesWritten,
    close: () => void end(),
  }
}

/** Leaves nothing open. */
export function shut(socket: Socket, tls: TLSSocket): void {
  socket.off()
  socket.disconnect()
  socket.io.engine?.close()
  tls.destroy()
}
