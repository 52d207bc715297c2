/**
 * Keeps this device startable for others: makes its identity and prekeys, puts the public halves up at the relay, and turns
 * them over. Secrets are in the store before the relay has heard of their public halves.
 */
import type { KemPrekey, Prekeys, X25519Prekey } from '../../../shared/protocol/secret.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { errorFacts, type Log } from '../log.ts'
import { within } from '../net/deadline.ts'
import { createPauses } from '../pauses.ts'
import type { Identity, RelayLink } from '../reach/relay-link.ts'
import type { Store } from '../store/store.ts'
import { createDevice, decodeDevice, encodeDevice } from './crypto/device.ts'
import type { PrekeySource } from './crypto/handshake.ts'
import { createKemPrekey, createX25519Prekey } from './crypto/prekeys.ts'
import type { Device } from './crypto/types.ts'

export interface PrekeyKeeper {
  readonly source: PrekeySource
  /** Made at the first use, and the same from then on. */
  device(): Device
  /** Inside a `write`: one-time secrets that a first packet has used. */
  spend(used: { readonly x25519: number | null; readonly mlkem768: number | null }): void
  /** A session began: what the relay has is looked after now. */
  resume(): void
  /** Looks again if one-time prekeys were used meanwhile: perhaps more are needed. */
  poke(): void
  close(): void
}

export interface KeeperDeps {
  readonly store: Store
  readonly identity: Identity
  readonly link: RelayLink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

type Kind = 'signed' | 'last-resort' | 'x25519' | 'mlkem768'

const HOUR = 3_600_000
// How many, how long and when more: docs/PROTOCOL-SECRET.md, "Keys of a device".
const SIGNED_MS = 48 * HOUR
const SIGNED_KEPT_MS = 14 * 24 * HOUR
const ONE_TIME_KEPT_MS = 90 * 24 * HOUR
const FULL = { x25519: 50, mlkem768: 20 }
const LOW = { x25519: 15, mlkem768: 8 }
const LOOK_EVERY_MS = HOUR
const ANSWER_MS = 20_000
const DEVICE = 'secret.device'
const NEXT_ID = 'secret.prekey.next'
const LOOK = 'look'

export function createPrekeyKeeper({ store, identity, link, clock, random, log }: KeeperDeps): PrekeyKeeper {
  const { values } = store
  const closing = new AbortController()
  const pauses = createPauses(clock, random, () => void look())
  let looking = false
  let spent = false
  let known: Device | null = null

  const openOrMake = (): Device => {
    const kept = values.get(DEVICE)
    if (kept !== null) return decodeDevice(kept)
    const { handle, key } = identity
    const made = createDevice({ handle, account: key.publicKey, device: identity.device }, key, clock.now(), random)
    values.set(DEVICE, encodeDevice(made))
    return made
  }
  const device = (): Device => {
    known ??= openOrMake()
    return known
  }

  const nextId = () => {
    // Also by the clock, in seconds: the relay passes over numbers that a profile restored from a copy gives out again.
    const id = Math.max(Number(values.get(NEXT_ID) ?? 1), Math.floor(clock.now() / 1000))
    values.set(NEXT_ID, String(id + 1))
    return id
  }
  const keep = (kind: Kind, id: number, secret: Uint8Array) =>
    store.run('INSERT INTO secret_prekey (kind, id, secret, created) VALUES (?, ?, ?, ?)', [kind, id, new Uint8Array(secret), clock.now()])
  const x25519 = (type: 'signed' | 'one-time'): X25519Prekey => {
    const id = nextId()
    const made = createX25519Prekey(device(), type, id, clock.now(), random)
    keep(type === 'signed' ? 'signed' : 'x25519', id, made.secret)
    return made.public
  }
  const mlkem768 = (type: 'last-resort' | 'one-time'): KemPrekey => {
    const id = nextId()
    const made = createKemPrekey(device(), type, id, clock.now(), random)
    keep(type === 'last-resort' ? 'last-resort' : 'mlkem768', id, made.secret)
    return made.public
  }
  const secretOf = (kind: Kind, id: number) =>
    store.get<{ secret: Uint8Array<ArrayBuffer> }>('SELECT secret FROM secret_prekey WHERE kind = ? AND id = ?', [kind, id])?.secret ?? null

  const signedPair = (): Pick<Prekeys, 'signed' | 'lastResort'> => ({ signed: x25519('signed'), lastResort: mlkem768('last-resort') })
  const times = (count: number) => Array.from({ length: count })

  const forgetOld = () => {
    const now = clock.now()
    store.run("DELETE FROM secret_prekey WHERE kind IN ('signed', 'last-resort') AND created < ?", [now - SIGNED_KEPT_MS])
    store.run("DELETE FROM secret_prekey WHERE kind IN ('x25519', 'mlkem768') AND created < ?", [now - ONE_TIME_KEPT_MS])
    // A replay needs the signed prekey it was made for, which is gone by now.
    store.run('DELETE FROM secret_begun WHERE at < ?', [now - SIGNED_KEPT_MS])
  }

  /** What the relay should be given now; `null`: it has enough. */
  const missing = (left: { x25519: number; mlkem768: number; signed: number | null }): Prekeys | null => {
    const signedAt = store.get<{ at: number | null }>("SELECT max(created) AS at FROM secret_prekey WHERE kind = 'signed'")?.at ?? 0
    const isFresh = left.signed !== null && secretOf('signed', left.signed) !== null && clock.now() - signedAt < SIGNED_MS
    const isLow = left.x25519 < LOW.x25519 || left.mlkem768 < LOW.mlkem768
    if (isFresh && !isLow) return null
    return store.transaction(() => {
      forgetOld()
      return {
        certificate: device().certificate,
        ...signedPair(),
        x25519: times(FULL.x25519 - left.x25519).map(() => x25519('one-time')),
        mlkem768: times(FULL.mlkem768 - left.mlkem768).map(() => mlkem768('one-time')),
      }
    })
  }

  const look = async () => {
    if (looking || closing.signal.aborted || !link.online || pauses.has(LOOK)) return
    looking = true
    try {
      const left = await within(clock, ANSWER_MS, closing.signal, (signal) => link.request('prekeys.left', {}, signal))
      if (!left.ok) return pauses.start(LOOK, left.retryMs)
      const prekeys = missing(left)
      if (!prekeys) return pauses.start(LOOK, LOOK_EVERY_MS)
      const answer = await within(clock, ANSWER_MS, closing.signal, (signal) => link.request('prekeys.publish', prekeys, signal))
      if (answer.ok) pauses.start(LOOK, LOOK_EVERY_MS)
      else pauses.start(LOOK, answer.retryMs)
    } catch (error) {
      if (closing.signal.aborted || !link.online) return
      log.warn('prekeys not looked after', errorFacts(error))
      pauses.start(LOOK)
    } finally {
      looking = false
    }
  }

  return {
    device,
    source: {
      x25519: (id, type) => secretOf(type === 'signed' ? 'signed' : 'x25519', id),
      mlkem768: (id, type) => secretOf(type === 'last-resort' ? 'last-resort' : 'mlkem768', id),
    },
    spend(used) {
      spent = true
      if (used.x25519 !== null) store.run("DELETE FROM secret_prekey WHERE kind = 'x25519' AND id = ?", [used.x25519])
      if (used.mlkem768 !== null) store.run("DELETE FROM secret_prekey WHERE kind = 'mlkem768' AND id = ?", [used.mlkem768])
    },
    resume() {
      pauses.clearAll()
      void look()
    },
    poke() {
      if (!spent) return
      spent = false
      pauses.clear(LOOK)
      void look()
    },
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}
