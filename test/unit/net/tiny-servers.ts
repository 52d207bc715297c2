/** Small proxies that really carry bytes, to test what speaks to them. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { readExactly, readUntil } from '../../../electron/core/net/read-stream.ts'

type Way = (host: string, port: number) => number | null
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

function join(client: Socket, port: number, first: string | Uint8Array): void {
  const far = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
    client.write(first)
    far.pipe(client)
    client.pipe(far)
  })
  far.on('error', () => client.destroy())
  far.on('close', () => client.destroy())
  client.on('close', () => far.destroy())
}

function proxy(serve: (client: Socket) => Promise<void>): Server {
  return createServer({ noDelay: true }, (client) => {
    client.on('error', () => {})
    serve(client).catch(() => client.destroy())
  })
}

/** RFC 1928 and 1929, for IPv4 targets. `way` says which local port is behind a target. */
export function socksProxy(way: Way, credentials?: Credentials): Server {
  return proxy(async (client) => {
    const [, count = 0] = await readExactly(client, 2, never)
    await readExactly(client, count, never)
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

export function httpConnectProxy(way: Way, credentials?: Credentials): Server {
  return proxy(async (client) => {
    const head = (await readUntil(client, '\r\n\r\n', 8_192, never)).toString()
    const wanted = credentials && Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')
    if (wanted && !head.includes(`Proxy-Authorization: Basic ${wanted}\r\n`))
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const [, host = '', port = ''] = head.match(/^CONNECT ([^ ]+):(\d+) /) ?? []
    const local = way(host, Number(port))
    if (local === null) return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    join(client, local, 'HTTP/1.1 200 Connection established\r\n\r\n')
  })
}
