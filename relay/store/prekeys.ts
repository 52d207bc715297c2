/**
 * The public keys that devices put up so that others can begin a secret chat with them (docs/PROTOCOL-SECRET.md). Signatures are
 * kept and handed on, not checked: that is the business of the devices.
 */
import type { Database } from '@signalapp/sqlcipher'
import { type DeviceBundle, type KemPrekey, MAX_ONE_TIME, type Prekeys, type X25519Prekey } from '../../shared/protocol/secret.ts'
import type { Account } from './accounts.ts'
import { transaction } from './database.ts'

/** Of one kind for one device; a device that has this many waiting needs no more. */
const MAX_STORED = 2 * MAX_ONE_TIME
/** Bundles in one answer, those of the devices that published last. */
const MAX_DEVICES = 20

type Kind = 'X25519' | 'ML-KEM-768'
type Prekey = X25519Prekey | KemPrekey
type Certified = { device: number; name: string; signing: string; agreement: string; created: number; signature: string }

export interface PrekeyStore {
  /**
   * Replaces certificate and signed prekeys and adds the one-time prekeys, durably. One-time prekeys whose id is not above all
   * that came before are repeats, which may have been given away already, and are passed over. False when too many would wait.
   */
  publish(device: number, keys: Prekeys, now: number): boolean
  /** One-time prekeys that can still be given, and the id of the signed one; `null` before the first publication. */
  left(device: number, now: number): { readonly x25519: number; readonly mlkem768: number; readonly signed: number | null }
  /** A bundle of each device of the account but `except`; one-time prekeys, if `oneTime`, are given once and forgotten with this. */
  take(account: Account, options: { readonly except: number; readonly oneTime: boolean }, now: number): DeviceBundle[]
}

export function createPrekeyStore(database: Database): PrekeyStore {
  const certify = database.prepare(
    `INSERT INTO device_certificate (device, signing, agreement, created, signature, last_x25519, last_mlkem768, at)
     VALUES ($device, $signing, $agreement, $created, $signature, $x25519, $mlkem768, $now)
     ON CONFLICT (device) DO UPDATE SET signing = $signing, agreement = $agreement, created = $created, signature = $signature,
       last_x25519 = $x25519, last_mlkem768 = $mlkem768, at = $now`,
  )
  const columns = '(device, kind, id, key, created, expires, signature) VALUES (?, ?, ?, ?, ?, ?, ?)'
  const replaceSigned = database.prepare(`INSERT OR REPLACE INTO signed_prekey ${columns}`)
  const addOneTime = database.prepare(`INSERT OR IGNORE INTO one_time_prekey ${columns}`)
  const highest = database.prepare('SELECT last_x25519 AS x25519, last_mlkem768 AS mlkem768 FROM device_certificate WHERE device = ?')
  const selectSigned = database.prepare('SELECT id, key, created, expires, signature FROM signed_prekey WHERE device = ? AND kind = ?')
  const count = database.prepare('SELECT count(*) AS n FROM one_time_prekey WHERE device = ? AND kind = ? AND expires > ?')
  const oldest = database.prepare(
    `SELECT id, key, created, expires, signature FROM one_time_prekey WHERE device = ? AND kind = ? AND expires > ? ORDER BY id LIMIT 1`,
  )
  const give = database.prepare('DELETE FROM one_time_prekey WHERE device = ? AND kind = ? AND id = ?')
  const dropExpired = database.prepare('DELETE FROM one_time_prekey WHERE device = ? AND expires <= ?')
  const certified = database.prepare(
    `SELECT c.device, d.device AS name, c.signing, c.agreement, c.created, c.signature
     FROM device d JOIN device_certificate c ON c.device = d.id
     WHERE d.account = ? AND d.id <> ? ORDER BY c.at DESC LIMIT ${MAX_DEVICES}`,
  )

  const row = (device: number, kind: Kind, { id, key, created, expires, signature }: Prekey) => [
    device,
    kind,
    id,
    key,
    created,
    expires,
    signature,
  ]
  const counted = (device: number, kind: Kind, now: number) => count.get<{ n: number }>([device, kind, now])?.n ?? 0
  const signedOf = (device: number, kind: Kind) => selectSigned.get<Prekey>([device, kind])

  const takeOneTime = (device: number, kind: Kind, now: number): Prekey | null => {
    const key = oldest.get<Prekey>([device, kind, now])
    if (key) give.run([device, kind, key.id])
    return key ?? null
  }
  const bundleOf = ({ device, name, ...certificate }: Certified, oneTime: boolean, now: number): DeviceBundle[] => {
    const [signed, lastResort] = [signedOf(device, 'X25519'), signedOf(device, 'ML-KEM-768')]
    if (!signed || !lastResort) return []
    // With an expired prekey the whole bundle will be refused, and what is given once would be lost for nothing.
    const isUsable = oneTime && Math.min(signed.expires, lastResort.expires) > now
    const [x25519, mlkem768] = isUsable ? [takeOneTime(device, 'X25519', now), takeOneTime(device, 'ML-KEM-768', now)] : [null, null]
    return [{ device: name, certificate, signed, lastResort, x25519, mlkem768 }]
  }

  return {
    publish(device, { certificate, signed, lastResort, x25519, mlkem768 }, now) {
      const before = highest.get<{ x25519: number; mlkem768: number }>([device]) ?? { x25519: 0, mlkem768: 0 }
      const added = {
        x25519: x25519.filter(({ id }) => id > before.x25519),
        mlkem768: mlkem768.filter(({ id }) => id > before.mlkem768),
      }
      const waiting = [counted(device, 'X25519', now) + added.x25519.length, counted(device, 'ML-KEM-768', now) + added.mlkem768.length]
      if (Math.max(...waiting) > MAX_STORED) return false
      transaction(database, () => {
        certify.run({
          device,
          ...certificate,
          x25519: Math.max(before.x25519, ...added.x25519.map(({ id }) => id)),
          mlkem768: Math.max(before.mlkem768, ...added.mlkem768.map(({ id }) => id)),
          now,
        })
        replaceSigned.run(row(device, 'X25519', signed))
        replaceSigned.run(row(device, 'ML-KEM-768', lastResort))
        dropExpired.run([device, now])
        for (const key of added.x25519) addOneTime.run(row(device, 'X25519', key))
        for (const key of added.mlkem768) addOneTime.run(row(device, 'ML-KEM-768', key))
      })
      return true
    },
    left: (device, now) => ({
      x25519: counted(device, 'X25519', now),
      mlkem768: counted(device, 'ML-KEM-768', now),
      signed: signedOf(device, 'X25519')?.id ?? null,
    }),
    take: (account, { except, oneTime }, now) =>
      transaction(database, () => certified.all<Certified>([account.id, except]).flatMap((each) => bundleOf(each, oneTime, now))),
  }
}
