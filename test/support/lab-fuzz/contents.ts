/** Bytes that boxes read and services answer: ClientHellos, HTTP, SOCKS5, DNS, and soups of them, cut anywhere. */
import packet from 'dns-packet'
import fc from 'fast-check'
import * as v from 'valibot'
import { createJudge, type Judgement } from '../../../lab/censor/judge.ts'
import { Rule, type RuleInput } from '../../../lab/censor/rule.ts'
import type { HostKind } from '../../../lab/engine/world.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { clientHello, splitRecord } from '../../unit/lab/hello.ts'
import { cut, expectNothingLeft, type FuzzCheck, mutated, sizes, uplinkTo, victim } from './check.ts'

const NAME = 'chat.throughline.test'
const hello = await clientHello(NAME)
const latin = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const question = new Uint8Array(
  packet.encode({ type: 'query', id: 7, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name: 'tl.test' }] }),
)
const framed = new Uint8Array(Buffer.concat([Buffer.from([0, question.length]), question]))

const targets = fc.constantFrom(
  '/',
  '//',
  '/health',
  'http://[',
  '/generate_204',
  '*',
  '/%',
  '/dns-query?dns=AAAA',
  '\\',
  'http://a:99999/',
  '/?',
  '//[x',
)
const request = fc
  .tuple(fc.constantFrom('GET', 'POST', 'CONNECT', 'HEAD', 'BREW'), targets, fc.constantFrom(NAME, 'x.test:80', '', '[', 'a b'), fc.nat(30))
  .map(([method, target, host, length]) =>
    latin(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`),
  )
const socks = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 4, 255), fc.constantFrom(1, 2, 3, 9), fc.uint8Array({ maxLength: 30 }))
  .map(([type, command, rest]) => Uint8Array.of(5, 1, 0, 5, command, 0, type, ...rest))
const dns = fc.oneof(
  fc.constant(framed),
  mutated(framed),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.of(0, bytes.length, ...bytes)),
)
const oneHello = fc.oneof(
  fc.constant(new Uint8Array(hello)),
  fc.integer({ min: 1, max: hello.length - 6 }).map((at) => new Uint8Array(splitRecord(hello, at))),
  mutated(hello),
)
const oneThing = fc.oneof(oneHello, request, request.chain(mutated), socks, dns, fc.uint8Array({ maxLength: 400 }))
const soup = fc.array(oneThing, { minLength: 1, maxLength: 4 }).map((parts) => new Uint8Array(Buffer.concat(parts)))

/** What each may match, and everything that can be done about it. */
const match: fc.Arbitrary<RuleInput['match']> = fc.record(
  {
    sni: fc.constant([{ how: 'contains' as const, text: 'throughline' }]),
    host: fc.constant([{ how: 'suffix' as const, text: 'test' }]),
    payload: fc.subarray(['tls', 'http', 'ssh', 'printable', 'opaque'] as const, { minLength: 1 }).map((all) => [...all]),
    ports: fc.constant([443, 80, 53]),
  },
  { requiredKeys: [] },
)
const act: fc.Arbitrary<RuleInput['act']> = fc.constantFrom<RuleInput['act'][]>(
  { do: 'lie', addresses: ['240.77.252.152'] },
  { do: 'inject', pool: ['240.222.0.0/22', '2001:db8::/48'], answers: 3 },
  { do: 'silence' },
  { do: 'drop' },
  { do: 'reset' },
  { do: 'close' },
  { do: 'unreachable' },
  { do: 'throttle', kbps: 140 },
  { do: 'freeze', afterBytes: 100, upToBytes: 900 },
  { do: 'blockpage', status: 403, location: 'http://240.77.252.152/' },
  { do: 'intercept', ca: 'trusted' },
  { do: 'allowlist', prefixes: ['240.149.0.0/16'] },
  { do: 'protocol' },
  { do: 'probe', delayMs: 10 },
  { do: 'load' },
)
const box = fc.record(
  { segments: fc.boolean(), records: fc.boolean(), flows: fc.integer({ min: 1, max: 3 }), idleMs: fc.nat(3000) },
  { requiredKeys: [] },
)
const rule = fc.record({
  match,
  act,
  box,
  share: fc.constantFrom(1, 1, 0.5),
  residualMs: fc.constantFrom(500, 90_000),
  residualShare: fc.constantFrom(1, 0.5),
})
const names = fc.constant(['test'].map(() => 'tl.test'))
const rules = fc
  .array(fc.tuple(rule, fc.boolean(), names), { minLength: 1, maxLength: 4 })
  .map((all) =>
    all.map(([one, forNames, these], i) =>
      v.parse(Rule, { id: `r${i}`, label: '', ...one, match: forNames ? { ...one.match, names: these } : one.match }),
    ),
  )

const way = { who: 'a', from: '240.31.1.9', place: 'nl-a', provider: 'nl-a', to: '240.149.167.50', toProvider: 'throughline', port: 443 }
const fates: readonly Judgement['t'][] = ['pass', 'drop', 'slow', 'act']

/** What became of the first piece that something was done about; how many bytes it took is the sender's cutting. */
function verdict(one: Rule, pieces: readonly Uint8Array[]): string {
  const judge = createJudge(new VirtualClock(), seededRandom(1))
  judge.add(one, 'scenario')
  const watch = judge.watch(way)
  watch.syn()
  return pieces.map((piece) => watch.segment('up', piece).t).find((t) => t !== 'pass') ?? 'pass'
}

export const contentChecks: readonly FuzzCheck[] = [
  {
    name: 'boxes judge any packets, in any order, under any rules',
    runs: 300,
    async run(options) {
      const packets = fc.array(fc.tuple(soup, sizes, fc.constantFrom('up' as const, 'down' as const), fc.nat(2000)), { maxLength: 5 })
      fc.assert(
        fc.property(rules, fc.array(packets, { minLength: 1, maxLength: 4 }), (imposed, flows) => {
          const clock = new VirtualClock()
          const judge = createJudge(clock, seededRandom(1))
          for (const one of imposed) judge.add(one, 'you')
          for (const flow of flows) {
            const watch = judge.watch(way)
            const said = [watch.syn()]
            for (const [bytes, into, direction, ms] of flow) {
              clock.advance(ms)
              for (const piece of cut(bytes, into)) said.push(watch.segment(direction, piece), watch.segment(direction, piece))
            }
            watch.end()
            if (!said.every(({ t }) => fates.includes(t))) throw new Error('no judgement')
          }
        }),
        options,
      )
    },
  },
  {
    name: 'a box that puts segments and records together decides alike, however the bytes were cut',
    runs: 400,
    async run(options) {
      const one = fc
        .record(
          { sni: fc.constant([{ how: 'contains', text: 'throughline' }]), host: fc.constant([{ how: 'suffix', text: 'test' }]) },
          { requiredKeys: [] },
        )
        .filter((named) => Object.keys(named).length > 0)
        .map((named) => v.parse(Rule, { id: 'r', label: '', match: named, act: { do: 'drop' } }))
      fc.assert(
        fc.property(one, soup, sizes, sizes, (imposed, bytes, some, others) => {
          const [first, second] = [verdict(imposed, cut(bytes, some)), verdict(imposed, cut(bytes, others))]
          if (first !== second) throw new Error(`${first}, and cut otherwise ${second}`)
        }),
        options,
      )
    },
  },
  {
    name: 'services of the lab take any bytes at any port, past any box, and nothing of it stays',
    runs: 60,
    async run(options) {
      const here = await victim()
      const { judge, topology } = here.lab.engine
      const ports: Partial<Record<HostKind, readonly number[]>> = {
        site: [80, 443],
        relay: [80, 443],
        socks5: [1080],
        'http-connect': [3128],
        'false-page': [80, 443],
      }
      // One of each kind: many of one would leave the others alone.
      const doors = [...new Map(topology.world.hosts.filter(({ up }) => up).map((host) => [host.kind, host])).values()].flatMap(
        ({ kind, addresses: [address = ''] }) => (ports[kind] ?? [53, 443]).map((port) => ({ address, port })),
      )
      const flow = fc.record({ to: fc.constantFrom(...doors), bytes: soup, into: sizes, ends: fc.boolean() })
      await fc.assert(
        fc.asyncProperty(rules, fc.array(flow, { minLength: 1, maxLength: 4 }), async (imposed, flows) => {
          for (const one of imposed) judge.add(one, 'you')
          const client = uplinkTo(here.lab)
          client.say(
            { t: 'hello', client: 'mallory', vantage: 'nl-a' },
            ...flows.map(({ to }, i) => ({ t: 'open' as const, flow: i + 1, ...to })),
          )
          await here.lab.run(250)
          const open = client.got.flatMap((frame) => (frame.t === 'opened' ? [frame.flow] : []))
          for (const [i, { to, bytes, into, ends }] of flows.entries()) {
            client.say({ t: 'datagram', flow: 100 + i, ...to, bytes: bytes.subarray(0, 1200) })
            if (!open.includes(i + 1)) continue
            for (const piece of cut(bytes, into)) client.say({ t: 'segment', flow: i + 1, bytes: piece })
            if (ends) client.say({ t: 'fin', flow: i + 1 })
          }
          await here.lab.run(3000)
          if (client.closed) throw new Error(`ended: ${here.violations.at(-1)}`)
          client.stream.destroy()
          for (const { id } of imposed) judge.remove(id)
          await here.lab.run(30_000)
          await expectNothingLeft(here)
        }),
        options,
      )
    },
  },
]
