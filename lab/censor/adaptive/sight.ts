/**
 * What a box on the way sees of the people behind it, as facts: names asked and answered, who goes where, how a flow begins, how much
 * passes. Read from packets alone; whose program sent them is not in here.
 */
import { isIP } from 'node:net'
import packet from 'dns-packet'
import type { Captured } from '../../engine/capture.ts'
import { createHelloReader, type HelloFinding } from '../client-hello.ts'
import { classify, httpHost, type PayloadClass } from '../payload.ts'

export type Sight =
  /** A resolver's answer on its way to a subscriber. */
  | { readonly t: 'answer'; readonly subscriber: string; readonly name: string; readonly addresses: readonly string[] }
  /** A SYN, each time it is sent; `open`: a flow that was there before anybody looked. */
  | {
      readonly t: 'try'
      readonly flow: number
      readonly subscriber: string
      readonly to: string
      readonly port: number
      readonly open: boolean
    }
  | { readonly t: 'opened'; readonly flow: number }
  /** What a flow begins with; the name once it is known. */
  | { readonly t: 'look'; readonly flow: number; readonly look: PayloadClass; readonly name: string | null }
  /** In the clear it asks what stands there to go on to somewhere else. */
  | { readonly t: 'asks'; readonly flow: number; readonly target: string }
  | { readonly t: 'passed'; readonly flow: number; readonly direction: 'up' | 'down'; readonly bytes: number }
  | { readonly t: 'ended'; readonly flow: number }
  /** Somebody of its own went there and said what proxies answer to. */
  | { readonly t: 'probed'; readonly to: string; readonly port: number; readonly proxy: boolean }

export interface Eye {
  look(packet: Captured): void
  /** What a subscriber said first to there; empty when nothing was seen. */
  firstTo(address: string, port: number): Uint8Array
}

/** Flows and first words at once; the oldest are forgotten. */
const MAX_KEPT = 4096
const SOCKS_CONNECT = [5, 1, 0] as const

interface Reading {
  readonly hello: { read(segment: Uint8Array): HelloFinding }
  look: PayloadClass | null
  isNamed: boolean
  packets: number
}

/** `isSubscriber`: the addresses that the provider gave to people. */
export function createEye(isSubscriber: (address: string) => boolean, see: (sight: Sight) => void): Eye {
  const readings = new Map<number, Reading>()
  const firsts = new Map<string, Uint8Array>()

  const keep = <K, T>(map: Map<K, T>, key: K, value: T) => {
    map.set(key, value)
    const [oldest] = map.keys()
    if (map.size > MAX_KEPT && oldest !== undefined) map.delete(oldest)
    return value
  }
  const reading = () => ({ hello: createHelloReader({ segments: true, records: true }), look: null, isNamed: false, packets: 0 })

  const said = (each: Reading, { flow, to, bytes }: Captured) => {
    each.packets++
    if (each.look === null) {
      each.look = classify(bytes)
      keep(firsts, `${to.address} ${to.port}`, bytes)
      const host = each.look === 'http' ? httpHost(bytes) : null
      const name = host !== null && isIP(host) === 0 ? host : null
      each.isNamed = name !== null
      see({ t: 'look', flow, look: each.look, name })
    }
    if (!each.isNamed && each.look === 'tls') {
      const finding = each.hello.read(bytes)
      if (finding.t === 'sni') {
        each.isNamed = true
        see({ t: 'look', flow, look: each.look, name: finding.name })
      }
    }
    const target = each.packets <= 2 ? askedOf(bytes) : null
    if (target !== null) see({ t: 'asks', flow, target })
  }

  return {
    firstTo: (address, port) => firsts.get(`${address} ${port}`) ?? new Uint8Array(0),
    look(seen) {
      const { protocol, flow, direction, from, to, what, bytes } = seen
      if (!isSubscriber(from)) return
      if (protocol === 'udp') {
        if (direction === 'down' && to.port === 53) for (const answer of answersOf(from, bytes)) see(answer)
        return
      }
      const begin = (open: boolean) => see({ t: 'try', flow, subscriber: from, to: to.address, port: to.port, open })
      if (what === 'syn') return begin(false)
      if (what === 'fin' || what === 'reset') {
        readings.delete(flow)
        return see({ t: 'ended', flow })
      }
      let each = readings.get(flow)
      if (!each) {
        if (what === 'data') begin(true)
        each = keep(readings, flow, reading())
      }
      if (what === 'opened') return see({ t: 'opened', flow })
      if (seen.again || bytes.length === 0) return
      see({ t: 'passed', flow, direction, bytes: bytes.length })
      if (direction === 'up') said(each, seen)
    },
  }
}

/** The target of an HTTP CONNECT (RFC 9110 section 9.3.6), or of a SOCKS5 request for an IPv4 address or a name (RFC 1928 section 4). */
function askedOf(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.subarray(0, 300)).toString('latin1')
  const tunnel = /^CONNECT ([a-z0-9.-]+):\d+ HTTP\//i.exec(text)?.[1]
  if (tunnel !== undefined) return tunnel.toLowerCase()
  if (!SOCKS_CONNECT.every((byte, i) => bytes[i] === byte)) return null
  if (bytes[3] === 1 && bytes.length === 10) return bytes.subarray(4, 8).join('.')
  const length = bytes[4] ?? 0
  return bytes[3] === 3 && bytes.length === 7 + length ? text.slice(5, 5 + length).toLowerCase() : null
}

function answersOf(subscriber: string, bytes: Uint8Array): Sight[] {
  try {
    const { type, questions, answers } = packet.decode(Buffer.from(bytes))
    const name = questions?.[0]?.name.toLowerCase()
    const addresses = (answers ?? []).flatMap((answer) => (answer.type === 'A' || answer.type === 'AAAA' ? [answer.data] : []))
    return type === 'response' && name !== undefined && addresses.length > 0 ? [{ t: 'answer', subscriber, name, addresses }] : []
  } catch {
    // Not a DNS message, or a broken one: there is nothing to be read in it.
    return []
  }
}
