/** The least that proves itself as a relay does: socket.io behind TLS in memory, with the login and hello of the protocol. */
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { Server } from 'socket.io'
import * as v from 'valibot'
import { whoStays } from '../../../relay/overlap.ts'
import { createTunnels } from '../../../relay/tunnel.ts'
import { type LoginRace, raceOf } from '../../../shared/protocol/login-race.ts'
import { EXPORTER_BYTES, EXPORTER_LABEL, Login, RELAY_HELLO_PURPOSE } from '../../../shared/protocol/relay.ts'
import { TUNNEL_PATH } from '../../../shared/protocol/tunnel.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/util/bytes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { type SigningKey, sign } from '../../../shared/util/signing.ts'

export interface MiniRelay {
  /** Serves one connection. */
  accept(stream: Duplex): void
  /** Logins that were accepted, by device. */
  readonly logins: string[]
  /** Of them, those that wait. */
  readonly waiting: string[]
  /** The length of what was put, each time. */
  readonly stored: number[]
  close(): void
}

export function miniRelay(
  certificate: { cert: string; key: string },
  relayKey: SigningKey,
  now: () => number,
  clock = systemClock,
): MiniRelay {
  const web = createServer({ ...certificate, minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'] })
  const server = new Server(web, { transports: ['websocket'] })
  const tunnels = createTunnels((stream) => void web.emit('connection', stream), clock)
  const stored: number[] = []
  web.on('request', (request, response) => {
    const { url = '' } = request
    if (url.startsWith(TUNNEL_PATH)) return tunnels.request(request, response, url.slice(TUNNEL_PATH.length))
    if (request.method !== 'PUT') return
    let length = 0
    request.on('data', (bytes: Buffer) => {
      length += bytes.length
    })
    request.on('end', () => {
      stored.push(length)
      response.writeHead(201).end()
    })
  })
  web.on('upgrade', (request, socket, head) => {
    if (request.url === TUNNEL_PATH) tunnels.upgrade(request, socket, head)
  })
  const logins: string[] = []
  const waiting: string[] = []
  const byDevice = new Map<string, readonly { readonly race: LoginRace; end(): void }[]>()
  let made = 0
  const sids = new WeakMap<object, string>()
  server.engine.generateId = (request: object) => {
    const sid = `session-${++made}`
    sids.set(request, sid)
    return sid
  }
  server.on('connection', (socket) => {
    const login = v.parse(Login, socket.handshake.auth)
    const tls = socket.conn.request.socket
    if (!(tls instanceof TLSSocket)) throw new Error('not over TLS')
    const exporter = tls.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
    const mine = { race: raceOf(fromBase64Url(login.nonce)), end: () => void socket.disconnect(true) }
    const enter = (): boolean => {
      const together = whoStays(byDevice.get(login.device) ?? [], mine)
      if (!together) return false
      byDevice.set(login.device, together.stay)
      for (const older of together.end) older.end()
      return true
    }
    if (!login.standby && !enter()) return mine.end()
    if (login.standby) waiting.push(login.device)
    else logins.push(login.device)
    socket.on('session.take', ({ race }: { race: number }, answer: (value: unknown) => void) => {
      mine.race = { ...mine.race, race }
      if (enter()) answer({ ok: true })
      else mine.end()
    })
    socket.on('disconnect', () =>
      byDevice.set(
        login.device,
        (byDevice.get(login.device) ?? []).filter((other) => other !== mine),
      ),
    )
    const parts = [sids.get(socket.conn.request) ?? '', exporter, ...[login.nonce, login.key, login.device].map(fromBase64Url)]
    socket.emit('hello', {
      signature: toBase64Url(sign(RELAY_HELLO_PURPOSE, parts, relayKey)),
      at: now(),
      items: [],
      more: login.standby ?? false,
      sealed: { packets: [], more: login.standby ?? false },
    })
    socket.on('echo', ({ n }: { n: number }, answer: (value: unknown) => void) => answer({ ok: true, n, at: now() }))
    socket.on('message.send', (_input: unknown, answer: (value: unknown) => void) => answer({ ok: true, seq: ++made, at: now() }))
    socket.on('receipt.set', (_input: unknown, answer: (value: unknown) => void) => answer({ ok: true }))
  })
  return {
    accept: (stream) => void web.emit('connection', stream),
    logins,
    waiting,
    stored,
    close() {
      tunnels.close()
      void server.close()
    },
  }
}
