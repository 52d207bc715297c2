/** What the operating system tells of the networks this computer is on. Reads only; anything unreadable is left out. */
import { Resolver } from 'node:dns'
import { readFileSync } from 'node:fs'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { NetworkFacts, SocketAddress } from './network.ts'

export type SystemFacts = Omit<NetworkFacts, 'kind' | 'changedAt'>

export function readSystemFacts(): SystemFacts {
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, entries]) => (entries ?? []).map((entry) => ({ name, ...entry })))
  const outside = addresses.filter((entry) => !entry.internal && !entry.address.startsWith('fe80:'))
  const gateway = defaultGateway(readText('/proc/net/route'))
  // A fresh one reads the system's settings as they are now; the module's own keeps those of process start.
  const resolvers = new Resolver().getServers().map(parseServer)
  return {
    id: JSON.stringify([
      outside.map((entry) => `${entry.name} ${subnet(entry)}`).sort(),
      gateway,
      gateway === null ? '' : hardwareAddress(readText('/proc/net/arp'), gateway),
      resolvers,
    ]),
    up: outside.length > 0,
    gateway,
    resolvers,
    v6: outside.some((entry) => entry.family === 'IPv6' && /^[23]/.test(entry.address)),
  }
}

/** The IPv4 default gateway in the text of Linux's /proc/net/route, where addresses are little-endian hexadecimal. */
export function defaultGateway(table: string): string | null {
  for (const line of table.split('\n').slice(1)) {
    const [, destination, gateway] = line.split('\t')
    if (destination !== '00000000' || !gateway || !/^[0-9A-F]{8}$/.test(gateway) || gateway === '00000000') continue
    return [6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16)).join('.')
  }
  return null
}

/** The gateway's hardware address in the text of /proc/net/arp: it tells two networks with the same private range apart. */
export function hardwareAddress(table: string, address: string): string {
  const line = table.split('\n').find((entry) => entry.startsWith(`${address} `))
  return line?.match(/[0-9a-f]{2}(:[0-9a-f]{2}){5}/)?.[0] ?? ''
}

/** `1.2.3.4`, `1.2.3.4:53`, `::1` and `[::1]:53`, as getServers spells them. */
function parseServer(text: string): SocketAddress {
  const match = text.match(/^\[(.+)\]:(\d+)$/) ?? text.match(/^([^:]+):(\d+)$/)
  return match?.[1] ? { address: match[1], port: Number(match[2]) } : { address: text, port: 53 }
}

/** The network part only: addresses change with every lease, and IPv6 ones by themselves. */
function subnet({ family, address, cidr }: NetworkInterfaceInfo): string {
  if (family === 'IPv6') return address.split(':').slice(0, 4).join(':')
  const bits = Number(cidr?.split('/')[1] ?? 32)
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return `${value - (value % 2 ** (32 - bits))}/${bits}`
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
