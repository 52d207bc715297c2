/** Talks of libsignal as its own clients have them: PQXDH, and the triple ratchet with its sparse post-quantum part. */
import * as signal from '@signalapp/libsignal-client'
import { fromUtf8, utf8 } from '../../../shared/util/bytes.ts'
import { type End, shortText, type Talk, type TextItem } from './ends.ts'
import type { Kept } from './kept.ts'

signal.initLogger(signal.LogLevel.Error, () => {})

type Bytes = Uint8Array<ArrayBuffer>

/** The record as it stands between two packets: at hand as the library gave it, or in the database as bytes. */
interface Held {
  get(): signal.SessionRecord | null
  /** The library saves before it hands over what it sealed or opened: kept until that is written with it. */
  save(record: signal.SessionRecord): void
}

class Sessions extends signal.SessionStore {
  readonly #held: Held
  constructor(held: Held) {
    super()
    this.#held = held
  }
  async saveSession(_name: signal.ProtocolAddress, record: signal.SessionRecord): Promise<void> {
    this.#held.save(record)
  }
  async getSession(): Promise<signal.SessionRecord | null> {
    return this.#held.get()
  }
  async getExistingSessions(): Promise<signal.SessionRecord[]> {
    const record = this.#held.get()
    return record ? [record] : []
  }
}

class Identities extends signal.IdentityKeyStore {
  readonly pair = signal.PrivateKey.generate()
  async getIdentityKey(): Promise<signal.PrivateKey> {
    return this.pair
  }
  async getLocalRegistrationId(): Promise<number> {
    return 1
  }
  async saveIdentity(): Promise<signal.IdentityChange> {
    return signal.IdentityChange.NewOrUnchanged
  }
  async isTrustedIdentity(): Promise<boolean> {
    return true
  }
  async getIdentity(): Promise<signal.PublicKey | null> {
    return null
  }
}

/** One of each kind, never used up: the same for every handshake, as on our side. */
class Prekeys extends signal.PreKeyStore {
  readonly secret = signal.PrivateKey.generate()
  readonly record = signal.PreKeyRecord.new(3, this.secret.getPublicKey(), this.secret)
  async savePreKey(): Promise<void> {}
  async getPreKey(): Promise<signal.PreKeyRecord> {
    return this.record
  }
  async removePreKey(): Promise<void> {}
}

class SignedPrekeys extends signal.SignedPreKeyStore {
  readonly record: signal.SignedPreKeyRecord
  constructor(identity: signal.PrivateKey) {
    super()
    const secret = signal.PrivateKey.generate()
    const key = secret.getPublicKey()
    this.record = signal.SignedPreKeyRecord.new(1, Date.now(), key, secret, identity.sign(key.serialize()))
  }
  async saveSignedPreKey(): Promise<void> {}
  async getSignedPreKey(): Promise<signal.SignedPreKeyRecord> {
    return this.record
  }
}

class KemPrekeys extends signal.KyberPreKeyStore {
  readonly record: signal.KyberPreKeyRecord
  constructor(identity: signal.PrivateKey) {
    super()
    const pair = signal.KEMKeyPair.generate()
    this.record = signal.KyberPreKeyRecord.new(4, Date.now(), pair, identity.sign(pair.getPublicKey().serialize()))
  }
  async saveKyberPreKey(): Promise<void> {}
  async getKyberPreKey(): Promise<signal.KyberPreKeyRecord> {
    return this.record
  }
  async markKyberPreKeyUsed(): Promise<void> {}
}

class Person {
  readonly address: signal.ProtocolAddress
  readonly identities = new Identities()
  readonly prekeys = new Prekeys()
  readonly signed = new SignedPrekeys(this.identities.pair)
  readonly kem = new KemPrekeys(this.identities.pair)

  constructor(name: string) {
    this.address = signal.ProtocolAddress.new(name, 1)
  }

  bundle(): signal.PreKeyBundle {
    const { prekeys, signed, kem, identities } = this
    return signal.PreKeyBundle.new(
      1,
      1,
      prekeys.record.id(),
      prekeys.record.publicKey(),
      signed.record.id(),
      signed.record.publicKey(),
      signed.record.signature(),
      identities.pair.getPublicKey(),
      kem.record.id(),
      kem.record.publicKey(),
      kem.record.signature(),
    )
  }
}

const BLOCK = 160

/** The same words as on our side, padded as the apps of libsignal's makers do: the library itself does not pad. */
function plainOf(items: readonly TextItem[]): Bytes {
  const content = utf8(JSON.stringify({ items }))
  // Their cipher adds at least one byte of its own.
  const padded = new Uint8Array(Math.ceil((content.length + 2) / BLOCK) * BLOCK - 1)
  padded.set(content)
  padded[content.length] = 0x80
  return padded
}

function itemsOf(plain: Uint8Array): TextItem[] {
  return (JSON.parse(fromUtf8(plain.subarray(0, plain.lastIndexOf(0x80)))) as { items: TextItem[] }).items
}

class SignalEnd implements End {
  readonly #me: Person
  readonly #peer: Person
  readonly #kept: Kept | null
  #record: signal.SessionRecord | null = null
  readonly #sessions: Sessions

  constructor(me: Person, peer: Person, kept: Kept | null) {
    this.#me = me
    this.#peer = peer
    this.#kept = kept
    this.#sessions = new Sessions({
      get: () => {
        const bytes = this.#record ? null : kept?.state()
        return bytes ? signal.SessionRecord.deserialize(bytes) : this.#record
      },
      save: (record) => {
        this.#record = record
      },
    })
  }

  /** What was saved, to go to the disk; without one it stays at hand. */
  #saved(): Uint8Array | null {
    if (!this.#kept || !this.#record) return null
    const bytes = this.#record.serialize()
    this.#record = null
    return bytes
  }

  async begin(bundle: signal.PreKeyBundle, item: TextItem): Promise<Uint8Array> {
    await signal.processPreKeyBundle(bundle, this.#peer.address, this.#me.address, this.#sessions, this.#me.identities)
    const packet = await this.#seal(item)
    const saved = this.#saved()
    const kept = this.#kept
    if (saved && kept) {
      kept.store.transaction(() => {
        kept.begin(saved)
        kept.sent(saved, packet, item)
      })
    }
    return packet
  }

  async readFirst(packet: Uint8Array): Promise<void> {
    const { address, identities, prekeys, signed, kem } = this.#me
    const first = signal.PreKeySignalMessage.deserialize(new Uint8Array(packet))
    const plain = await signal.signalDecryptPreKey(first, this.#peer.address, address, this.#sessions, identities, prekeys, signed, kem)
    const saved = this.#saved()
    const items = itemsOf(plain)
    const kept = this.#kept
    if (saved && kept) {
      kept.store.transaction(() => {
        kept.begin(saved)
        kept.received(saved, items)
      })
    }
  }

  async #seal(item: TextItem): Promise<Uint8Array> {
    const { address, identities } = this.#me
    return (await signal.signalEncrypt(plainOf([item]), this.#peer.address, address, this.#sessions, identities)).serialize()
  }

  async write(item: TextItem): Promise<Uint8Array> {
    const packet = await this.#seal(item)
    const saved = this.#saved()
    if (saved) this.#kept?.sent(saved, packet, item)
    return packet
  }

  async read(packet: Uint8Array): Promise<null> {
    const { address, identities } = this.#me
    const message = signal.SignalMessage.deserialize(new Uint8Array(packet))
    const plain = await signal.signalDecrypt(message, this.#peer.address, address, this.#sessions, identities)
    const saved = this.#saved()
    const items = itemsOf(plain)
    if (saved) this.#kept?.received(saved, items)
    return null
  }
}

/** As `ourMeetings`. */
export function signalMeetings(kept: readonly [Kept, Kept] | null = null) {
  const [alice, bob] = [new Person('alice'), new Person('bob')]
  const bundle = bob.bundle()
  return async () => {
    const ends = [new SignalEnd(alice, bob, kept?.[0] ?? null), new SignalEnd(bob, alice, kept?.[1] ?? null)] as const
    const first = await ends[0].begin(bundle, shortText())
    await ends[1].readFirst(first)
    return { ends, first }
  }
}

/** A talk that has begun: the other side has answered, so that no prekey message goes any more. */
export async function signalTalk(kept: readonly [Kept, Kept] | null = null): Promise<Talk & { readonly first: Uint8Array }> {
  const { ends, first } = await signalMeetings(kept)()
  await ends[0].read(await ends[1].write(shortText()))
  return { ends, first }
}

export function restoreSignal(kept: Kept): () => unknown {
  const bytes = kept.state() ?? new Uint8Array(0)
  return () => signal.SessionRecord.deserialize(bytes)
}
