/** The service that is connected to: socket.io behind TLS in memory, with polling as any has it, and with the relay's proof for who logs in. */
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { Server, type Socket } from 'socket.io'
import * as v from 'valibot'
import type { Certificate } from '../../../lab/services/authority.ts'
import { EXPORTER_BYTES, EXPORTER_LABEL, Login, RELAY_HELLO_PURPOSE } from '../../../shared/protocol/relay.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/util/bytes.ts'
import { type SigningKey, sign } from '../../../shared/util/signing.ts'

export interface Service {
  accept(stream: Duplex): void
  close(): void
}

export function createService(certificate: Certificate, relayKey: SigningKey, now: () => number): Service {
  const web = createServer({ ...certificate, minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'] })
  const server = new Server(web)
  web.on('request', (request, response) => {
    if (!request.url?.startsWith('/socket.io/')) response.writeHead(204).end()
  })
  const byDevice = new Map<string, Socket>()
  const sids = new WeakMap<object, string>()
  let made = 0
  server.engine.generateId = (request: object) => {
    const sid = `session-${++made}`
    sids.set(request, sid)
    return sid
  }
  server.on('connection', (socket) => {
    const { request } = socket.conn
    const login = v.safeParse(Login, socket.handshake.auth)
    // Others than ours say nothing of themselves, and are welcome.
    if (!login.success || !(request.socket instanceof TLSSocket)) return
    const { nonce, key, device } = login.output
    const exporter = request.socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
    const parts = [sids.get(request) ?? '', exporter, ...[nonce, key, device].map(fromBase64Url)]
    const signature = toBase64Url(sign(RELAY_HELLO_PURPOSE, parts, relayKey))
    socket.emit('hello', { signature, at: now(), items: [], more: false, sealed: { packets: [], more: false } })
    socket.on('echo', ({ n }: { n: number }, answer: (value: unknown) => void) => answer({ ok: true, n, at: now() }))
    socket.on('receipt.set', (_input: unknown, answer: (value: unknown) => void) => answer({ ok: true }))
    // As the relay does: one session a device.
    byDevice.get(device)?.disconnect(true)
    byDevice.set(device, socket)
  })
  return {
    accept: (stream) => void web.emit('connection', stream),
    close: () => void server.close(),
  }
}
