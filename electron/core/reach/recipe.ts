/**
 * One complete way to a relay as data and as one line of text, which logs, settings, memory and reports all show:
 * `socks5 240.32.0.1:1080 | tcp 240.16.0.10:443 | tls sni=chat.throughline.test | ws`. Holds no credentials.
 */
import { isIP } from 'node:net'
import { type Split, splits } from '../net/dialers/split-hello.ts'
import type { SocketAddress } from '../net/network.ts'

/** By the target it is asked for, or over TLS, where a name may be shown in clear, or to the relay of its own choice. */
export type Hop =
  | ({ readonly kind: 'socks5' | 'http-connect' } & SocketAddress)
  | ({ readonly kind: 'https-connect' | 'ws-bridge' | 'front' | 'front-polls' | 'slices'; readonly sni: string | null } & SocketAddress)
  | ({ readonly kind: 'transport'; readonly name: string } & SocketAddress)

export interface Recipe {
  readonly proxy: Hop | null
  /** Of the relay; where the hop leads to the relay by itself, the hop's own. */
  readonly address: string
  readonly port: number
  /** The relay's name, which its certificate carries. */
  readonly host: string
  /** The name shown in clear; `null` sends none. */
  readonly sni: string | null
  /** How the handshake that shows it is cut. */
  readonly split: Split | null
  /** What runs inside TLS: a chat session over WebSocket, or plain HTTP requests. */
  readonly carrier: 'ws' | 'http'
}

/** Whether the hop chooses the address of the relay: the way to it is then no part of the recipe. */
export const leadsByItself = ({ kind }: Hop): boolean => kind !== 'socks5' && kind !== 'http-connect' && kind !== 'https-connect'

export function printRecipe({ proxy, address, port, host, sni, split, carrier }: Recipe): string {
  const shown = sni === host ? ` sni=${sni}` : `${sni === null ? '' : ` sni=${sni}`} host=${host}`
  const tls = `tls${shown}${split === null ? '' : ` split=${split}`}`
  return [
    ...(proxy ? [printHop(proxy)] : []),
    ...(proxy && leadsByItself(proxy) ? [] : [`tcp ${printAddress({ address, port })}`]),
    tls,
    carrier,
  ].join(' | ')
}

/** The inverse of `printRecipe`; `null` for any other text, so each recipe has exactly one. */
export function parseRecipe(text: string): Recipe | null {
  const steps = text.split(' | ')
  const [tls = '', carrier = ''] = steps.slice(-2)
  const [first = '', second] = steps.slice(0, -2)
  const direct = first.startsWith('tcp ') ? first : second
  const proxy = first.startsWith('tcp ') ? null : parseHop(first)
  const to = direct === undefined ? proxy : direct.startsWith('tcp ') ? parseAddress(direct.slice(4)) : null
  const match = /^tls(?: sni=([a-z0-9.-]{1,253}))?(?: host=([a-z0-9.-]{1,253}))?(?: split=([a-z]+))?$/.exec(tls)
  const host = match?.[2] ?? match?.[1]
  const split = splits.find((each) => each === match?.[3]) ?? null
  if (!to || host === undefined || (carrier !== 'ws' && carrier !== 'http')) return null
  const recipe: Recipe = { proxy, address: to.address, port: to.port, host, sni: match?.[1] ?? null, split, carrier }
  return printRecipe(recipe) === text ? recipe : null
}

function printHop(hop: Hop): string {
  const what = hop.kind === 'transport' ? ` name=${hop.name}` : 'sni' in hop && hop.sni !== null ? ` sni=${hop.sni}` : ''
  return `${hop.kind} ${printAddress(hop)}${what}`
}

function parseHop(text: string): Hop | null {
  const [kind = '', where = '', more] = text.split(' ')
  const address = parseAddress(where)
  if (!address) return null
  const sni = more === undefined ? null : (/^sni=([a-z0-9.-]{1,253})$/.exec(more)?.[1] ?? null)
  switch (kind) {
    case 'socks5':
    case 'http-connect':
      return { kind, ...address }
    case 'https-connect':
    case 'ws-bridge':
    case 'front':
    case 'front-polls':
    case 'slices':
      return { kind, ...address, sni }
    case 'transport': {
      const name = /^name=([a-zA-Z0-9_]{1,40})$/.exec(more ?? '')?.[1]
      return name === undefined ? null : { kind, ...address, name }
    }
    default:
      return null
  }
}

function printAddress({ address, port }: SocketAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** A literal address and port; IPv6 in brackets. `null` for names, ports out of range and unusual spellings. */
export function parseAddress(text: string): SocketAddress | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):([1-9]\d{0,4})$/.exec(text)
  const address = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (address === undefined || port > 65_535) return null
  const isLiteral = isIP(address) === (match?.[1] === undefined ? 4 : 6)
  return isLiteral ? { address, port } : null
}
