/** DNS: only an answer to exactly our question counts, whatever else arrives; and a second, different one is noticed. */
import { encode, type Packet } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { join } from '../../../electron/core/net/dns/doh.ts'
import { type DnsOutcome, queryUdp } from '../../../electron/core/net/dns/udp.ts'
import { decodeReply, encodeQuery, mixCase } from '../../../electron/core/net/dns/wire.ts'
import type { DatagramReply, Network } from '../../../electron/core/net/network.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const query = { id: 4711, name: 'ChAt.tESt', type: 'A' as const }
const question = { type: 'A' as const, name: query.name }
const message = (changes: Partial<Packet> = {}): Uint8Array =>
  encode({
    type: 'response',
    id: query.id,
    flags: 0x0180,
    questions: [question],
    answers: [{ type: 'A', name: query.name, ttl: 60, data: '240.16.0.10' }],
    ...changes,
  })

describe('a reply', () => {
  it('gives the addresses of the name, also through its aliases, and of no other', () => {
    const answers: NonNullable<Packet['answers']> = [
      { type: 'A', name: 'evil.test', data: '240.99.0.1' },
      { type: 'A', name: 'two.test', data: '240.16.0.12' },
      { type: 'CNAME', name: 'one.test', data: 'two.test' },
      { type: 'CNAME', name: 'chat.test', data: 'one.test' },
      { type: 'AAAA', name: 'two.test', data: '2001:db8::1' },
    ]
    expect(decodeReply(message({ answers }), query)).toEqual({ kind: 'answer', addresses: ['240.16.0.12'] })
  })

  it.each<[string, Uint8Array]>([
    ['another id', message({ id: 1 })],
    ['a query', message({ type: 'query' })],
    ['another name', message({ questions: [{ type: 'A', name: 'ChAt.tEST' }] })],
    ['another type', message({ questions: [{ type: 'AAAA', name: query.name }] })],
    ['no question', message({ questions: [] })],
    ['two questions', message({ questions: [question, question] })],
    ['nothing', new Uint8Array(0)],
  ])('to %s is not ours', (_what, bytes) => {
    expect(decodeReply(bytes, query)).toBeNull()
  })

  it('tells a name that does not exist with and without proof, errors, and what was cut short', () => {
    const soa = {
      type: 'SOA' as const,
      name: 'test',
      data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 },
    }
    expect(decodeReply(message({ flags: 0x0183, answers: [], authorities: [soa] }), query)).toEqual({ kind: 'nxdomain', soa: true })
    expect(decodeReply(message({ flags: 0x0183, answers: [] }), query)).toEqual({ kind: 'nxdomain', soa: false })
    expect(decodeReply(message({ flags: 0x0185, answers: [] }), query)).toEqual({ kind: 'error', rcode: 'REFUSED' })
    expect(decodeReply(message({ flags: 0x0380 }), query)).toEqual({ kind: 'failed', reason: 'truncated' })
    expect(decodeReply(message({ answers: [] }), query)).toEqual({ kind: 'answer', addresses: [] })
  })

  it('never throws, whatever the bytes', () => {
    const good = message()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void decodeReply(bytes, query)))
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(good.length), (at, value, length) => {
        const broken = Uint8Array.from(good.slice(0, Math.max(at + 1, length)))
        broken[at] = value
        decodeReply(broken, query)
      }),
    )
  })

  it('echoes a question in random case, which a forger has to guess', () => {
    const names = new Set(Array.from({ length: 50 }, (_, i) => mixCase('chat.throughline.test', seededRandom(i))))
    expect(names.size).toBe(50)
    for (const name of names) expect(name.toLowerCase()).toBe('chat.throughline.test')
  })
})

describe('a question over UDP', () => {
  const resolver = { address: '240.0.0.53', port: 53 }
  /** A network whose resolver sends these replies, each so long after the question. `ask` is which try it is, from 0. */
  const ask = async (replies: (ask: number, question: Uint8Array) => { after: number; bytes: Uint8Array; from?: string }[]) => {
    const clock = new VirtualClock()
    let asks = 0
    const sent: Uint8Array[] = []
    const network: Pick<Network, 'exchange'> = {
      async *exchange(to, bytes, signal): AsyncGenerator<DatagramReply> {
        sent.push(bytes)
        const started = clock.monotonic()
        for (const { after, bytes: reply, from } of replies(asks++, bytes)) {
          await new Promise<void>((resolve) => {
            clock.after(Math.max(0, started + after - clock.monotonic()), resolve)
            signal.addEventListener('abort', () => resolve(), { once: true })
          })
          if (signal.aborted) return
          yield { bytes: reply, from: { ...to, address: from ?? to.address } }
        }
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      },
    }
    const whole: Network = { ...network, facts: () => never(), onChange: () => () => {}, connect: () => never(), close: () => {} }
    const abort = new AbortController()
    let outcome: DnsOutcome | undefined
    const first: number[] = []
    void queryUdp({
      network: whole,
      clock,
      random: seededRandom(1),
      resolver,
      name: 'chat.test',
      type: 'A',
      signal: abort.signal,
      onFirst: () => first.push(clock.monotonic()),
    }).then((result) => {
      outcome = result
    })
    await clock.run(10_000, () => new Promise((resolve) => setImmediate(resolve)))
    return { outcome, first, asks, sent }
  }
  const never = (): never => {
    throw new Error('not used')
  }
  const reply = (to: Uint8Array, address: string): Uint8Array => {
    const name = readName(to)
    return encode({
      type: 'response',
      id: Buffer.from(to).readUInt16BE(0),
      flags: 0x0180,
      questions: [{ type: 'A', name }],
      answers: [{ type: 'A', name, data: address }],
    })
  }
  const readName = (bytes: Uint8Array): string => {
    const labels: string[] = []
    for (let at = 12; bytes[at]; at += 1 + (bytes[at] ?? 0))
      labels.push(Buffer.from(bytes.slice(at + 1, at + 1 + (bytes[at] ?? 0))).toString())
    return labels.join('.')
  }

  it('reports the first answer at once and a second, different one as late', async () => {
    const { outcome, first } = await ask((_i, to) => [
      { after: 20, bytes: reply(to, '240.99.0.1') },
      { after: 80, bytes: reply(to, '240.16.0.10') },
    ])
    expect(first).toEqual([20])
    expect(outcome).toEqual({ kind: 'answer', addresses: ['240.99.0.1'], late: [['240.16.0.10']] })
  })
  it('does not take what comes from elsewhere or does not belong to it', async () => {
    const { outcome } = await ask((_i, to) => [
      { after: 5, bytes: reply(to, '240.99.0.1'), from: '240.99.9.9' },
      { after: 6, bytes: Buffer.from('nonsense') },
      { after: 30, bytes: reply(to, '240.16.0.10') },
    ])
    expect(outcome).toEqual({ kind: 'answer', addresses: ['240.16.0.10'], late: [] })
  })
  it('asks once more when one datagram was lost; the answer to the other try is not a second one', async () => {
    const { outcome, asks } = await ask((i, to) =>
      i === 0 ? [{ after: 1_050, bytes: reply(to, '240.16.0.10') }] : [{ after: 30, bytes: reply(to, '240.16.0.10') }],
    )
    expect(asks).toBe(2)
    expect(outcome).toEqual({ kind: 'answer', addresses: ['240.16.0.10'], late: [] })
  })
  it('calls silence silence after three seconds', async () => {
    const { outcome, asks, sent } = await ask(() => [])
    expect([outcome, asks]).toEqual([{ kind: 'timeout' }, 3])
    expect(decodeReply(sent[0] ?? new Uint8Array(), query)).toBeNull()
  })
})

it('joins answers for two types into one', () => {
  const none: DnsOutcome = { kind: 'answer', addresses: [], late: [] }
  const some: DnsOutcome = { kind: 'answer', addresses: ['240.16.0.10'], late: [] }
  expect(join([some, none])).toEqual(some)
  expect(join([{ kind: 'timeout' }, some])).toEqual(some)
  expect(join([{ kind: 'nxdomain', soa: true }, { kind: 'timeout' }])).toEqual({ kind: 'nxdomain', soa: true })
})

it('writes a question that any resolver reads', () => {
  expect(Buffer.from(encodeQuery(query)).subarray(12, 22).toString('latin1')).toBe('\x04ChAt\x04tESt')
})
