/** The plain client against a real socket.io server over TLS: connected, cut off, and connected again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { decode, encode } from 'dns-packet'
import { Server as SocketServer } from 'socket.io'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Network } from '../../../electron/core/net/network.ts'
import { type PlainClient, startPlainClient } from '../../../electron/host/plain-client.ts'
import { ownCertificate } from '../../../relay/certificate.ts'
import { systemClock } from '../../../shared/util/clock.ts'

let dir: string
let server: Server
let io: SocketServer
let ca: string
let client: PlainClient | null = null

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'throughline-plain-'))
  const { leaf, root } = await ownCertificate(dir, ['chat.test'], Date.now())
  ca = root
  server = createServer(leaf)
  io = new SocketServer(server, { transports: ['websocket'], connectTimeout: 2000 })
  // As the relay: nobody without an account gets in.
  io.use((_socket, next) => next(new Error('denied')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  client?.close()
  await io.close()
  await rm(dir, { recursive: true, force: true })
})

/** A network whose wires can be cut: then nothing passes any more and nothing says so. */
function createCuttable() {
  const port = (server.address() as AddressInfo).port
  const pipes = new Set<() => void>()
  const dialled: string[] = []
  let cut = false
  let closed = false
  const network: Network = {
    facts: () => ({
      kind: 'simulated',
      id: 'x',
      up: true,
      gateway: null,
      resolvers: [{ address: '240.0.0.53', port: 53 }],
      v6: false,
      changedAt: 0,
    }),
    onChange: () => () => {},
    connect: (to, signal) => {
      dialled.push(`${to.address}:${to.port}`)
      if (cut) return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      return new Promise((resolve, reject) => {
        const wire = connect(port, '127.0.0.1', () => {
          const end = new Duplex({
            read: () => {},
            write: (chunk, _encoding, done) => {
              if (!cut) wire.write(chunk)
              done()
            },
            destroy: (error, done) => {
              wire.destroy()
              done(error)
            },
          })
          wire.on('data', (chunk) => !cut && end.push(chunk))
          wire.on('close', () => !cut && end.push(null))
          pipes.add(() => end.destroy(new Error('ECONNRESET')))
          resolve(end)
        })
        wire.once('error', reject)
      })
    },
    async *exchange(to, message) {
      const { id, questions } = decode(Buffer.from(message))
      const answers = (questions ?? []).map(({ name }) => ({ type: 'A' as const, name, data: '240.0.0.1' }))
      yield { bytes: encode({ type: 'response', ...(id !== undefined && { id }), ...(questions && { questions }), answers }), from: to }
    },
    close: () => {
      closed = true
    },
  }
  return {
    network,
    dialled,
    get closed() {
      return closed
    },
    cut: () => {
      cut = true
    },
    mend: () => {
      cut = false
      for (const breakOff of pipes) breakOff()
      pipes.clear()
    },
  }
}

function start(network: Network) {
  client = startPlainClient({ network, host: 'chat.test', port: 443, ca: [ca], clock: systemClock })
  return client
}

describe('a plain client', () => {
  it('looks up the host at the place’s resolver, connects over TLS, and counts as connected without an account', async () => {
    const { network, dialled } = createCuttable()
    const plain = start(network)
    expect(plain.state().state).toBe('connecting')
    await expect.poll(() => plain.state().state, { timeout: 10_000 }).toBe('connected')
    expect(dialled[0]).toBe('240.0.0.1:443')
  })

  it('stays connected while the server merely shows it out for having no account', async () => {
    const { network, dialled } = createCuttable()
    const plain = start(network)
    await expect.poll(() => plain.state().state, { timeout: 10_000 }).toBe('connected')
    const states: string[] = []
    plain.onChanged(({ state }) => states.push(state))
    // Shown out after two seconds each time, and back by its own reconnection.
    await expect.poll(() => dialled.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(3)
    expect(states).toEqual([])
  })

  it('is no longer connected seconds after the path went silent, and is again once it carries', async () => {
    const wires = createCuttable()
    const plain = start(wires.network)
    await expect.poll(() => plain.state().state, { timeout: 10_000 }).toBe('connected')
    wires.cut()
    await expect.poll(() => plain.state().state, { timeout: 10_000 }).toBe('connecting')
    const { sinceMs } = plain.state()
    await expect.poll(() => plain.state().sinceMs).toBeGreaterThan(sinceMs)
    wires.mend()
    await expect.poll(() => plain.state().state, { timeout: 15_000 }).toBe('connected')
  }, 40_000)

  it('does not count a server whose certificate is for another name', async () => {
    const { network } = createCuttable()
    client = startPlainClient({ network, host: 'other.test', port: 443, ca: [ca], clock: systemClock })
    const plain = client
    await expect.poll(() => plain.state().attempts, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
    expect(plain.state().state).toBe('connecting')
  })

  it('closes its network with itself', () => {
    const wires = createCuttable()
    start(wires.network).close()
    client = null
    expect(wires.closed).toBe(true)
  })
})
