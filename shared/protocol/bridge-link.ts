/**
 * Bridges as links that people pass on: `wss://ADDRESS:PORT/SECRET?pin=…` for a WebSocket on a secret path, `https://[NAME:PASSWORD@]ADDRESS:PORT?…`
 * for CONNECT inside TLS. `host` is the name shown in clear, without which none is; `pin` the key that is believed.
 */
import * as v from 'valibot'
import { ProxyEntry } from './bundle.ts'

export interface BridgeAt {
  /** A literal. */
  readonly address: string
  readonly port: number
  readonly path: string
  readonly pin: string
  /** `null`: no name is shown. */
  readonly host: string | null
}

export function bridgeLink({ address, port, path, pin, host }: BridgeAt): string {
  const at = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return `wss://${at}${path}?${host === null ? '' : `host=${host}&`}pin=${pin}`
}

const Names = v.strictObject({ host: v.optional(v.string()), pin: v.optional(v.string()) })

/** What the part after the question mark says of a hop over TLS. Throws a sentence for whoever typed it. */
export function parseTlsPart(parameters: Readonly<Record<string, string>>): Pick<ProxyEntry, 'host' | 'sni' | 'pin'> {
  const names = v.safeParse(Names, parameters)
  if (!names.success) throw new RangeError('after the question mark only host and pin may stand')
  const { host, pin } = names.output
  if (host === undefined && pin === undefined) throw new RangeError('needs a host or a pin, to know whom to believe')
  return { host: host ?? 'bridge.invalid', ...(host === undefined && { sni: null }), ...(pin !== undefined && { pin }) }
}

/** Checks what was put together from a link. Throws a sentence. */
export function checkedEntry(entry: Omit<ProxyEntry, 'id'>): Omit<ProxyEntry, 'id'> {
  const parsed = v.safeParse(ProxyEntry, { id: 'link', ...entry })
  if (!parsed.success) throw new RangeError(`not usable: ${v.getDotPath(parsed.issues[0]) ?? parsed.issues[0].message}`)
  const { id: _, ...checked } = parsed.output
  return checked
}
