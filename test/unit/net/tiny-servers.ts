/** Small proxies that really carry bytes, to test what speaks to them. */
import { createServer as createWebServer } from 'node:https'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { readExactly, readUntil } from '../../../electron/core/net/read-stream.ts'

type Way = (host: string, port: number) => number | null
interface Certificate {
  cert: string
  key: string
}
interface Credentials {
  username: string
  password: string
}
const never = new AbortController().signal

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function join(client: Duplex, port: number, first: string | Uint8Array): void {
  const far = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
    client.write(first)
    far.pipe(client)
    client.pipe(far)
  })
  far.on('error', () => client.destroy())
  far.on('close', () => client.destroy())
  client.on('close', () => far.destroy())
}

function proxy(serve: (client: Socket) => Promise<void>, certificate?: Certificate): Server {
  const take = (client: Socket) => {
    client.on('error', () => {})
    serve(client).catch(() => client.destroy())
  }
  return certificate ? createTlsServer({ ...certificate, minVersion: 'TLSv1.3' }, take) : createServer({ noDelay: true }, take)
}

/** RFC 1928 and 1929, for IPv4 targets. `way` says which local port is behind a target. `forgetful`: what came with the greeting is lost. */
export function socksProxy(way: Way, credentials?: Credentials, forgetful = false): Server {
  return proxy(async (client) => {
    const [, count = 0] = await readExactly(client, 2, never)
    await readExactly(client, count, never)
    if (forgetful) client.read()
    client.write(Uint8Array.of(5, credentials ? 2 : 0))
    if (credentials) {
      const [, nameLength = 0] = await readExactly(client, 2, never)
      const name = (await readExactly(client, nameLength, never)).toString()
      const [wordLength = 0] = await readExactly(client, 1, never)
      const word = (await readExactly(client, wordLength, never)).toString()
      const ok = name === credentials.username && word === credentials.password
      client.write(Uint8Array.of(1, ok ? 0 : 1))
      if (!ok) return void client.end()
    }
    await readExactly(client, 4, never)
    const host = [...(await readExactly(client, 4, never))].join('.')
    const port = (await readExactly(client, 2, never)).readUInt16BE()
    const local = way(host, port)
    if (local === null) return void client.end(Uint8Array.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0))
    join(client, local, Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
  })
}

/** With a certificate: inside TLS. */
export function httpConnectProxy(way: Way, credentials?: Credentials, certificate?: Certificate): Server {
  return proxy(async (client) => {
    const head = (await readUntil(client, '\r\n\r\n', 8_192, never)).toString()
    const wanted = credentials && Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')
    if (wanted && !head.includes(`Proxy-Authorization: Basic ${wanted}\r\n`))
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const [, host = '', port = ''] = head.match(/^CONNECT ([^ ]+):(\d+) /) ?? []
    const local = way(host, Number(port))
    if (local === null) return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    join(client, local, 'HTTP/1.1 200 Connection established\r\n\r\n')
  }, certificate)
}

/** A web site over TLS; on `path`, a WebSocket leads to the local port. */
export function webSocketBridge(certificate: Certificate, path: string, port: () => number | null): Server {
  const web = createWebServer(
    { ...certificate, minVersion: 'TLSv1.3' },
    (_request, response) => void response.writeHead(404).end('Not Found'),
  )
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  web.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {})
    const to = port()
    if (request.url !== path) return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
    if (to === null) return void socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const stream = createWebSocketStream(opened)
      stream.on('error', () => {})
      join(stream, to, '')
    })
  })
  return web
}
