/**
 * The protocol as a second implementation has it, written from the document on other primitives: what it put on the wire stands
 * in a file with every random draw, and ours must put the same there, byte for byte. Both also talk to each other.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { createDevice } from '../../../../electron/core/secret/crypto/device.ts'
import { openFirst, type PrekeySource, startSession } from '../../../../electron/core/secret/crypto/handshake.ts'
import { createKemPrekey, createX25519Prekey } from '../../../../electron/core/secret/crypto/prekeys.ts'
import { seal } from '../../../../electron/core/secret/crypto/session.ts'
import { decodeSession, encodeSession } from '../../../../electron/core/secret/crypto/session-bytes.ts'
import type { SessionState } from '../../../../electron/core/secret/crypto/types.ts'
import { DeviceBundle } from '../../../../shared/protocol/secret.ts'
import { type Random, seededRandom } from '../../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../../shared/util/signing.ts'
import type { Draw } from '../../../support/secret-noble/bytes.ts'
import { beginWith, noblePerson } from '../../../support/secret-noble/people.ts'
import { NobleTalk } from '../../../support/secret-noble/talk.ts'
import { NOW, person, read, text, textsOf } from './people.ts'
import { hex, toHex } from './vectors.ts'

const HOUR = 3600 * 1000
const path = fileURLToPath(new URL('../../../fixtures/secret/sc1.jsonl', import.meta.url))

/** One step of the script: who writes, or whose packet of which step arrives. */
type Step =
  | { readonly kind: 'write'; readonly by: 'alice' | 'bob'; readonly words: string; readonly at: number }
  | { readonly kind: 'arrive'; readonly step: number; readonly at: number }

/** 50 steps: a burst, turns, packets that overtake others or come turns later, and days that pass, so that keys are renewed. */
function script(): Step[] {
  const steps: Step[] = []
  let at = NOW
  const write = (by: 'alice' | 'bob') => {
    at += 1000
    return steps.push({ kind: 'write', by, words: `${by} ${steps.length} ${'.'.repeat((steps.length * 13) % 300)}`, at }) - 1
  }
  const arrive = (...numbers: readonly number[]) => {
    for (const step of numbers) {
      at += 10
      steps.push({ kind: 'arrive', step, at })
    }
  }
  const first = [write('alice'), write('alice'), write('alice')] as const
  arrive(first[1], first[0])
  const answers = [write('bob'), write('bob')] as const
  arrive(answers[1])
  const turned = write('alice')
  arrive(turned, answers[0], first[2])
  for (let turn = 0; turn < 3; turn++) {
    const theirs = write('bob')
    arrive(theirs)
    const ours = write('alice')
    arrive(ours)
    at += 9 * HOUR
  }
  const late = [write('bob'), write('bob'), write('bob'), write('bob')] as const
  arrive(late[3])
  const more = [write('alice'), write('alice')] as const
  arrive(more[1])
  const next = write('bob')
  arrive(next, late[0])
  const last = [write('alice'), write('bob')] as const
  arrive(...last, late[2], more[0])
  while (steps.length < 49) arrive(write(steps.length % 4 < 2 ? 'alice' : 'bob'))
  write('alice')
  return steps
}

const Snapshot = v.strictObject({
  root: v.string(),
  sending: v.nullable(v.string()),
  receiving: v.nullable(v.string()),
  nextSendingHeader: v.string(),
  nextReceivingHeader: v.string(),
  skipped: v.number(),
  epoch: v.number(),
})
const Golden = v.strictObject({
  about: v.string(),
  now: v.number(),
  people: v.strictObject({ alice: v.array(v.string()), bob: v.array(v.string()) }),
  bundle: DeviceBundle,
  handshake: v.strictObject({ draws: v.array(v.string()), th: v.string(), sid: v.string() }),
  steps: v.array(
    v.variant('kind', [
      v.strictObject({
        kind: v.literal('write'),
        by: v.picklist(['alice', 'bob']),
        at: v.number(),
        items: v.array(v.looseObject({ kind: v.literal('text'), id: v.string(), text: v.string(), ttl: v.null(), cap: v.number() })),
        draws: v.array(v.string()),
        packet: v.string(),
        state: Snapshot,
      }),
      v.strictObject({ kind: v.literal('arrive'), step: v.number(), at: v.number(), n: v.number(), state: Snapshot }),
    ]),
  ),
})
type Golden = v.InferOutput<typeof Golden>

/** Draws that are written down. */
function recorder(seed: number): { draw: Draw; take(): string[] } {
  const random = seededRandom(seed)
  let drawn: string[] = []
  return {
    draw(length) {
      const bytes = random.bytes(length)
      drawn.push(toHex(bytes))
      return bytes
    },
    take() {
      const taken = drawn
      drawn = []
      return taken
    },
  }
}

const item = (words: string, step: number) => ({
  kind: 'text' as const,
  id: `00000000-0000-4000-8000-${String(step).padStart(12, '0')}`,
  text: words,
  ttl: null,
  cap: NOW,
})

/** The second implementation plays the script and writes down what it did. */
function play(): Golden {
  const { draw, take } = recorder(20_261_122)
  const alice = noblePerson('alice', NOW, draw, true)
  const aliceDraws = take()
  const bob = noblePerson('bob', NOW, draw, true)
  const bobDraws = take()
  const talk = NobleTalk.begin(beginWith(alice, bob), draw)
  const handshake = { draws: take(), th: toHex(talk.th), sid: toHex(talk.sid) }
  const packets = new Map<number, Uint8Array>()
  let other: NobleTalk | undefined
  const steps = script().map((step, i): Golden['steps'][number] => {
    if (step.kind === 'write') {
      const writer = step.by === 'alice' ? talk : other
      if (!writer) throw new Error('nothing has arrived')
      const items = [item(step.words, i)]
      const packet = writer.send(items, step.at, draw)
      packets.set(i, packet)
      return { kind: 'write', by: step.by, at: step.at, items, draws: take(), packet: toHex(packet), state: shown(writer) }
    }
    const packet = packets.get(step.step)
    const sent = script()[step.step]
    if (!packet || sent?.kind !== 'write') throw new Error('no such packet')
    if (sent.by === 'alice') other ??= NobleTalk.accept(bob.who, bob.secret, alice.who, packet, bob.secrets)
    const reader = sent.by === 'alice' ? other : talk
    if (!reader) throw new Error('nobody to read it')
    const { items, n } = reader.receive(packet)
    expect(items).toEqual([item(sent.words, step.step)])
    return { kind: 'arrive', step: step.step, at: step.at, n, state: shown(reader) }
  })
  const about =
    'Secret chats, suite SC1: a talk of 50 steps with every random draw, made by the second implementation (test/support/secret-noble). Bytes are hexadecimal. The first line is what it began with, each other line a step.'
  return { about, now: NOW, people: { alice: aliceDraws, bob: bobDraws }, bundle: bob.bundle, handshake, steps }
}

const shown = (talk: NobleTalk) => v.parse(Snapshot, talk.snapshot())

function snapshot({ ratchet, rekeying }: SessionState): v.InferOutput<typeof Snapshot> {
  const orNull = (bytes: Uint8Array | null | undefined) => (bytes ? toHex(bytes) : null)
  return {
    root: toHex(ratchet.root),
    sending: orNull(ratchet.sending?.key),
    receiving: orNull(ratchet.chains[0]?.key),
    nextSendingHeader: toHex(ratchet.nextSendingKey),
    nextReceivingHeader: toHex(ratchet.nextReceivingKey),
    skipped: ratchet.chains.reduce((sum, { skipped }) => sum + skipped.size, 0),
    epoch: rekeying.epoch,
  }
}

/** The draws of the file, one after another, and no other. */
function replayed(draws: readonly string[]): Random & { done(): void } {
  const left = [...draws]
  return {
    bytes(length) {
      const next = left.shift()
      if (next?.length !== 2 * length) throw new Error(`a draw of ${length} bytes that the other did not make`)
      return hex(next)
    },
    fraction: () => 0,
    done: () => expect(left).toEqual([]),
  }
}

/** Somebody of the file, made by our implementation from the same draws. */
function ours(handle: string, draws: readonly string[]) {
  const random = replayed(draws)
  const account = signingKeyFromSeed(random.bytes(32))
  const device = createDevice({ handle, account: account.publicKey, device: random.bytes(16) }, account, NOW, random)
  const signed = createX25519Prekey(device, 'signed', 1, NOW, random)
  const oneTime = createX25519Prekey(device, 'one-time', 2, NOW, random)
  const lastResort = createKemPrekey(device, 'last-resort', 3, NOW, random)
  const kem = createKemPrekey(device, 'one-time', 4, NOW, random)
  random.done()
  const prekeys: PrekeySource = {
    x25519: (_, type) => (type === 'signed' ? signed.secret : oneTime.secret),
    mlkem768: (_, type) => (type === 'one-time' ? kem.secret : lastResort.secret),
  }
  const publics = { signed: signed.public, lastResort: lastResort.public, x25519: oneTime.public, mlkem768: kem.public }
  return { device, prekeys, publics }
}

it('the second implementation still does what it wrote down', async () => {
  const { steps, ...rest } = play()
  const lines = [rest, ...steps].map((line) => `${JSON.stringify(line)}\n`)
  await expect(lines.join('')).toMatchFileSnapshot(path)
}, 60_000)

it('ours does the same from the same draws: bundle, handshake, every packet and every state', () => {
  const [rest, ...steps] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const golden = v.parse(Golden, { ...rest, steps })
  const alice = ours('alice', golden.people.alice)
  const bob = ours('bob', golden.people.bob)
  expect({ device: golden.bundle.device, certificate: bob.device.certificate, ...bob.publics }).toEqual(golden.bundle)
  const start = replayed(golden.handshake.draws)
  const ends: { alice: SessionState; bob: SessionState | null } = {
    alice: startSession(alice.device, golden.bundle, bob.device.identity, NOW, start),
    bob: null,
  }
  start.done()
  expect([toHex(ends.alice.th), toHex(ends.alice.sid)]).toEqual([golden.handshake.th, golden.handshake.sid])
  let epochs = 0
  for (const [i, step] of golden.steps.entries()) {
    const label = `step ${i}`
    if (step.kind === 'write') {
      const state = ends[step.by]
      if (!state) throw new Error(label)
      const random = replayed(step.draws)
      const sealed = seal(state, step.items, step.at, random)
      random.done()
      expect(toHex(sealed.packet), label).toBe(step.packet)
      ends[step.by] = decodeSession(encodeSession(sealed.state))
      expect(snapshot(sealed.state), label).toEqual(step.state)
      continue
    }
    const sent = golden.steps[step.step]
    if (sent?.kind !== 'write') throw new Error(label)
    const [packet, reader] = [hex(sent.packet), sent.by === 'alice' ? 'bob' : 'alice'] as const
    const state = ends[reader]
    const opened = state ? read(state, packet, step.at) : openFirst(bob.device, alice.device.identity, packet, bob.prekeys, step.at)
    expect(opened.items, label).toEqual(sent.items)
    expect(opened.n, label).toBe(step.n)
    expect(snapshot(opened.state), label).toEqual(step.state)
    ends[reader] = decodeSession(encodeSession(opened.state))
    epochs = Math.max(epochs, opened.state.rekeying.epoch)
  }
  expect(golden.steps).toHaveLength(50)
  expect(epochs).toBeGreaterThan(1)
})

const words = (items: readonly unknown[]) => v.parse(v.array(v.looseObject({ text: v.string() })), items).map(({ text }) => text)

it('ours talks to the other, whichever of them began', () => {
  for (const oneTime of [true, false])
    for (const weBegin of [true, false]) {
      const random = seededRandom(weBegin ? 5 : 6)
      const draw: Draw = (length) => random.bytes(length)
      const we = person('alice', random, { x25519: oneTime, mlkem768: oneTime })
      const they = noblePerson('bob', NOW, draw, oneTime)
      const link = weBegin ? weStart(we, they, random) : theyStart(we, they, draw)
      let { state } = link
      const waiting: { packet: Uint8Array; words: string }[] = []
      for (let i = 0; i < 40; i++) {
        const toThem = `to them ${i}`
        const sealed = seal(state, [text(toThem)], NOW, random)
        state = sealed.state
        expect(words(link.talk.receive(sealed.packet).items)).toEqual([toThem])
        for (const count of [1, 2]) {
          const packet = link.talk.send([item(`to us ${i}.${count}`, i)], NOW, draw)
          waiting.push({ packet, words: `to us ${i}.${count}` })
        }
        // The newest first, and now and then one that waits for a later turn.
        while (waiting.length > i % 3) {
          const next = waiting.pop()
          if (!next) break
          const opened = read(state, next.packet)
          expect(textsOf(opened.items)).toEqual([next.words])
          state = opened.state
        }
      }
      expect(state.rekeying.epoch).toBeGreaterThan(1)
    }
}, 60_000)

type Ours = ReturnType<typeof person>
type Theirs = ReturnType<typeof noblePerson>

function weStart(we: Ours, they: Theirs, random: Random) {
  const first = seal(startSession(we.device, they.bundle, they.who, NOW, random), [text('hello')], NOW, random)
  const talk = NobleTalk.accept(they.who, they.secret, we.device.identity, first.packet, they.secrets)
  expect(words(talk.receive(first.packet).items)).toEqual(['hello'])
  return { talk, state: first.state }
}

function theyStart(we: Ours, they: Theirs, draw: Draw) {
  const { identity } = we.device
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
  const { signed, x25519, lastResort, mlkem768 } = we.bundle
  const kem = mlkem768
    ? { type: 4 as const, id: mlkem768.id, key: bytes(mlkem768.key) }
    : { type: 3 as const, id: lastResort.id, key: bytes(lastResort.key) }
  const talk = NobleTalk.begin(
    {
      me: they.who,
      secret: they.secret,
      certificate: they.certificate,
      them: identity,
      spk: { id: signed.id, key: bytes(signed.key) },
      opk: x25519 ? { id: x25519.id, key: bytes(x25519.key) } : undefined,
      kem,
    },
    draw,
  )
  const opened = openFirst(we.device, they.who, talk.send([item('hello', 1)], NOW, draw), we.prekeys, NOW)
  expect(textsOf(opened.items)).toEqual(['hello'])
  return { talk, state: opened.state }
}
