/** Devices and prekeys of the second implementation, made and signed by it. */
import { base64url, type Draw, int, kemKeys, pointOf, signingPointOf, signList } from './bytes.ts'
import type { Begin, Secrets, Who } from './talk.ts'

export interface NoblePerson {
  readonly who: Who
  readonly secret: Uint8Array
  readonly certificate: Begin['certificate']
  readonly secrets: Secrets
  /** As the relay hands it out. */
  readonly bundle: {
    readonly device: string
    readonly certificate: { readonly signing: string; readonly agreement: string; readonly created: number; readonly signature: string }
    readonly signed: Prekey
    readonly lastResort: Prekey
    readonly x25519: Prekey | null
    readonly mlkem768: Prekey | null
  }
}

interface Prekey {
  readonly id: number
  readonly key: string
  readonly created: number
  readonly expires: number
  readonly signature: string
}

const LIFE = 90 * 86_400_000

/** Draws: account seed, device id, signing seed, agreement, then the four prekeys in the order of their types. */
export function noblePerson(handle: string, now: number, draw: Draw, oneTime: boolean): NoblePerson {
  const account = draw(32)
  const device = draw(16)
  const signing = draw(32)
  const secret = draw(32)
  const who = { handle, account: signingPointOf(account), device, signing: signingPointOf(signing), agreement: pointOf(secret) }
  const signature = signList(account, 'throughline secret device v1', handle, who.account, device, who.signing, who.agreement, int(now, 8))
  const secrets = { 1: draw(32), 2: draw(32), 3: draw(64), 4: draw(64) }
  const prekey = (type: 1 | 2 | 3 | 4): Prekey => {
    const key = type < 3 ? pointOf(secrets[type]) : kemKeys(secrets[type]).publicKey
    const times = { created: now, expires: now + LIFE }
    const parts = [int(type, 1), handle, device, int(type, 4), key, int(times.created, 8), int(times.expires, 8)]
    return { id: type, key: base64url(key), ...times, signature: base64url(signList(signing, 'throughline secret prekey v1', ...parts)) }
  }
  return {
    who,
    secret,
    certificate: { created: now, signature },
    secrets: (type) => secrets[type],
    bundle: {
      device: base64url(device),
      certificate: { signing: base64url(who.signing), agreement: base64url(who.agreement), created: now, signature: base64url(signature) },
      signed: prekey(1),
      lastResort: prekey(3),
      x25519: oneTime ? prekey(2) : null,
      mlkem768: oneTime ? prekey(4) : null,
    },
  }
}

/** What a handshake with them takes. */
export function beginWith(me: NoblePerson, them: NoblePerson): Begin {
  const { bundle } = them
  const of = ({ id, key }: Prekey) => ({ id, key: new Uint8Array(Buffer.from(key, 'base64url')) })
  return {
    me: me.who,
    secret: me.secret,
    certificate: me.certificate,
    them: them.who,
    spk: of(bundle.signed),
    opk: bundle.x25519 ? of(bundle.x25519) : undefined,
    kem: bundle.mlkem768 ? { type: 4, ...of(bundle.mlkem768) } : { type: 3, ...of(bundle.lastResort) },
  }
}
