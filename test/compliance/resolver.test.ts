/** What every resolver promises, over real DNS bytes: in the simulated internet under a virtual clock, and on loopback with real sockets against hostile servers. */
import { createSocket } from 'node:dgram'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { type Answer, decode, encode } from 'dns-packet'
import fc from 'fast-check'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tcp } from '../../electron/core/net/dialer.ts'
import { dohResolver } from '../../electron/core/net/dns/doh.ts'
import { dotResolver } from '../../electron/core/net/dns/dot.ts'
import { plainResolver } from '../../electron/core/net/dns/plain.ts'
import type { Resolver } from '../../electron/core/net/dns/resolver.ts'
import { tcpResolver } from '../../electron/core/net/dns/tcp.ts'
import type { DnsOutcome } from '../../electron/core/net/dns/udp.ts'
import type { Network } from '../../electron/core/net/network.ts'
import { systemNetwork } from '../../electron/core/net/system-network.ts'
import { Rule } from '../../lab/censor/rule.ts'
import { openAuthority } from '../../lab/services/authority.ts'
import { type Clock, systemClock } from '../../shared/util/clock.ts'
import { seededRandom } from '../../shared/util/random.ts'
import { type MemoryRig, memoryRig } from '../integration/lab/memory-rig.ts'

const kinds = ['plain', 'tcp', 'dot', 'doh'] as const
type Kind = (typeof kinds)[number]
type Ports = Record<Kind, { readonly address: string; readonly port: number; readonly host: string }>

function resolverOf(kind: Kind, at: Ports, network: Network, clock: Clock, roots: readonly string[]): Resolver {
  const random = seededRandom(1)
  const server = at[kind]
  switch (kind) {
    case 'plain':
      return plainResolver({ id: kind, network, clock, random, resolver: server })
    case 'tcp':
      return tcpResolver({ id: kind, network, random, server })
    case 'dot':
      return dotResolver({ id: kind, network, random, server, host: server.host, roots })
    case 'doh':
      return dohResolver({ id: kind, dial: tcp(network), server: { ...server, path: '/dns-query' }, roots })
  }
}

describe.each(kinds)('a resolver in the simulated internet (%s)', (kind) => {
  const at: Ports = {
    plain: { address: '240.31.1.53', port: 53, host: '' },
    tcp: { address: '240.31.1.53', port: 53, host: '' },
    dot: { address: '240.9.9.10', port: 853, host: 'dot.open-dns.test' },
    doh: { address: '240.9.9.9', port: 443, host: 'doh.open-dns.test' },
  }
  const here = async () => {
    const rig = await memoryRig(1, 'none')
    const network = await rig.network('alice', 'nl-a')
    return { rig, resolver: resolverOf(kind, at, network, rig.clock, rig.lab.offer.roots) }
  }
  const settled = async ({ lab }: MemoryRig, work: Promise<DnsOutcome>) => {
    let result: DnsOutcome | 'rejected' | undefined
    work.then(
      (outcome) => {
        result = outcome
      },
      () => {
        result = 'rejected'
      },
    )
    for (let ms = 0; ms < 10_000 && result === undefined; ms += 20) await lab.run(20)
    return result
  }

  it('gives every address of a name, and whether there is none, with proof', async () => {
    const { rig, resolver } = await here()
    const { signal } = new AbortController()
    const both = { name: 'chat.throughline.test', types: ['A', 'AAAA'] as const }
    expect(await settled(rig, resolver.lookUp(both, signal))).toEqual({
      kind: 'answer',
      addresses: ['240.149.167.50', '240.149.167.91'],
      late: [],
    })
    const none = await settled(rig, resolver.lookUp({ name: 'nobody.throughline.test', types: ['A'] }, signal))
    expect(none).toEqual({ kind: 'nxdomain', soa: true })
  })
  it('leaves off at once when told to, and leaves nothing open', async () => {
    const { rig, resolver } = await here()
    rig.lab.engine.judge.add(dropAll(at[kind].address), 'scenario')
    const abort = new AbortController()
    const asked = settled(rig, resolver.lookUp({ name: 'chat.throughline.test', types: ['A'] }, abort.signal))
    await rig.lab.run(50)
    abort.abort(new Error('enough'))
    expect(await asked).toBe('rejected')
  })
})

const dropAll = (address: string) =>
  v.parse(Rule, { id: 'silence', label: 'silence', match: { to: [`${address}/32`] }, act: { do: 'drop' } })

describe('on loopback', () => {
  /** What the server says to a question, whatever carries it; each one message. */
  let says: (question: Buffer) => (Buffer | null)[] = () => []
  let at: Ports
  const ends: (() => void)[] = []
  let roots: string[] = []
  let network: Network

  const stream = (socket: Socket) => {
    let held = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const question = held.subarray(2, 2 + held.readUInt16BE(0))
        held = held.subarray(2 + question.length)
        for (const message of says(question)) {
          if (message === null) socket.destroy()
          else socket.write(Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]))
        }
      }
    })
  }
  beforeAll(async () => {
    const authority = await openAuthority(null, 'resolvers', Date.now)
    const certificate = await authority.issue(['dns.test'])
    roots = [authority.root]
    network = systemNetwork({ clock: systemClock })
    const udp = createSocket('udp4', (question, { port, address }) => {
      for (const message of says(question)) if (message && message.length <= 60_000) udp.send(message, port, address)
    })
    const plain = createTcpServer(stream)
    const dot = createTlsServer({ ...certificate, ALPNProtocols: ['dot'] }, stream)
    const doh = createHttpsServer(certificate, (request, response) => {
      const text = new URL(request.url ?? '/', 'https://dns.test').searchParams.get('dns') ?? ''
      const [message] = says(Buffer.from(text, 'base64url'))
      if (message) response.writeHead(200, { 'content-type': 'application/dns-message' }).end(message)
      else request.socket.destroy()
    })
    const open = new Set<Socket>()
    for (const server of [plain, dot, doh]) {
      server.on('connection', (socket: Socket) => {
        open.add(socket)
        socket.on('close', () => open.delete(socket))
      })
      ends.push(() => void server.close())
    }
    ends.push(
      () => {
        for (const socket of open) socket.destroy()
      },
      () => udp.close(),
      () => network.close(),
    )
    const listen = (server: { listen(port: number, host: string, done: () => void): unknown; address(): AddressInfo | string | null }) =>
      new Promise<number>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)) // A TCP server's address is no path.
      })
    const tcpPort = await listen(plain)
    // The same number for both: what is truncated is asked for again there.
    await new Promise<void>((resolve) => udp.bind(tcpPort, '127.0.0.1', resolve))
    const host = 'dns.test'
    const address = '127.0.0.1'
    at = {
      plain: { address, port: tcpPort, host },
      tcp: { address, port: tcpPort, host },
      dot: { address, port: await listen(dot), host },
      doh: { address, port: await listen(doh), host },
    }
  })
  afterAll(() => {
    for (const end of ends) end()
  })

  const reply = (
    question: Buffer,
    changes: { id?: number; name?: string; type?: 'A' | 'AAAA'; flags?: number; answers?: Answer[] } = {},
  ) => {
    const query = decode(question)
    const [asked] = query.questions ?? []
    const name = changes.name ?? asked?.name ?? ''
    return encode({
      type: 'response',
      id: changes.id ?? query.id ?? 0,
      flags: changes.flags ?? 0x0180,
      questions: [{ type: changes.type ?? 'A', name }],
      answers: changes.answers ?? [{ type: 'A', name, ttl: 60, data: '240.16.0.10' }],
    })
  }
  const ask = (kind: Kind, ms = 400) =>
    resolverOf(kind, at, network, systemClock, roots).lookUp({ name: 'chat.test', types: ['A'] }, AbortSignal.timeout(ms))

  describe.each(kinds)('a resolver (%s)', (kind) => {
    it('is answered', async () => {
      says = (question) => [reply(question)]
      expect(await ask(kind, 5_000)).toEqual({ kind: 'answer', addresses: ['240.16.0.10'], late: [] })
    })
    it.each<[string, (question: Buffer) => Buffer]>([
      ['another id', (question) => reply(question, { id: (question.readUInt16BE(0) + 1) % 65_536 })],
      ['another question', (question) => reply(question, { name: 'other.test' })],
      ['another type', (question) => reply(question, { type: 'AAAA' })],
      ['its own question', (question) => question],
      ['garbage', () => Buffer.from('not a message at all')],
      ['half a message', (question) => reply(question).subarray(0, 20)],
    ])('takes %s for no answer', async (_what, lie) => {
      says = (question) => [lie(question)]
      const outcome = await ask(kind, 150).catch(() => null)
      expect(outcome?.kind === 'answer' || outcome?.kind === 'nxdomain').toBe(false)
    })
    it('never takes an address out of bytes that anybody changed into another message, and never hangs', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
          says = (question) => [Buffer.concat([question.subarray(0, 2), Buffer.from(bytes)])]
          const outcome = await ask(kind, 60).catch(() => null)
          if (outcome?.kind === 'answer') expect(outcome.addresses).toEqual([])
        }),
        { numRuns: 10 },
      )
    })
    it('does not collect what is far too long', async () => {
      const many = Array.from(
        { length: 2_500 },
        (_, i): Answer => ({ type: 'A', name: 'chat.test', ttl: 1, data: `240.16.${i >> 8}.${i & 255}` }),
      )
      says = (question) => [reply(question, { answers: many })]
      const outcome = await ask(kind, kind === 'plain' ? 150 : 5_000).catch(() => null)
      expect(outcome?.kind).not.toBe('answer')
    })
  })

  it('a plain one asks again over TCP when the answer does not fit into a datagram', async () => {
    let asked = 0
    says = (question) => [asked++ === 0 ? reply(question, { flags: 0x0380, answers: [] }) : reply(question)]
    expect(await ask('plain', 5_000)).toEqual({ kind: 'answer', addresses: ['240.16.0.10'], late: [] })
    expect(asked).toBe(2)
  })
  it('one over TLS asks nobody who does not bear its name', async () => {
    let asked = 0
    says = (question) => {
      asked++
      return [reply(question)]
    }
    const stranger = { ...at, dot: { ...at.dot, host: 'other.test' }, doh: { ...at.doh, host: 'other.test' } }
    for (const kind of ['dot', 'doh'] as const) {
      const resolver = resolverOf(kind, stranger, network, systemClock, roots)
      const outcome = await resolver.lookUp({ name: 'chat.test', types: ['A'] }, AbortSignal.timeout(5_000))
      expect(outcome).toEqual({ kind: 'failed', reason: 'certificate' })
    }
    expect(asked).toBe(0)
  })
})
