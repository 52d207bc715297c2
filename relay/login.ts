/** Decides a login: who it is, and that they sit at the other end of this very TLS session and nobody in between. */
import type { TLSSocket } from 'node:tls'
import * as v from 'valibot'
import { type LoginRace, raceOf } from '../shared/protocol/login-race.ts'
import {
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  LOGIN_PURPOSE,
  Login,
  type LoginRefusal,
  RELAY_HELLO_PURPOSE,
  RELAY_PROTOCOL,
} from '../shared/protocol/relay.ts'
import { fromBase64Url, toBase64Url } from '../shared/util/bytes.ts'
import { type SigningKey, sign, verify } from '../shared/util/signing.ts'
import type { Account, Accounts } from './store/accounts.ts'

export interface LoggedIn {
  readonly account: Account
  /** The device's number in the store. */
  readonly device: number
  readonly deviceName: string
  readonly race: LoginRace
  readonly cursor: number
  readonly bundleVersion: number
  readonly standby: boolean
  /** The relay's answer to the proof: its own signature over the same session. */
  readonly helloSignature: string
}

export interface Attempt {
  /** What the CONNECT packet carried; not checked yet. */
  readonly auth: unknown
  /** The engine.io session id, which the client signs as a challenge. */
  readonly sid: string
  /** The connection that carried the CONNECT packet. */
  readonly connection: TLSSocket
}

export function decideLogin(
  { auth, sid, connection }: Attempt,
  accounts: Accounts,
  relayKey: SigningKey,
  now: number,
): { readonly ok: true; readonly login: LoggedIn } | { readonly ok: false; readonly refusal: LoginRefusal } {
  const refuse = (refusal: LoginRefusal) => ({ ok: false, refusal }) as const
  if (typeof auth === 'object' && auth !== null && 'v' in auth && auth.v !== RELAY_PROTOCOL) return refuse('protocol')
  const parsed = v.safeParse(Login, auth)
  if (!parsed.success) return refuse('bad-login')
  const login = parsed.output
  const exporter = sessionExporter(connection)
  if (!exporter) return refuse('bad-login')

  const key = fromBase64Url(login.key)
  const device = fromBase64Url(login.device)
  const nonce = fromBase64Url(login.nonce)
  // A signature made for another session and one made with another key look the same from here; the first is what matters to say.
  if (!verify(LOGIN_PURPOSE, [sid, exporter, login.handle, key, device, nonce], fromBase64Url(login.signature), key))
    return refuse('channel-mismatch')

  const account = accounts.claim(login.handle, login.key, now)
  if (!account) return refuse('handle-taken')
  return {
    ok: true,
    login: {
      account,
      device: accounts.device(account, login.device, now),
      deviceName: login.device,
      race: raceOf(nonce),
      cursor: login.cursor,
      bundleVersion: login.bundleVersion,
      standby: login.standby ?? false,
      helloSignature: toBase64Url(sign(RELAY_HELLO_PURPOSE, [sid, exporter, nonce, key, device], relayKey)),
    },
  }
}

/** Keying material that only the two ends of this TLS session have (RFC 8446 section 7.5); `null` once the session is gone. */
function sessionExporter(connection: TLSSocket): Uint8Array | null {
  try {
    return connection.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
  } catch {
    return null
  }
}
