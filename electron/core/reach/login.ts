/**
 * The login: socket.io over one TLS session that somebody else brought about. A session exists only after the relay's signature
 * over this very TLS session verified; anything else never becomes one.
 */
import { Agent } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { io, type ManagerOptions, type SocketOptions } from 'socket.io-client'
import * as v from 'valibot'
import {
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  LOGIN_PURPOSE,
  type Login,
  LoginRefusal,
  RELAY_HELLO_PURPOSE,
  RELAY_PROTOCOL,
  RelayHello,
} from '../../../shared/protocol/relay.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { sign, verify } from '../../../shared/util/signing.ts'
import { classify, DialError } from '../net/errors.ts'
import type { Identity } from './relay-link.ts'
import { liveSession, type Session, shut } from './session.ts'

export interface LoginOptions {
  readonly clock: Clock
  readonly identity: Identity
  /** 16 bytes, fresh: of the race that this login is from. */
  readonly nonce: Uint8Array
  /** Asked at the moment of login. */
  readonly cursor: () => number
  readonly bundleVersion: number
  /** Logs in beside the session in use, to wait. */
  readonly standby: boolean
  /** The number of the race that one that waits wins when it takes over. */
  readonly nextRace: () => number
  /** base64url, from the bundle. */
  readonly relayKey: string
  readonly host: string
  readonly port: number
  /** Awaited between the WebSocket upgrade and the login, so that logins do not all come at once. */
  readonly turn: () => Promise<void>
}

/** Hands over the one connected socket, for the one request that becomes the WebSocket. */
class HandOver extends Agent {
  readonly #socket: TLSSocket
  constructor(socket: TLSSocket) {
    super({ keepAlive: false })
    this.#socket = socket
  }
  override createConnection(): Duplex {
    return this.#socket
  }
}

/**
 * Logs in over `tls`, which is the session's from here on and destroyed with it. Rejects with the signal's reason or a
 * `DialError`: `unproven` (code `channel-mismatch`, `bad-signature`, `not-a-relay`), `denied` (code: the relay's refusal, or
 * `status-…`), `reset`, `closed`.
 */
export function openSession(tls: TLSSocket, options: LoginOptions, signal: AbortSignal): Promise<Session> {
  const { clock, identity, nonce, host, port, turn } = options
  return new Promise((resolve, reject) => {
    const authority = port === 443 ? host : `${host}:${port}`
    let login: { signed: Login; exporter: Buffer; sid: string; at: number; sentAt: number } | null = null
    let settled = false

    const choices: Partial<ManagerOptions & SocketOptions> = {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: 600_000,
      auth: (answer) => {
        turn().then(
          () => {
            if (settled) return
            login = signLogin()
            answer(login.signed)
          },
          (error: unknown) => fail(error),
        )
      },
    }
    // engine.io's Node build takes any http.Agent; its types are the browser's.
    Object.assign(choices, { agent: new HandOver(tls) })
    const socket = io(`http://${authority}`, choices)
    const signLogin = () => {
      const sid = socket.io.engine.id
      const exporter = tls.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
      const { handle, key, device } = identity
      const signature = sign(LOGIN_PURPOSE, [sid, exporter, handle, key.publicKey, device, nonce], key)
      const signed: Login = {
        v: RELAY_PROTOCOL,
        handle,
        key: toBase64Url(key.publicKey),
        device: toBase64Url(device),
        nonce: toBase64Url(nonce),
        signature: toBase64Url(signature),
        cursor: options.cursor(),
        bundleVersion: options.bundleVersion,
        ...(options.standby && { standby: true as const }),
      }
      return { signed, exporter, sid, at: clock.now(), sentAt: clock.monotonic() }
    }

    const settle = () => {
      settled = true
      signal.removeEventListener('abort', onAbort)
      tls.off('close', onClose)
      socket.off()
    }
    const fail = (error: unknown) => {
      if (settled) return
      settle()
      shut(socket, tls)
      reject(error)
    }
    const onAbort = () => fail(signal.reason)
    const onClose = () => fail(tls.errored ? classify(tls.errored) : new DialError('closed'))
    signal.addEventListener('abort', onAbort, { once: true })
    tls.on('close', onClose)
    if (signal.aborted) onAbort()

    socket.on('connect_error', (error) => {
      // A broken connection is told by the TLS session itself, with its cause.
      if (!tls.destroyed || isAnswer(error)) fail(refusalOf(error))
    })
    socket.on('disconnect', () => fail(new DialError('closed')))
    socket.on('hello', (raw: unknown) => {
      const hello = v.safeParse(RelayHello, raw)
      if (!hello.success || !login) return fail(new DialError('unproven', 'not-a-relay'))
      const parts = [login.sid, login.exporter, nonce, identity.key.publicKey, identity.device]
      const signature = fromBase64Url(hello.output.signature)
      if (!verify(RELAY_HELLO_PURPOSE, parts, signature, fromBase64Url(options.relayKey))) {
        return fail(new DialError('unproven', 'bad-signature'))
      }
      settle()
      // Half the round trip passed since the relay looked at its clock.
      const clockSkewMs = Math.round(hello.output.at - (login.at + clock.now()) / 2)
      const rttMs = clock.monotonic() - login.sentAt
      resolve(
        liveSession({ socket, tls, hello: hello.output, clockSkewMs, rttMs, standby: options.standby, nextRace: options.nextRace }, clock),
      )
    })
  })
}

/** Whether the other side said something, rather than the connection breaking. */
function isAnswer(error: Error): boolean {
  return v.is(LoginRefusal, error.message) || statusOf(error) !== null
}

function refusalOf(error: Error): DialError {
  const status = statusOf(error)
  if (status !== null) return new DialError('denied', `status-${status}`)
  // The relay cannot tell a login made for another TLS session from a forged one; either way nobody is proven here.
  if (error.message === 'channel-mismatch' || error.message === 'bad-signature') return new DialError('unproven', 'channel-mismatch')
  if (v.is(LoginRefusal, error.message)) return new DialError('denied', error.message)
  return new DialError('unproven', 'not-a-relay')
}

/** The HTTP status that answered instead of the WebSocket upgrade: `ws` tells it in the text of its error only. */
function statusOf(error: Error): number | null {
  const description: unknown = 'description' in error ? error.description : null
  const text = typeof description === 'object' && description !== null && 'message' in description ? String(description.message) : ''
  const match = /Unexpected server response: (\d{3})/.exec(text)
  return match ? Number(match[1]) : null
}
