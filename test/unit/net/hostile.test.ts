/** What comes from proxies and from the gateway is anybody's bytes: a clear error, nothing left open, no crash. */

import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { through } from '../../../electron/core/net/dialers/through.ts'
import { DialError } from '../../../electron/core/net/errors.ts'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { defaultGateway, hardwareAddress, readSystemFacts } from '../../../electron/core/net/system-facts.ts'
import { systemNetwork } from '../../../electron/core/net/system-network.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { type TinyGateway, tinyGateway } from './tiny-gateway.ts'

const never = new AbortController().signal
const target = { address: '240.16.0.10', port: 443 }
const deps = { clock: systemClock, random: seededRandom(1), roots: [], transports: null }

/** A proxy that says these pieces, whatever it hears, and then ends. */
class Canned extends Duplex {
  readonly #pieces: Uint8Array[]
  readonly heard: Buffer[] = []
  constructor(pieces: readonly Uint8Array[]) {
    super()
    this.#pieces = [...pieces]
  }
  override _read(): void {
    setImmediate(() => this.push(this.#pieces.shift() ?? null))
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.heard.push(chunk)
    done()
  }
}

const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 })
const socksLike = fc
  .tuple(fc.constantFrom(5, 4, 0), fc.constantFrom(0, 2, 255, 1), pieces)
  .map(([version, method, rest]) => [Uint8Array.of(version, method), ...rest])
const httpLike = fc
  .tuple(fc.constantFrom('HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 407 No\r\n', 'HTTP/1.1 200\r', 'HTTP/9 1\r\n\r\n'), pieces)
  .map(([line, rest]) => [Buffer.from(line), ...rest])

describe.each(['socks5', 'http-connect'] as const)('a hostile %s proxy', (kind) => {
  it('fails with a clear reason and a closed connection, or gives a connection that passed its handshake', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(pieces, socksLike, httpLike), fc.boolean(), async (answers, withPassword) => {
        const stream = new Canned(answers)
        const proxy = { kind, ...target, ...(withPassword ? { username: 'ann', password: 'secret' } : {}) }
        try {
          const opened = await through(proxy, async () => stream, deps)(target, never)
          opened.destroy()
          expect(Buffer.concat(answers).length).toBeGreaterThan(4)
        } catch (error) {
          expect(error).toBeInstanceOf(DialError)
          expect(['proxy-refused', 'closed', 'failed']).toContain(error instanceof DialError ? error.reason : '')
          expect(stream.destroyed).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('that talks for ever is cut off', async () => {
    const stream = new Canned(Array.from({ length: 100 }, () => Buffer.alloc(1_000, 'a')))
    await expect(through({ kind, ...target }, async () => stream, deps)(target, never)).rejects.toBeInstanceOf(DialError)
    expect(stream.destroyed).toBe(true)
  })
})

it('leaves the bytes after the handshake to whoever comes next', async () => {
  const after = Buffer.from('first words')
  const socks = new Canned([
    Uint8Array.of(5),
    Uint8Array.of(0, 5, 0),
    Buffer.concat([Uint8Array.of(0, 3, 4), Buffer.from('host\0\0'), after]),
  ])
  expect((await through({ kind: 'socks5', ...target }, async () => socks, deps)(target, never)).read()).toEqual(after)
  expect(Buffer.concat(socks.heard)).toEqual(Buffer.from([5, 1, 0, 5, 1, 0, 1, 240, 16, 0, 10, 1, 187]))
  const tunnel = new Canned([Buffer.from('HTTP/1.1 200 Fine\r\nx: y\r\n\r\nfirst words')])
  expect((await through({ kind: 'http-connect', ...target }, async () => tunnel, deps)(target, never)).read()).toEqual(after)
})

describe('the uplink', () => {
  let gateway: TinyGateway
  let network: Network
  afterEach(async () => {
    network.close()
    await gateway.close()
  })
  const start = async () => {
    gateway = await tinyGateway()
    network = labNetwork({
      connect: () =>
        new Promise((resolve, reject) => {
          const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
          socket.once('error', reject)
        }),
      client: 'alice',
      vantage: 'fr-orange',
      clock: systemClock,
    })
    await up(true)
  }
  const up = async (wanted: boolean) => {
    if (network.facts().up !== wanted) {
      await new Promise<void>((resolve) => {
        const stop = network.onChange((facts) => {
          if (facts.up !== wanted) return
          stop()
          resolve()
        })
      })
    }
  }

  it('introduces itself and tells what its network is, now and when it changes', async () => {
    await start()
    expect(gateway.seen[0]).toEqual({ t: 'hello', client: 'alice', vantage: 'fr-orange' })
    expect(network.facts()).toMatchObject({ kind: 'simulated', id: 'home', resolvers: [{ address: '240.0.0.53', port: 53 }] })
    gateway.facts = { ...gateway.facts, up: false }
    gateway.sendFacts()
    await up(false)
  })

  it('that is lost cuts every flow as a reset does, says so, and comes back by itself', async () => {
    await start()
    const local = await tinyGateway()
    gateway.behind = () => ({ port: local.port })
    const stream = await network.connect(target, never)
    const failed = new Promise((resolve) => stream.once('error', resolve))
    gateway.behind = () => 'silence'
    const opening = network.connect(target, never)
    gateway.dropUplinks()
    expect(await failed).toMatchObject({ code: 'ECONNRESET', syscall: 'read' })
    await expect(opening).rejects.toMatchObject({ code: 'ENETUNREACH', syscall: 'connect' })
    expect(network.facts().up).toBe(false)
    await expect(network.connect(target, never)).rejects.toMatchObject({ code: 'ENETUNREACH' })
    await up(true)
    await local.close()
  })

  it.each<[string, (gateway: TinyGateway) => void]>([
    ['an impossible frame length', ({ sendRaw }) => sendRaw(Buffer.from([255, 255, 255, 255, 0]))],
    ['a frame that only clients send', ({ send }) => send({ t: 'open', flow: 9, address: '240.0.0.1', port: 1 })],
  ])('hangs up on a gateway that sends %s', async (_what, misbehave) => {
    await start()
    misbehave(gateway)
    await up(false)
    await up(true)
  })

  it('survives any bytes', async () => {
    await start()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (bytes) => {
        gateway.sendRaw(bytes)
        await new Promise((resolve) => setImmediate(resolve))
      }),
      { numRuns: 30 },
    )
    gateway.dropUplinks()
    await up(false)
    await up(true)
  })
})

describe('what this computer knows of its network', () => {
  it('reads the gateway and its hardware address from the tables of the kernel', () => {
    const routes = 'Iface\tDestination\tGateway \tFlags\neth0\t0000A8C0\t00000000\t0001\neth0\t00000000\t0100A8C0\t0003\n'
    expect(defaultGateway(routes)).toBe('192.168.0.1')
    expect(defaultGateway('')).toBeNull()
    const neighbours = 'IP address HW type Flags HW address Mask Device\n192.168.0.1 0x1 0x2 aa:bb:cc:00:11:22 * eth0\n'
    expect(hardwareAddress(neighbours, '192.168.0.1')).toBe('aa:bb:cc:00:11:22')
    expect(hardwareAddress(neighbours, '192.168.0.10')).toBe('')
  })
  it('tells a change once, when it is polled', () => {
    const clock = new VirtualClock()
    let facts = { ...readSystemFacts(), id: 'home' }
    const network = systemNetwork({ clock, readFacts: () => facts })
    const told: string[] = []
    network.onChange(({ id, changedAt }) => told.push(`${id} at ${changedAt}`))
    clock.advance(10_000)
    facts = { ...facts, id: 'cafe' }
    clock.advance(20_000)
    expect(told).toEqual(['cafe at 12000'])
    network.close()
    expect(clock.nextAt()).toBeNull()
  })
})
