/**
 * Secret chats, suite SC1, written a second time from docs/PROTOCOL-SECRET.md alone, on other primitives and in another manner: one
 * object that changes, plain and slow. Tests hold the application's implementation to it.
 */
import {
  base64url,
  cut,
  DH,
  type Draw,
  fromBase64url,
  H,
  HKDF,
  HMAC,
  int,
  join,
  kemKeys,
  kemUnwrap,
  kemWrap,
  list,
  lock,
  number,
  pointOf,
  text,
  unlock,
} from './bytes.ts'

/** A person's device as the protocol names its parts. */
export interface Who {
  readonly handle: string
  readonly account: Uint8Array
  readonly device: Uint8Array
  readonly signing: Uint8Array
  readonly agreement: Uint8Array
}

export interface Begin {
  readonly me: Who
  readonly secret: Uint8Array
  readonly certificate: { readonly created: number; readonly signature: Uint8Array }
  readonly them: Who
  readonly spk: { readonly id: number; readonly key: Uint8Array }
  readonly opk?: { readonly id: number; readonly key: Uint8Array } | undefined
  readonly kem: { readonly type: 3 | 4; readonly id: number; readonly key: Uint8Array }
}

/** Secrets by type of prekey and id. */
export type Secrets = (type: 1 | 2 | 3 | 4, id: number) => Uint8Array

interface Hold {
  readonly hk: Uint8Array
  readonly dh: Uint8Array
  readonly before: number
  ck: Uint8Array | undefined
  count: number
  readonly kept: Map<number, Uint8Array>
}

type Json = { items: unknown[]; kem?: { epoch: number; key?: string; ct?: string } }

const PRELUDE = 1 + 32 + 32 + 8 + 64 + 32 + 4 + 4 + 1 + 4 + 1088
const DAY = 86_400_000

export class NobleTalk {
  readonly th: Uint8Array
  readonly sid: Uint8Array
  private readonly initiator: boolean
  private prelude: Uint8Array | undefined
  private rk: Uint8Array
  private mine: Uint8Array | undefined
  private theirs: Uint8Array | undefined
  private sending: { hk: Uint8Array; ck: Uint8Array; count: number } | undefined
  private pn = 0
  private nhkSend: Uint8Array
  private nhkReceive: Uint8Array
  private holds: Hold[] = []
  private lastSent: Uint8Array = new Uint8Array(16)
  private epoch = 0
  /** Initiator: bodies of both since the last offer, and when it was made. */
  private since = 0
  private offered: number | undefined
  private offerSeed: Uint8Array | undefined
  /** The other side: what is to be answered. */
  private toAnswer: Uint8Array | undefined
  private answer: { key: Uint8Array; ct: Uint8Array } | undefined
  /** Shared, to be mixed. */
  private fresh: { ss: Uint8Array; binding: Uint8Array } | undefined

  private constructor(initiator: boolean, th: Uint8Array, secrets: readonly Uint8Array[]) {
    this.initiator = initiator
    this.th = th
    const ikm = join(new Uint8Array(32).fill(255), ...secrets)
    const [rk, hka, nhkb, sid] = cut(HKDF(th, ikm, text('SC1 session'), 112), 32, 32, 32, 16)
    this.rk = rk
    this.sid = sid
    this.nhkSend = initiator ? hka : nhkb
    this.nhkReceive = initiator ? nhkb : hka
  }

  static begin({ me, secret, certificate, them, spk, opk, kem }: Begin, draw: Draw): NobleTalk {
    const ek = draw(32)
    const EK = pointOf(ek)
    const { cipherText, sharedSecret } = kemWrap(kem.key, draw(32))
    const th = transcript(me, them, EK, spk, opk, kem, cipherText)
    const agreed = [DH(secret, spk.key), DH(ek, them.agreement), DH(ek, spk.key), ...(opk ? [DH(ek, opk.key)] : [])]
    const talk = new NobleTalk(true, th, [...agreed, sharedSecret])
    talk.theirs = spk.key
    talk.prelude = join(
      int(1, 1),
      me.signing,
      me.agreement,
      int(certificate.created, 8),
      certificate.signature,
      EK,
      int(spk.id, 4),
      int(opk?.id ?? 0, 4),
      int(kem.type, 1),
      int(kem.id, 4),
      cipherText,
    )
    return talk
  }

  /** The session that a first packet asks for; the packet itself is then received like any other. */
  static accept(
    me: Who,
    secret: Uint8Array,
    from: Pick<Who, 'handle' | 'account' | 'device'>,
    packet: Uint8Array,
    secrets: Secrets,
  ): NobleTalk {
    const [, suite, signing, agreement, , , EK, spkId, opkId, kemType, kemId, ct] = cut(
      packet.slice(0, 2 + PRELUDE),
      2,
      1,
      32,
      32,
      8,
      64,
      32,
      4,
      4,
      1,
      4,
      1088,
    )
    if (packet[0] !== 1 || packet[1] !== 1 || number(suite) !== 1) throw new Error('not a first packet')
    const type = number(kemType) === 3 ? 3 : 4
    const spk = secrets(1, number(spkId))
    const opk = number(opkId) === 0 ? undefined : secrets(2, number(opkId))
    const kem = kemKeys(secrets(type, number(kemId)))
    const th = transcript(
      { ...from, signing, agreement },
      me,
      EK,
      { id: number(spkId), key: pointOf(spk) },
      opk && { id: number(opkId), key: pointOf(opk) },
      { type, id: number(kemId), key: kem.publicKey },
      ct,
    )
    const agreed = [DH(spk, agreement), DH(secret, EK), DH(spk, EK), ...(opk ? [DH(opk, EK)] : [])]
    const talk = new NobleTalk(false, th, [...agreed, kemUnwrap(ct, kem.secretKey)])
    talk.mine = spk
    return talk
  }

  send(items: readonly unknown[], now: number, draw: Draw): Uint8Array {
    const begins = !this.sending
    if (begins) {
      this.mine = draw(32)
      const fresh = this.initiator ? this.fresh : undefined
      if (fresh) this.epoch++
      const [ck, nhk] = this.rootStep(DH(this.mine, this.theirs ?? new Uint8Array(32)), fresh)
      this.sending = { hk: this.nhkSend, ck, count: 0 }
      this.nhkSend = nhk
    }
    const body: Json = { items: [...items] }
    const kem = this.kemToSend(begins, now, draw)
    if (kem) body.kem = kem
    const content = join(this.lastSent, text(JSON.stringify(body)))
    this.lastSent = H(16, content)

    const chain = this.sending
    if (!chain) throw new Error('no chain')
    const [ck, mk] = cut(HMAC(chain.ck, int(1, 1)), 32)
    const header = join(
      int(0, 1),
      pointOf(this.mine ?? chain.ck),
      int(this.pn, 4),
      int(chain.count, 4),
      int(this.epoch, 4),
      new Uint8Array(14),
    )
    chain.ck = ck
    chain.count++
    const nonce = draw(24)
    const sealedHeader = join(nonce, lock(chain.hk, nonce, list('SC1 header', this.th), header))
    const front = this.prelude ? join(int(1, 1), this.prelude) : int(2, 1)
    const [key, commitment] = cut(HMAC(mk, text('SC1 message')), 32)
    const data = list('SC1 body', this.th, int(this.initiator ? 0 : 1, 1), front, sealedHeader, commitment)
    return join(int(1, 1), front, sealedHeader, commitment, lock(key, nonce, data, padded(content)))
  }

  /** Throws when the packet does not open; the object is of no use after that. */
  receive(packet: Uint8Array): { items: unknown[]; n: number } {
    const front = packet.slice(1, packet[1] === 1 ? 2 + PRELUDE : 2)
    const [sealedHeader, commitment, sealed] = cut(packet.slice(1 + front.length), 24 + 75, 32)
    const [nonce, sealedFields] = cut(sealedHeader, 24)
    const openHeader = (hk: Uint8Array) => unlock(hk, nonce, list('SC1 header', this.th), sealedFields)
    let hold = this.holds.find(({ hk }) => openHeader(hk))
    const plain = openHeader(hold ? hold.hk : this.nhkReceive)
    if (!plain) throw new Error('no header key fits')
    const [, dh, pnBytes, nBytes, epochBytes] = cut(plain, 1, 32, 4, 4, 4)
    const [pn, n, epoch] = [number(pnBytes), number(nBytes), number(epochBytes)]
    if (!hold) {
      hold = this.turn(dh, pn, epoch)
    }
    const mk = hold.kept.get(n) ?? this.derive(hold, n)
    hold.kept.delete(n)
    const [key, expected] = cut(HMAC(mk, text('SC1 message')), 32)
    if (Buffer.compare(expected, commitment) !== 0) throw new Error('another key')
    const data = list('SC1 body', this.th, int(this.initiator ? 1 : 0, 1), front, sealedHeader, commitment)
    const content = unlock(key, nonce, data, sealed)
    if (!content) throw new Error('the body does not open')
    const length = number(content.slice(0, 4))
    const body = JSON.parse(Buffer.from(content.slice(4 + 16, 4 + length)).toString('utf8')) as Json
    this.since++
    this.prelude = undefined
    if (body.kem) this.kemReceived(body.kem)
    return { items: body.items, n: hold.before + n + 1 }
  }

  /** What both implementations must agree on, as hexadecimal. */
  snapshot() {
    const hex = (bytes: Uint8Array | undefined) => (bytes ? Buffer.from(bytes).toString('hex') : null)
    return {
      root: hex(this.rk),
      sending: hex(this.sending?.ck),
      receiving: hex(this.holds[0]?.ck),
      nextSendingHeader: hex(this.nhkSend),
      nextReceivingHeader: hex(this.nhkReceive),
      skipped: this.holds.reduce((sum, { kept }) => sum + kept.size, 0),
      epoch: this.epoch,
    }
  }

  private rootStep(agreed: Uint8Array, fresh: { ss: Uint8Array; binding: Uint8Array } | undefined): [Uint8Array, Uint8Array] {
    const info = fresh ? list('SC1 root', int(this.epoch, 4), fresh.binding) : list('SC1 root', int(this.epoch, 4))
    const [rk, ck, nhk] = cut(HKDF(this.rk, join(agreed, ...(fresh ? [fresh.ss] : [])), info, 96), 32, 32, 32)
    this.rk = rk
    if (fresh) {
      this.fresh = undefined
      this.answer = undefined
    }
    return [ck, nhk]
  }

  private turn(dh: Uint8Array, pn: number, epoch: number): Hold {
    const last = this.holds[0]
    if (last) {
      while (last.count < pn) last.kept.set(last.count, this.derive(last, last.count))
      last.ck = undefined
    }
    if (!this.mine) throw new Error('not their turn')
    if (epoch !== this.epoch && !(epoch === this.epoch + 1 && this.answer)) throw new Error('no such epoch')
    const fresh = epoch === this.epoch ? undefined : this.fresh
    this.epoch = epoch
    const [ck, nhk] = this.rootStep(DH(this.mine, dh), fresh)
    const hold = { hk: this.nhkReceive, dh, before: last ? last.before + last.count : 0, ck, count: 0, kept: new Map() }
    this.nhkReceive = nhk
    this.holds = [hold, ...this.holds].slice(0, 6)
    this.theirs = dh
    this.mine = undefined
    this.pn = this.sending?.count ?? 0
    this.sending = undefined
    return hold
  }

  /** The message key of number `n`, keeping those it passes. */
  private derive(hold: Hold, n: number): Uint8Array {
    for (;;) {
      if (!hold.ck || n < hold.count) throw new Error('its key is gone')
      const [ck, mk] = cut(HMAC(hold.ck, int(1, 1)), 32)
      hold.ck = ck
      const at = hold.count++
      if (at === n) return mk
      hold.kept.set(at, mk)
    }
  }

  private kemToSend(begins: boolean, now: number, draw: Draw): Json['kem'] {
    this.since++
    const epoch = this.epoch + 1
    if (this.initiator) {
      const due = this.offered === undefined || this.since > 50 || now - this.offered >= DAY
      if (!this.offerSeed && !this.fresh && due) {
        this.offerSeed = draw(64)
        this.offered = now
        this.since = 1
      } else if (!this.offerSeed || !begins) return undefined
      return { epoch, key: base64url(kemKeys(this.offerSeed).publicKey) }
    }
    const key = this.toAnswer
    if (!key) return undefined
    this.toAnswer = undefined
    if (!this.answer) {
      const { cipherText, sharedSecret } = kemWrap(key, draw(32))
      this.answer = { key, ct: cipherText }
      this.fresh = { ss: sharedSecret, binding: this.binding(epoch, key, cipherText) }
    }
    return { epoch, ct: base64url(this.answer.ct) }
  }

  private kemReceived({ epoch, key, ct }: NonNullable<Json['kem']>): void {
    if (epoch <= this.epoch) return
    if (key !== undefined) this.toAnswer = fromBase64url(key)
    if (ct !== undefined && this.offerSeed) {
      const keys = kemKeys(this.offerSeed)
      const bytes = fromBase64url(ct)
      this.fresh = { ss: kemUnwrap(bytes, keys.secretKey), binding: this.binding(epoch, keys.publicKey, bytes) }
      this.offerSeed = undefined
    }
  }

  private binding(epoch: number, key: Uint8Array, ct: Uint8Array): Uint8Array {
    return H(32, list('SC1 re-key', this.th, int(epoch, 4), key, ct))
  }
}

function transcript(a: Who, b: Who, EK: Uint8Array, spk: Begin['spk'], opk: Begin['opk'], kem: Begin['kem'], ct: Uint8Array): Uint8Array {
  const who = ({ handle, account, device, signing, agreement }: Who) => [handle, account, device, signing, agreement]
  const oneTime = opk ? [int(opk.id, 4), opk.key] : ['', '']
  const parts = [
    int(1, 1),
    int(1, 1),
    ...who(a),
    ...who(b),
    EK,
    int(spk.id, 4),
    spk.key,
    ...oneTime,
    int(kem.type, 1),
    int(kem.id, 4),
    kem.key,
    ct,
  ]
  return H(64, list('SC1 transcript', ...parts))
}

/** Padmé as its paper has it (PETS 2019, algorithm 1), over a floor of 256. */
function padded(content: Uint8Array): Uint8Array {
  const length = Math.max(256, content.length + 4)
  const E = 31 - Math.clz32(length)
  const S = 32 - Math.clz32(E)
  const mask = 2 ** (E - S) - 1
  const size = (length + mask) & ~mask
  return join(int(content.length, 4), content, new Uint8Array(size - content.length - 4))
}
