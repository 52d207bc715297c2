/** The same seed makes the same decisions: byte for byte in two processes, and flow for flow over real sockets. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Rule } from '../../../lab/censor/rule.ts'
import { loopback } from '../../../lab/engine/loopback.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { bundleEntry } from '../../support/relay-process.ts'
import { clientHello } from '../../unit/lab/hello.ts'
import { echoServer, labRig } from './rig.ts'

const TARGET = '240.149.167.50'

const rules = [
  { id: 'half', label: 'half', match: { to: ['240.149.0.0/16'] }, act: { do: 'drop' }, share: 0.5 },
  { id: 'named', label: 'named', match: { sni: [{ how: 'contains', text: 't.co' }] }, act: { do: 'reset' }, residualMs: 400, share: 0.7 },
  { id: 'slow', label: 'slow', match: {}, act: { do: 'throttle', kbps: 140 } },
]

/** Recorded once: real greetings and opaque bytes, from many flows among each other. */
async function traffic() {
  const random = seededRandom(11)
  const hellos = [await clientHello('reddit.com.test'), await clientHello('chat.throughline.test')]
  const packets = Array.from({ length: 120 }, (_, i) => {
    const hello = hellos[i % 2] ?? Buffer.alloc(0)
    const address = i % 3 === 0 ? TARGET : '240.185.4.10'
    const data = Array.from({ length: 4 }, (_, n) => ({
      direction: n % 2 === 0 ? 'up' : 'down',
      bytes: n === 0 ? hello : Buffer.alloc(16_000, n),
    }))
    return [
      { flow: i, address, direction: 'up', bytes: null, atMs: i * 20 },
      ...data.map(({ direction, bytes }, n) => ({
        flow: i,
        address,
        direction,
        bytes: bytes.toString('base64'),
        atMs: i * 20 + Math.round((n + random.fraction()) * 100),
      })),
    ]
  })
  return { rules, packets: packets.flat().sort((a, b) => a.atMs - b.atMs) }
}

test('recorded traffic meets the same fate byte for byte in two processes, and another with another seed', async () => {
  const program = await bundleEntry('test/fixtures/lab-replay.ts')
  const input = JSON.stringify(await traffic())
  const replay = (seed: number) => execFileSync(process.execPath, [program, String(seed)], { input, encoding: 'utf8' })
  const first = replay(1)
  expect(first.trim().split('\n')).toHaveLength(600)
  for (const fate of ['"half"', '"named"', '"slow"', 'null']) expect(first).toContain(fate)
  expect(replay(1)).toBe(first)
  expect(replay(2)).not.toBe(first)
})

/** Which of a client's connections are refused when half are, opened in an order that other people disturb. */
async function refusedOverSockets(noise: number): Promise<boolean[]> {
  const rig = await labRig()
  const { port } = await echoServer()
  for (const address of [TARGET, '240.185.4.10']) rig.lab.engine.listen({ address, port: 443 }, loopback('127.0.0.1', port))
  const alice = await rig.network('alice', null)
  const bob = await rig.network('bob', null)
  rig.lab.engine.judge.add(
    v.parse(Rule, { id: 'half', label: 'half', match: { to: ['240.149.0.0/16', '240.185.0.0/16'] }, act: { do: 'reset' }, share: 0.5 }),
    'you',
  )
  const { signal } = new AbortController()
  const opens = async (network: typeof alice, address: string) => {
    try {
      const stream = await network.connect({ address, port: 443 }, signal)
      stream.on('error', () => {}).destroy()
      await once(stream, 'close')
      return true
    } catch {
      return false
    }
  }
  const outcomes: boolean[] = []
  for (let i = 0; i < 24; i++) {
    const others = Array.from({ length: (i * noise) % 4 }, () => opens(bob, '240.185.4.10'))
    outcomes.push(await opens(alice, TARGET))
    await Promise.all(others)
  }
  return outcomes
}

test('over real sockets the same rule fires on the same flows, whatever others do between', async () => {
  const alone = await refusedOverSockets(0)
  expect(new Set(alone).size).toBe(2)
  expect(await refusedOverSockets(3)).toEqual(alone)
}, 60_000)
