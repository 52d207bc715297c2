/**
 * Who may use one profile's server. Any page in the user's browser can reach loopback, so: the exact Host (against DNS
 * rebinding), the exact Origin on upgrade, and a session that began with a one-time token which only we handed out.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { toBase64Url } from '../../shared/util/bytes.ts'
import type { Random } from '../../shared/util/random.ts'

const SECRET_BYTES = 32
/** Tokens handed out and not yet used. More than a few means that nobody opens them. */
const MAX_TOKENS = 8

/** The session across restarts, so that a page that stayed open may come back. Its fingerprint only: what is kept lets nobody in. */
export interface SessionMemory {
  readonly fingerprint: string | null
  keep(fingerprint: string): void
}

export interface Gatekeeper {
  readonly cookieName: string
  hostFits(headers: IncomingHttpHeaders): boolean
  originFits(headers: IncomingHttpHeaders): boolean
  /** A token good once. */
  issueToken(): string
  /** The `Set-Cookie` value of a new session, which ends the one before; `null` for a token that is unknown or used. */
  exchange(token: string): string | null
  hasSession(headers: IncomingHttpHeaders): boolean
}

export function createGatekeeper(profile: string, port: number, random: Pick<Random, 'bytes'>, memory: SessionMemory): Gatekeeper {
  // Cookies ignore ports: two profiles on one address need two names.
  const cookieName = `throughline_${profile}`
  const host = `127.0.0.1:${port}`
  let tokens: string[] = []
  let session = memory.fingerprint
  const secret = () => toBase64Url(random.bytes(SECRET_BYTES))
  return {
    cookieName,
    hostFits: (headers) => headers.host === host,
    originFits: (headers) => headers.origin === `http://${host}`,
    issueToken() {
      const token = secret()
      tokens = [...tokens, token].slice(-MAX_TOKENS)
      return token
    },
    exchange(token) {
      if (!tokens.some((known) => sameSecret(known, token))) return null
      tokens = tokens.filter((known) => !sameSecret(known, token))
      const opened = secret()
      session = fingerprint(opened)
      memory.keep(session)
      return `${cookieName}=${opened}; Path=/; HttpOnly; SameSite=Strict`
    },
    hasSession(headers) {
      const given = cookie(headers.cookie ?? '', cookieName)
      return session !== null && given !== null && sameSecret(session, fingerprint(given))
    },
  }
}

function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** In time that depends on neither content nor length. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function cookie(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const [key, ...value] = pair.trim().split('=')
    if (key === name) return value.join('=')
  }
  return null
}
