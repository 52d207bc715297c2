/** The loopback server of one user: the built pages, the exchange of a token for a session, and the WebSocket that carries frames. */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import * as v from 'valibot'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Port } from '../../shared/contract/port.ts'
import type { Random } from '../../shared/util/random.ts'
import { pageFile } from '../host/page-files.ts'
import { fileHeaders, pageHeaders } from '../host/security-headers.ts'
import { createGatekeeper, type Gatekeeper, type SessionMemory } from './gatekeeper.ts'
import { socketPort } from './socket-port.ts'

/** A piece of a file as base64 in JSON, with room to spare. */
export const MAX_FRAME_BYTES = 1024 * 1024
const MAX_TOKEN_BODY = 1024
/** Close code: another window of this profile took over. */
export const OPENED_ELSEWHERE = 4001
/** Close code: no session; the page says so, which a refused upgrade would not let it see. */
export const NOT_ALLOWED = 4003

const SessionRequest = v.strictObject({ token: v.pipe(v.string(), v.maxLength(128)) })

export interface ProfileServerOptions {
  readonly profile: string
  readonly pagesDir: string
  /** Tried first, so that an open page can be reloaded after a restart; a random one if it is taken. */
  readonly preferredPort: number
  readonly session: SessionMemory
  readonly random: Pick<Random, 'bytes'>
  /** Takes a window's port over; false if it cannot be served. */
  readonly join: (window: Port) => boolean
}

export interface ProfileServer {
  readonly port: number
  /** An address with a fresh one-time token in its fragment, which no server log and no referrer ever sees. */
  address(): string
  readonly connected: boolean
  onChanged(listener: () => void): void
  close(): Promise<void>
}

export async function startProfileServer(options: ProfileServerOptions): Promise<ProfileServer> {
  const server = createServer()
  const port = await listen(server, options.preferredPort)
  const gate = createGatekeeper(options.profile, port, options.random, options.session)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false })
  let current: WebSocket | null = null
  let onChanged: () => void = () => {}

  server.on('request', (request, response) => {
    answer(request, response, gate, options.pagesDir, port).catch(() => response.destroy())
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {})
    const fits = request.url === '/port' && gate.hostFits(request.headers) && gate.originFits(request.headers)
    if (!fits) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      if (!gate.hasSession(request.headers)) {
        accepted.close(NOT_ALLOWED, 'no session')
        return
      }
      current?.close(OPENED_ELSEWHERE, 'opened elsewhere')
      current = accepted
      accepted.on('close', () => {
        if (current !== accepted) return
        current = null
        onChanged()
      })
      if (!options.join(socketPort(accepted))) accepted.close(NOT_ALLOWED, 'no such user')
      onChanged()
    })
  })

  return {
    port,
    address: () => `http://127.0.0.1:${port}/#${gate.issueToken()}`,
    get connected() {
      return current !== null
    },
    onChanged: (listener) => {
      onChanged = listener
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, gate: Gatekeeper, pagesDir: string, port: number): Promise<void> {
  const socket = `ws://127.0.0.1:${port}`
  const send = (status: number, headers: Record<string, string> = {}, body: Buffer | string = '') => {
    response.writeHead(status, { ...pageHeaders(socket), ...headers, 'content-length': Buffer.byteLength(body) })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  if (!gate.hostFits(request.headers)) return send(421)
  const [path = ''] = (request.url ?? '').split(/[?#]/)
  if (path === '/session') {
    if (request.method !== 'POST') return send(405, { allow: 'POST' })
    if (!gate.originFits(request.headers)) return send(403)
    const token = await readToken(request)
    const cookie = token === null ? null : gate.exchange(token)
    return cookie === null ? send(403) : send(204, { 'set-cookie': cookie })
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, { allow: 'GET, HEAD' })
  const file = pageFile(pagesDir, path)
  const content = file && (await readFile(file.path).catch(() => null))
  return file && content ? send(200, { ...fileHeaders(file.path, content, socket), 'content-type': file.type }, content) : send(404)
}

async function readToken(request: IncomingMessage): Promise<string | null> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > MAX_TOKEN_BODY) return null
  }
  try {
    const parsed = v.safeParse(SessionRequest, JSON.parse(body))
    return parsed.success ? parsed.output.token : null
  } catch {
    return null
  }
}

function listen(server: Server, preferred: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onListening = () => resolve((server.address() as AddressInfo).port)
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' || preferred === 0) {
        reject(error)
        return
      }
      server.once('error', reject)
      server.listen(0, '127.0.0.1')
    })
    server.once('listening', onListening)
    server.listen(preferred, '127.0.0.1')
  })
}
