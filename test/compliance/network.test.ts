/** What every Network promises, asked of the real one and of the simulated one over the same local servers. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { labNetwork } from '../../electron/core/net/lab-network.ts'
import type { Network, SocketAddress } from '../../electron/core/net/network.ts'
import { systemNetwork } from '../../electron/core/net/system-network.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { type TinyGateway, tinyGateway } from '../unit/net/tiny-gateway.ts'

const never = new AbortController().signal
const portOf = (server: Server) => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

interface World {
  network: Network
  /** The address behind which that local port is. */
  at(port: number): SocketAddress
  close(): Promise<void>
}

const worlds: Record<string, () => Promise<World>> = {
  systemNetwork: async () => {
    const network = systemNetwork({ clock: systemClock })
    return { network, at: (port) => ({ address: '127.0.0.1', port }), close: async () => network.close() }
  },
  labNetwork: async () => {
    const gateway: TinyGateway = await tinyGateway()
    gateway.behind = (_address, port) => ({ port })
    gateway.datagram = ({ bytes, port }, reply) => {
      const local = createSocket('udp4')
      local.on('message', (message) => {
        reply(message)
        local.close()
      })
      local.send(bytes, port, '127.0.0.1')
    }
    const network = labNetwork({
      connect: () =>
        new Promise((resolve, reject) => {
          const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true })
          socket.once('connect', () => resolve(socket))
          socket.once('error', reject)
        }),
      client: 'alice',
      vantage: null,
      clock: systemClock,
    })
    if (!network.facts().up) await new Promise<void>((resolve) => void network.onChange(() => resolve()))
    return {
      network,
      at: (port) => ({ address: '240.16.0.10', port }),
      close: async () => {
        network.close()
        await gateway.close()
      },
    }
  },
}

describe.each(Object.entries(worlds))('%s', (_name, build) => {
  let world: World
  let server: Server
  let serve: (socket: Socket) => void
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    world = await build()
    server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
      serve(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
  })
  afterAll(async () => {
    await world.close()
    await new Promise((resolve) => server.close(resolve))
  })
  const open = () => world.network.connect(world.at(portOf(server)), never)

  it('carries bytes both ways, in order, more than any window holds', async () => {
    serve = (socket) => socket.pipe(socket)
    const stream = await open()
    const sent = Buffer.alloc(600_000, 'abcdefg')
    const got: Buffer[] = []
    stream.on('data', (bytes: Buffer) => got.push(bytes))
    stream.end(sent)
    await once(stream, 'end')
    expect(Buffer.concat(got).equals(sent)).toBe(true)
  })

  it('says ECONNREFUSED by connect where nobody listens', async () => {
    const unused = createServer()
    await new Promise<void>((resolve) => unused.listen(0, '127.0.0.1', resolve))
    const port = portOf(unused)
    await new Promise((resolve) => unused.close(resolve))
    await expect(world.network.connect(world.at(port), never)).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' })
  })

  it('says ECONNRESET by read when the connection is cut', async () => {
    serve = (socket) => void socket.once('data', () => socket.resetAndDestroy())
    const stream = await open()
    const failed = once(stream, 'error')
    stream.write('hello')
    const [error] = await failed
    expect(error).toMatchObject({ code: 'ECONNRESET', syscall: 'read' })
    expect(stream.destroyed).toBe(true)
  })

  it('tells an orderly end from a cut', async () => {
    serve = (socket) => void socket.end('bye')
    const stream: Duplex = await open()
    const got: Buffer[] = []
    stream.on('data', (bytes: Buffer) => got.push(bytes))
    await once(stream, 'end')
    expect(Buffer.concat(got).toString()).toBe('bye')
    expect(stream.errored).toBeNull()
    stream.destroy()
  })

  it('closes the other side when destroyed', async () => {
    const ended = new Promise<void>((resolve) => {
      serve = (socket) => void socket.on('end', () => resolve()).resume()
    })
    const stream = await open()
    stream.destroy()
    await ended
  })

  it('does not take bytes faster than the reader does', async () => {
    let written = 0
    serve = (socket) => {
      const more = () => {
        while (written < 50_000_000 && socket.write(Buffer.alloc(16_384))) written += 16_384
      }
      socket.on('drain', more)
      more()
    }
    const stream = await open()
    stream.pause()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(written).toBeLessThan(20_000_000)
    stream.destroy()
  })

  it('gives up with the reason of the signal', async () => {
    serve = () => {}
    const abort = new AbortController()
    abort.abort(new Error('enough'))
    await expect(world.network.connect(world.at(portOf(server)), abort.signal)).rejects.toThrow('enough')
  })

  it('exchanges a datagram, and ends without an error when told to', async () => {
    const echo = createSocket('udp4')
    echo.on('message', (bytes, from) => echo.send(Buffer.concat([Buffer.from('re:'), bytes]), from.port, from.address))
    await new Promise<void>((resolve) => echo.bind(0, '127.0.0.1', resolve))
    const abort = new AbortController()
    const replies: string[] = []
    for await (const reply of world.network.exchange(world.at(echo.address().port), Buffer.from('ping'), abort.signal)) {
      replies.push(Buffer.from(reply.bytes).toString())
      expect(reply.from).toEqual(world.at(echo.address().port))
      abort.abort()
    }
    expect(replies).toEqual(['re:ping'])
    echo.close()
  })

  it('knows what kind of network it is, and that it is up', () => {
    expect(world.network.facts()).toMatchObject({ up: true, kind: _name === 'labNetwork' ? 'simulated' : 'real' })
  })
})

it('never lets a name reach a connection of the real network', async () => {
  const network = systemNetwork({ clock: systemClock })
  await expect(network.connect({ address: 'localhost', port: 80 }, never)).rejects.toMatchObject({ code: 'EINVAL' })
  network.close()
})
