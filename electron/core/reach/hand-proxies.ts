/** Proxies that the user added: read from a link, kept with their passwords in the encrypted store. */
import * as v from 'valibot'
import { BackendError } from '../../../shared/contract/errors.ts'
import { checkedEntry, parseTlsPart } from '../../../shared/protocol/bridge-link.ts'
import { ProxyEntry } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { ValueStore } from '../store/values.ts'
import { parseAddress } from './recipe.ts'

const KEY = 'reach.proxies.v1'
const Kept = v.array(ProxyEntry)
/** RFC 1929: the lengths are one byte each. */
const MAX_CREDENTIAL_BYTES = 255

interface Scheme {
  readonly kind: ProxyEntry['kind']
  readonly port: number
  readonly overTls?: true
  readonly hasPath?: true
}
const schemes: Readonly<Record<string, Scheme>> = {
  'socks5:': { kind: 'socks5', port: 1080 },
  'http:': { kind: 'http-connect', port: 80 },
  'https:': { kind: 'https-connect', port: 443, overTls: true },
  'wss:': { kind: 'ws-bridge', port: 443, overTls: true, hasPath: true },
}

export interface HandProxies {
  list(): readonly ProxyEntry[]
  /** Throws `bad-input` with what is wrong, or `already-there`. */
  add(url: string): void
  /** Throws `no-such-route`. */
  remove(id: string): void
}

export function createHandProxies(values: ValueStore, random: Random): HandProxies {
  let proxies = load(values.get(KEY))
  const keep = (next: ProxyEntry[]) => {
    values.set(KEY, JSON.stringify(next))
    proxies = next
  }
  return {
    list: () => proxies,
    add(url) {
      const proxy = parseProxyUrl(url)
      if (proxies.some((known) => known.kind === proxy.kind && known.address === proxy.address && known.port === proxy.port))
        throw new BackendError('already-there')
      const id = `hand-${toBase64Url(random.bytes(6)).toLowerCase().replaceAll('_', '-')}`
      keep([...proxies, { id, ...proxy }])
    },
    remove(id) {
      if (!proxies.some((proxy) => proxy.id === id)) throw new BackendError('no-such-route')
      keep(proxies.filter((proxy) => proxy.id !== id))
    },
  }
}

/** `socks5://[user:password@]address:port`, `http://…`, or a bridge's link (shared/protocol/bridge-link.ts). Throws `bad-input`. */
export function parseProxyUrl(text: string): Omit<ProxyEntry, 'id'> {
  const url = URL.canParse(text) ? new URL(text) : null
  const scheme = url ? schemes[url.protocol] : undefined
  if (!url || !scheme) throw new BackendError('bad-input', 'must begin with socks5://, http://, https:// or wss://')
  if (url.hash || (!scheme.overTls && url.search) || (!scheme.hasPath && url.pathname !== '' && url.pathname !== '/'))
    throw new BackendError('bad-input', 'nothing may follow the port')
  // Not `url.host`: special schemes leave their default port out of it.
  const where = parseAddress(`${url.hostname}:${url.port || scheme.port}`)
  if (!where) throw new BackendError('bad-input', 'needs a numeric address, for names cannot be trusted before there is a connection')
  try {
    const tls = scheme.overTls ? parseTlsPart(Object.fromEntries(url.searchParams)) : {}
    return checkedEntry({ kind: scheme.kind, ...where, ...credentials(url), ...tls, ...(scheme.hasPath && { path: url.pathname }) })
  } catch (error) {
    throw error instanceof RangeError ? new BackendError('bad-input', error.message) : error
  }
}

function credentials(url: URL): Pick<ProxyEntry, 'username' | 'password'> {
  if (!url.username && !url.password) return {}
  const [username, password] = [decode(url.username), decode(url.password)]
  for (const part of [username, password])
    if (Buffer.byteLength(part) > MAX_CREDENTIAL_BYTES) throw new BackendError('bad-input', 'name or password too long')
  if (!username) throw new BackendError('bad-input', 'a password needs a name')
  return { username, password }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new BackendError('bad-input', 'name or password is not percent-encoded rightly')
  }
}

function load(text: string | null): ProxyEntry[] {
  try {
    const parsed = v.safeParse(Kept, JSON.parse(text ?? '[]'))
    return parsed.success ? parsed.output : []
  } catch {
    return []
  }
}
