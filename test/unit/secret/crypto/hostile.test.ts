/** Two people over a network that loses, delays, reorders, repeats and alters what it likes. */
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { openFirst, startSession } from '../../../../electron/core/secret/crypto/handshake.ts'
import { aeadSeal } from '../../../../electron/core/secret/crypto/primitives.ts'
import { MAX_OLD_CHAINS } from '../../../../electron/core/secret/crypto/ratchet.ts'
import { open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { decodeSession, encodeSession } from '../../../../electron/core/secret/crypto/session-bytes.ts'
import type { SessionState } from '../../../../electron/core/secret/crypto/types.ts'
import { seededRandom } from '../../../../shared/util/random.ts'
import { NOW, person, text, textsOf } from './people.ts'

vi.mock('../../../../electron/core/secret/crypto/primitives.ts', { spy: true })

interface Sent {
  readonly words: string
  readonly packet: Uint8Array
  /** Number of the sender's chain. */
  readonly chain: number
  readonly n: number
}

type Outcome = 'opened' | 'duplicate' | 'refused'

/** One end: its state in the store, what it wrote and what it read. */
function end(
  prepare: () => SessionState | null,
  first: (packet: Uint8Array) => { state: SessionState; words: readonly string[]; n: number; missing: number } | null,
) {
  let stored = prepare()
  let chains = 0
  let highestChain = 0
  const sent: Sent[] = []
  const read = new Map<string, number>()
  let missing = 0
  const remember = (state: SessionState, words: readonly string[]) => {
    stored = decodeSession(encodeSession(state))
    for (const word of words) read.set(word, (read.get(word) ?? 0) + 1)
  }
  return {
    sent,
    read,
    missing: () => missing,
    state: () => stored,
    write(words: string, random: ReturnType<typeof seededRandom>): void {
      if (!stored) return
      if (!stored.ratchet.sending) chains++
      const { state, packet } = seal(stored, [text(words)], NOW, random)
      stored = decodeSession(encodeSession(state))
      expect(Buffer.compare(encodeSession(stored), encodeSession(state))).toBe(0)
      sent.push({ words, packet, chain: chains, n: sent.length + 1 })
    },
    /** What must happen to an honest packet: opened, unless its chain ended too long ago. */
    takes: ({ chain }: Sent) => chain >= highestChain - MAX_OLD_CHAINS,
    receive({ packet, chain, n }: Sent): Outcome {
      if (!stored) {
        const opened = first(packet)
        if (!opened) return 'refused'
        expect(opened.n).toBe(n)
        missing = opened.missing
        highestChain = chain
        remember(opened.state, opened.words)
        return 'opened'
      }
      const before = encodeSession(stored)
      const opened = open(stored, packet, NOW)
      expect(Buffer.compare(encodeSession(stored), before)).toBe(0)
      if (opened.result === 'duplicate') return 'duplicate'
      if (opened.result !== 'message') return 'refused'
      expect(opened.n).toBe(n)
      expect(opened.forked).toBe(false)
      missing = opened.missing
      highestChain = Math.max(highestChain, chain)
      remember(opened.state, textsOf(opened.items))
      return 'opened'
    },
  }
}

const side = fc.constantFrom(0, 1)
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), side }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), side, pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deliver next' as const), side }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), side, pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), side, pick: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('alter' as const), side, pick: fc.nat(), at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
  },
)

it('opens every message that is delivered exactly once, with the right words, whatever the network does', () => {
  let opened = 0
  fc.assert(
    fc.property(fc.integer(), fc.array(event, { minLength: 30, maxLength: 120, size: 'max' }), (seed, events) => {
      vi.mocked(aeadSeal).mockClear()
      const random = seededRandom(seed)
      const [alice, bob] = [person('alice', random), person('bob', random)]
      const ends = [
        end(
          () => startSession(alice.device, bob.bundle, bob.device.identity, NOW, random),
          () => null,
        ),
        end(
          () => null,
          (packet) => {
            const first = openFirst(bob.device, alice.device.identity, packet, bob.prekeys, NOW)
            return { ...first, words: textsOf(first.items) }
          },
        ),
      ] as const
      const underWay: [Sent[], Sent[]] = [[], []]
      const arrived: [Sent[], Sent[]] = [[], []]
      const lost = new Set<string>()
      const deliver = (to: 0 | 1, index: number) => {
        const [packet] = underWay[to].splice(index, 1)
        if (!packet) return
        const expected = ends[to].takes(packet) ? 'opened' : 'refused'
        const outcome = ends[to].receive(packet)
        if (expected === 'opened') expect(outcome).toBe('opened')
        else expect(outcome).not.toBe('opened')
        if (outcome === 'opened') arrived[to].push(packet)
        else lost.add(packet.words)
      }
      for (const [i, step] of events.entries()) {
        const at = step.side === 0 ? 0 : 1
        const other = at === 0 ? 1 : 0
        const pick = <T>(list: readonly T[]) => ('pick' in step ? step.pick % Math.max(1, list.length) : 0)
        switch (step.kind) {
          case 'write': {
            const before = ends[at].sent.length
            ends[at].write(`${at} writes ${i}`, random)
            underWay[other].push(...ends[at].sent.slice(before))
            break
          }
          case 'deliver':
            deliver(at, pick(underWay[at]))
            break
          case 'deliver next':
            deliver(at, 0)
            break
          case 'repeat': {
            const packet = arrived[at][pick(arrived[at])]
            if (packet) expect(ends[at].receive(packet)).not.toBe('opened')
            break
          }
          case 'lose':
            for (const packet of underWay[at].splice(pick(underWay[at]), 1)) lost.add(packet.words)
            break
          case 'alter': {
            const packet = underWay[at][pick(underWay[at])]
            const state = ends[at].state()
            if (!packet || !state) break
            const altered = packet.packet.slice()
            const position = step.at % altered.length
            altered[position] = (altered[position] ?? 0) ^ (1 << step.bit)
            expect(ends[at].receive({ ...packet, packet: altered })).not.toBe('opened')
          }
        }
      }
      for (const to of [0, 1] as const) {
        while (underWay[to].length > 0) deliver(to, 0)
        const from = ends[to === 0 ? 1 : 0]
        for (const { words } of from.sent) expect(ends[to].read.get(words)).toBe(lost.has(words) ? undefined : 1)
        opened += ends[to].read.size
        const highest = Math.max(0, ...arrived[to].map(({ n }) => n))
        expect(ends[to].missing()).toBe(highest - arrived[to].length)
      }
      const used = vi.mocked(aeadSeal).mock.calls.map(([key, nonce]) => Buffer.concat([key, nonce]).toString('hex'))
      expect(new Set(used).size).toBe(used.length)
    }),
    { numRuns: 150, seed: 20261122 },
  )
  // The runs were about something.
  expect(opened).toBeGreaterThan(3000)
}, 60_000)
