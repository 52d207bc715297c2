/**
 * The Double Ratchet with header encryption (Signal's specification, revision 1, sections 3 and 4), over whatever functions a
 * suite brings. It hands out message keys and says which chain a header belongs to; sealing is the caller's. A new pair is made
 * when something is to be sent, not when something came, so it is as fresh as it can be. Ratchets are values: every function
 * returns another one.
 */
import type { Random } from '../../../../shared/util/random.ts'
import { equal } from './primitives.ts'
import type { KeyPair } from './x25519.ts'

/** Keys that one packet may skip in one chain. */
export const MAX_SKIP = 1000
/** Skipped keys of a session; the oldest go first. */
export const MAX_STORED = 2000
/** Chains of the other side kept after it began a new one, for what comes late. */
export const MAX_OLD_CHAINS = 5
/** Runs of numbers whose keys were let go, of one chain; beyond, the two lowest become one with what is between them. */
export const MAX_LOST_RUNS = 100
export const SKIPPED_LIVE_MS = 7 * 24 * 3600 * 1000

export interface RatchetSuite<Mix> {
  generate(random: Random): KeyPair
  /** Throws where the other side's key is worth nothing. */
  agree(own: KeyPair, publicKey: Uint8Array): Uint8Array
  /** KDF_RK_HE; `mix` is what else goes into this step. */
  root(root: Uint8Array, agreed: Uint8Array, mix: Mix): { root: Uint8Array; chain: Uint8Array; headerKey: Uint8Array }
  /** KDF_CK. */
  chain(key: Uint8Array): { chain: Uint8Array; message: Uint8Array }
}

export interface RatchetHeader {
  readonly dh: Uint8Array
  /** Length of the sender's chain before this one. */
  readonly pn: number
  /** Number in this chain, from 0. */
  readonly n: number
}

interface Skipped {
  readonly key: Uint8Array
  readonly at: number
}

/** One chain of the other side. */
export interface ReceivingChain {
  readonly dh: Uint8Array
  readonly headerKey: Uint8Array
  /** Messages of the chains before it. */
  readonly base: number
  /** The first number whose key is not derived yet. */
  readonly next: number
  /** `null`: the other side has begun another chain, and this one ends at `next`. */
  readonly key: Uint8Array | null
  /** By number, ascending. */
  readonly skipped: ReadonlyMap<number, Skipped>
  /** Numbers whose keys were let go before their message came, as [first, behind the last], ascending. */
  readonly lost: readonly Run[]
}

export type Run = readonly [number, number]

interface SendingChain {
  readonly headerKey: Uint8Array
  readonly key: Uint8Array
  readonly n: number
}

export interface Ratchet {
  readonly root: Uint8Array
  /** `null`: what is sent next begins a chain. */
  readonly sending: SendingChain | null
  /** Ours, which the other side's next chain will be agreed with; `null` until we have sent to its newest key. */
  readonly pair: KeyPair | null
  /** The other side's newest key. */
  readonly remote: Uint8Array | null
  /** Length of our chain before the one to come or under way. */
  readonly previous: number
  readonly nextSendingKey: Uint8Array
  readonly nextReceivingKey: Uint8Array
  /** Newest first. */
  readonly chains: readonly ReceivingChain[]
}

/** Who has the other side's first key and will send first. */
export function initiatorRatchet(root: Uint8Array, remote: Uint8Array, sendingKey: Uint8Array, receivingKey: Uint8Array): Ratchet {
  return {
    root,
    remote,
    sending: null,
    pair: null,
    previous: 0,
    nextSendingKey: sendingKey,
    nextReceivingKey: receivingKey,
    chains: [],
  }
}

/** Whose first pair the other side already has; can send only after it has opened something. */
export function responderRatchet(root: Uint8Array, pair: KeyPair, sendingKey: Uint8Array, receivingKey: Uint8Array): Ratchet {
  return {
    root,
    remote: null,
    sending: null,
    pair,
    previous: 0,
    nextSendingKey: sendingKey,
    nextReceivingKey: receivingKey,
    chains: [],
  }
}

/** Begins a chain of ours with a fresh pair. Throws when one is under way, or nothing of the other side has come yet. */
export function beginSending<Mix>(suite: RatchetSuite<Mix>, ratchet: Ratchet, mix: Mix, random: Random): Ratchet {
  if (ratchet.sending || !ratchet.remote) throw new Error('not our turn')
  const pair = suite.generate(random)
  const { root, chain, headerKey } = suite.root(ratchet.root, suite.agree(pair, ratchet.remote), mix)
  const sending = { headerKey: ratchet.nextSendingKey, key: chain, n: 0 }
  return { ...ratchet, root, pair, sending, nextSendingKey: headerKey }
}

export interface ToSend {
  readonly ratchet: Ratchet
  readonly header: RatchetHeader
  readonly headerKey: Uint8Array
  readonly messageKey: Uint8Array
}

/** The next key of our chain. Throws when none is under way. */
export function nextToSend<Mix>(suite: RatchetSuite<Mix>, ratchet: Ratchet): ToSend {
  const { sending, pair } = ratchet
  if (!sending || !pair) throw new Error('no chain to send on')
  const { chain, message } = suite.chain(sending.key)
  return {
    ratchet: { ...ratchet, sending: { ...sending, key: chain, n: sending.n + 1 } },
    header: { dh: pair.publicKey, pn: ratchet.previous, n: sending.n },
    headerKey: sending.headerKey,
    messageKey: message,
  }
}

/**
 * Tries the header keys, at most seven and the likeliest first: `open` gets a key and the ratchet key of its chain, `null` for the
 * chain to come. The answer's `chain` is an index into `chains`, `null` for the chain to come; all is `null` when no key fits.
 */
export function findChain<H>(
  ratchet: Ratchet,
  open: (headerKey: Uint8Array, dh: Uint8Array | null) => H | null,
): { header: H; chain: number | null } | null {
  // Without a pair of ours that it has seen, the other side cannot step on; with one, it answers in a new chain.
  const next = ratchet.pair && open(ratchet.nextReceivingKey, null)
  if (next !== null) return { header: next, chain: null }
  for (const [chain, { headerKey, dh }] of ratchet.chains.entries()) {
    const header = open(headerKey, dh)
    if (header !== null) return { header, chain }
  }
  return null
}

/** `duplicate`: its key was used. `lost`: its key was let go unused. `impossible`: no honest sender in this session writes such a header. */
export type NoKey = 'duplicate' | 'lost' | 'too-far' | 'impossible'

/**
 * Takes the other side's step to the chain of `header`. The chain before is left as it is: `endPrevious` must follow, once the packet
 * has opened, so that one which does not open costs no derivation of what is missing there.
 */
export function beginReceiving<Mix>(suite: RatchetSuite<Mix>, ratchet: Ratchet, header: RatchetHeader, mix: Mix): Ratchet | NoKey {
  const { pair, sending } = ratchet
  if (!pair) return 'impossible'
  const current = ratchet.chains[0]
  if (current && header.pn < current.next) return 'impossible'
  if (current && isFar(current, header.pn)) return 'too-far'
  const { root, chain, headerKey } = suite.root(ratchet.root, suite.agree(pair, header.dh), mix)
  const begun = {
    dh: header.dh,
    headerKey: ratchet.nextReceivingKey,
    base: current ? current.base + header.pn : 0,
    next: 0,
    key: chain,
    skipped: new Map(),
    lost: [],
  }
  return {
    ...ratchet,
    root,
    remote: header.dh,
    // The old pair has done its part: whoever gets this state cannot go back with it.
    pair: null,
    sending: null,
    previous: sending ? sending.n : 0,
    nextReceivingKey: headerKey,
    chains: [begun, ...ratchet.chains.slice(0, MAX_OLD_CHAINS)],
  }
}

/** Ends the chain before the newest, if it is not yet, and keeps the keys of what is missing of it. */
export function endPrevious<Mix>(suite: RatchetSuite<Mix>, ratchet: Ratchet, now: number): Ratchet {
  const [newest, previous] = ratchet.chains
  if (!newest || !previous?.key) return ratchet
  const ended = { ...derive(suite, previous, previous.key, newest.base - previous.base, now), key: null }
  return { ...ratchet, chains: ratchet.chains.with(1, ended) }
}

/** The key that `header` points to in chain `index`, and the ratchet without it. */
export function takeKey<Mix>(
  suite: RatchetSuite<Mix>,
  ratchet: Ratchet,
  index: number,
  { dh, n }: RatchetHeader,
  now: number,
): { ratchet: Ratchet; messageKey: Uint8Array } | NoKey {
  const chain = ratchet.chains[index]
  if (!chain || !equal(chain.dh, dh)) return 'impossible'
  const replace = (other: ReceivingChain) => ({ ...ratchet, chains: ratchet.chains.with(index, other) })
  if (n < chain.next) {
    const found = chain.skipped.get(n)
    if (!found) return chain.lost.some(([first, end]) => first <= n && n < end) ? 'lost' : 'duplicate'
    if (isOld(found, now)) return 'lost'
    const skipped = new Map(chain.skipped)
    skipped.delete(n)
    return { ratchet: replace({ ...chain, skipped }), messageKey: found.key }
  }
  if (!chain.key) return 'impossible'
  if (isFar(chain, n)) return 'too-far'
  const upTo = derive(suite, chain, chain.key, n, now)
  const { chain: key, message } = suite.chain(upTo.key)
  return { ratchet: replace({ ...upTo, key, next: n + 1 }), messageKey: message }
}

const isFar = ({ next }: ReceivingChain, end: number) => end - next > MAX_SKIP

/** Derives and keeps the keys below `end`, beginning with `from`, its key. */
function derive<Mix>(suite: RatchetSuite<Mix>, chain: ReceivingChain, from: Uint8Array, end: number, now: number) {
  // Nothing is missing, as nearly always: nothing to copy.
  if (end <= chain.next) return { ...chain, key: from, next: end }
  const skipped = new Map(chain.skipped)
  let key = from
  for (let n = chain.next; n < end; n++) {
    const step = suite.chain(key)
    skipped.set(n, { key: step.message, at: now })
    key = step.chain
  }
  return { ...chain, skipped, key, next: end }
}

function hasOld(skipped: ReadonlyMap<number, Skipped>, now: number): boolean {
  for (const one of skipped.values()) if (isOld(one, now)) return true
  return false
}

const isOld = ({ at }: Skipped, now: number) => now - at >= SKIPPED_LIVE_MS

/** Without the skipped keys that are too old, or too many. */
export function forgetSkipped(ratchet: Ratchet, now: number): Ratchet {
  if (ratchet.chains.every(({ skipped }) => skipped.size === 0)) return ratchet
  let room = MAX_STORED
  let changed = false
  const chains = ratchet.chains.map((chain) => {
    if (chain.skipped.size <= room && !hasOld(chain.skipped, now)) {
      room -= chain.skipped.size
      return chain
    }
    const young = [...chain.skipped].filter(([, skipped]) => !isOld(skipped, now))
    const kept = new Map(young.slice(Math.max(0, young.length - room)))
    room -= kept.size
    if (kept.size === chain.skipped.size) return chain
    changed = true
    const gone = [...chain.skipped.keys()].filter((n) => !kept.has(n))
    return { ...chain, skipped: kept, lost: withLost(chain.lost, gone) }
  })
  return changed ? { ...ratchet, chains } : ratchet
}

/** `numbers` ascend, and lie above those of `runs` unless the clock was set back: then a run takes in what is between. */
function withLost(runs: readonly Run[], numbers: readonly number[]): readonly Run[] {
  const lost = [...runs]
  for (const n of numbers) {
    const [first, end] = lost.at(-1) ?? [n, n]
    if (n <= end) lost.splice(-1, 1, [Math.min(first, n), Math.max(end, n + 1)])
    else lost.push([n, n + 1])
  }
  while (lost.length > MAX_LOST_RUNS) {
    const [[first], [, end]] = [lost[0] ?? [0, 0], lost[1] ?? [0, 0]]
    lost.splice(0, 2, [first, end])
  }
  return lost
}
