/**
 * One complete way to a relay as data and as one line of text, which logs, settings, memory and reports all show:
 * `socks5 240.32.0.1:1080 | tcp 240.16.0.10:443 | tls sni=chat.throughline.test | ws`. Holds no credentials.
 */
import { isIP } from 'node:net'
import type { SocketAddress } from '../net/network.ts'

export interface ProxyHop extends SocketAddress {
  readonly kind: 'socks5' | 'http-connect'
}

export interface Recipe {
  readonly proxy: ProxyHop | null
  readonly address: string
  readonly port: number
  /** The name shown in clear; `null` sends none. */
  readonly sni: string | null
  /** What runs inside TLS: a chat session over WebSocket, or plain HTTP requests. */
  readonly carrier: 'ws' | 'http'
}

export function printRecipe({ proxy, address, port, sni, carrier }: Recipe): string {
  const steps = [`tcp ${printAddress({ address, port })}`, sni === null ? 'tls' : `tls sni=${sni}`, carrier]
  return [...(proxy ? [`${proxy.kind} ${printAddress(proxy)}`] : []), ...steps].join(' | ')
}

/** The inverse of `printRecipe`; `null` for any other text, so each recipe has exactly one. */
export function parseRecipe(text: string): Recipe | null {
  const steps = text.split(' | ')
  const [tcp = '', tls = '', carrier = ''] = steps.slice(-3)
  const hop = steps.length === 4 ? parseHop(steps[0] ?? '') : null
  const to = tcp.startsWith('tcp ') ? parseAddress(tcp.slice(4)) : null
  const sni = /^tls(?: sni=([a-z0-9.-]{1,253}))?$/.exec(tls)
  if (!to || !sni || (carrier !== 'ws' && carrier !== 'http')) return null
  if (steps.length !== 3 && !(steps.length === 4 && hop)) return null
  return { proxy: hop, ...to, sni: sni[1] ?? null, carrier }
}

function parseHop(text: string): ProxyHop | null {
  const [kind = '', where = ''] = text.split(' ')
  const address = parseAddress(where)
  if (!address || (kind !== 'socks5' && kind !== 'http-connect') || text !== `${kind} ${where}`) return null
  return { kind, ...address }
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
