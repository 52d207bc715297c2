/** One question for a bundle: to a mirror, or to a resolver that holds it in TXT records. Brings texts; what they are worth is for their signature to say. */
import type { DohEntry, MirrorEntry } from '../../../shared/protocol/bundle.ts'
import { fromTxtRecords } from '../../../shared/protocol/bundle-txt.ts'
import { tcp } from '../net/dialer.ts'
import { queryDohTxt } from '../net/dns/doh.ts'
import { openHttp, readAll } from '../net/http.ts'
import type { Network } from '../net/network.ts'
import { encrypt } from '../net/tls.ts'
import { type Read, readParcel, unpackParcel } from './bundle-parcel.ts'

/** A bundle is 64 kB at most; as JSON in JSON somewhat more. */
const MAX_FILE = 131_072

export type Fetched = Read | { readonly ok: false; readonly reason: 'unreached' | 'nothing-there' }

export interface FetchDeps {
  readonly network: Network
  readonly roots: readonly string[]
}

/**
 * Rejects with what kept it from getting there, or with the signal's reason. TLS is checked as everywhere, so that nobody
 * in the middle learns what is asked for; the answer would need none.
 */
export async function fetchFromMirror({ network, roots }: FetchDeps, mirror: MirrorEntry, signal: AbortSignal): Promise<Fetched> {
  const { address, port, host, path } = mirror
  const socket = await encrypt(await tcp(network)({ address, port }, signal), { host, sni: host, roots }, signal)
  const http = openHttp(socket, port === 443 ? host : `${host}:${port}`)
  try {
    const { status, body } = await http.request({ method: 'GET', path, headers: { accept: 'application/json' }, signal })
    const bytes = await readAll(body, MAX_FILE)
    if (!bytes) return { ok: false, reason: 'too-large' }
    return status === 200 ? readParcel(bytes.toString('utf8')) : { ok: false, reason: 'nothing-there' }
  } finally {
    http.close()
  }
}

/** Never rejects. Of several sets of records (an old one still cached beside the new) each is given. */
export async function fetchFromTxt({ network, roots }: FetchDeps, server: DohEntry, name: string, signal: AbortSignal): Promise<Fetched[]> {
  const reply = await queryDohTxt({ dial: tcp(network), server, roots, name, signal })
  if (reply.kind === 'timeout' || reply.kind === 'failed') return [{ ok: false, reason: 'unreached' }]
  const texts = reply.kind === 'texts' ? fromTxtRecords(reply.texts) : []
  return texts.length > 0 ? texts.map(unpackParcel) : [{ ok: false, reason: 'nothing-there' }]
}
