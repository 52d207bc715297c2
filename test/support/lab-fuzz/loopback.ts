/** Wherever somebody asks the lab to go, it opens no socket to anything but this computer itself. */
import { createSocket } from 'node:dgram'
import { createServer, type NetConnectOpts, Socket } from 'node:net'
import fc from 'fast-check'
import * as v from 'valibot'
import { Rule } from '../../../lab/censor/rule.ts'
import { isLoopback } from '../../../lab/engine/address.ts'
import { loopback } from '../../../lab/engine/loopback.ts'
import { encodeUplink } from '../../../shared/protocol/uplink.ts'
import { type FuzzCheck, uplinkTo, victim } from './check.ts'

const SERVICE = { address: '240.149.167.50', port: 443 }
const PROXIES = { socks5: 1080, 'http-connect': 3128 } as const

/** Ways to write real addresses, this computer's own, and names. */
export const spellings = [
  '8.8.8.8',
  '::ffff:8.8.8.8',
  '::ffff:808:808',
  '2001:4860:4860::8888',
  '134744072',
  '010.010.010.010',
  '0x08080808',
  '0.0.0.0',
  '::',
  '169.254.169.254',
  'fe80::1',
  '10.0.0.1',
  '127.1',
  '2130706433',
  '127.0.0.1',
  '::1',
  'localhost',
  'example.com',
  '8.8.8.8%lo',
  '::1%lo',
] as const

/** Which hosts sockets of this process were asked to connect to, as long as it watches. */
function watchSockets() {
  const asked: string[] = []
  const { connect } = Socket.prototype
  const socket = createSocket('udp4')
  const datagrams = Object.getPrototypeOf(socket)
  socket.close()
  const { send } = datagrams
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    const [options] = args.flat() as [NetConnectOpts | number, ...unknown[]]
    asked.push(typeof options === 'object' && 'host' in options ? (options.host ?? 'localhost') : String(args.flat()[1]))
    return Reflect.apply(connect, this, args)
  }
  datagrams.send = (...args: unknown[]) => void asked.push(`a datagram: ${String(args)}`)
  return {
    asked,
    stop() {
      Socket.prototype.connect = connect
      datagrams.send = send
    },
  }
}

const port = fc.constantFrom(53, 80, 443, 9)
const where = fc.constantFrom(...spellings)
const asking = fc.oneof(
  fc.record({ by: fc.constantFrom('open' as const, 'datagram' as const, 'socks5' as const, 'http-connect' as const), where, port }),
  // Any four or sixteen bytes at all, as a SOCKS5 client may say them.
  fc.record({ by: fc.constant('raw' as const), where: fc.oneof(fc.ipV4(), fc.ipV6()), port }),
)

function socksRequest(host: string, to: number): Uint8Array {
  const name = Buffer.from(host, 'latin1')
  return Uint8Array.of(5, 1, 0, 5, 1, 0, 3, name.length, ...name, to >> 8, to & 255)
}

export const loopbackChecks: readonly FuzzCheck[] = [
  {
    name: 'wherever a client, a proxy’s client or a rule sends it, the lab opens sockets to this computer only',
    runs: 60,
    async run(options) {
      const here = await victim()
      const { lab } = here
      const server = createServer((socket) => socket.on('error', () => {}).end('real')).unref()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const bound = server.address()
      lab.setService(loopback('127.0.0.1', typeof bound === 'object' && bound ? bound.port : 0))
      const proxies = lab.engine.topology.world.hosts.filter(({ kind, users, up }) => up && !users && kind in PROXIES)
      const watched = watchSockets()
      try {
        await fc.assert(
          fc.asyncProperty(fc.array(asking, { minLength: 1, maxLength: 5 }), where, async (asked, forged) => {
            for (const host of asked.map((one) => one.where)) if (!isLoopback(host)) refuses(host)
            const lie = v.safeParse(Rule, { id: 'lie', label: '', match: { names: ['test'] }, act: { do: 'lie', addresses: [forged] } })
            if (lie.success) lab.engine.judge.add(lie.output, 'you')
            const client = uplinkTo(lab)
            client.say({ t: 'hello', client: 'mallory', vantage: 'nl-a' }, { t: 'open', flow: 999, ...SERVICE })
            for (const [i, { by, where: address, port: to }] of asked.entries()) {
              const kind = by === 'raw' ? 'socks5' : by
              if (kind === 'open' || kind === 'datagram') {
                const head = { flow: i + 1, address, port: to }
                // What is no address by its letters alone ends the connection; that is another check's.
                if (!/^[0-9a-f.:]{2,45}$/.test(address) || !isAddress(address)) continue
                client.stream.write(
                  encodeUplink(kind === 'open' ? { t: 'open', ...head } : { t: 'datagram', ...head, bytes: Uint8Array.of(1) }),
                )
                continue
              }
              const proxy = proxies.find((host) => host.kind === kind)
              if (!proxy) continue
              client.say({ t: 'open', flow: i + 1, address: proxy.addresses[0] ?? '', port: PROXIES[kind] })
              await lab.run(200)
              if (!client.got.some((frame) => frame.t === 'opened' && frame.flow === i + 1)) continue
              const words =
                kind === 'socks5' ? socksRequest(address, to) : Buffer.from(`CONNECT ${address}:${to} HTTP/1.1\r\n\r\n`, 'latin1')
              client.say({ t: 'segment', flow: i + 1, bytes: words })
            }
            await lab.run(400)
            client.stream.destroy()
            await lab.run(100)
            const outside = watched.asked.filter((host) => !isLoopback(host))
            if (outside.length > 0) throw new Error(`it went to ${outside.join(', ')}`)
          }),
          options,
        )
        // The watching itself works: the service is real.
        if (!watched.asked.includes('127.0.0.1')) throw new Error('nothing was watched')
      } finally {
        watched.stop()
        server.close()
      }
    },
  },
]

function isAddress(text: string): boolean {
  return v.safeParse(Rule.entries.match.entries.to, [`${text}/32`]).success
}

/** No real server may be put behind anything but this computer. */
function refuses(host: string): void {
  try {
    loopback(host, 1)
  } catch (error) {
    if (error instanceof RangeError) return
  }
  throw new Error(`a real server at ${host} was accepted`)
}
