/** Addresses that no public name honestly resolves to. The caller's list comes first: the lab's whole world is a bogon elsewhere. */
import ipaddr from 'ipaddr.js'

// RFC 6890 and RFC 1918; OONI's list plus its own gap: every IPv6 address outside 2000::/3 (detection.md, 1.3).
const alwaysBogon = ['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/4'] as const

/** A text that is no address at all counts as a bogon; a range that is none, for nothing. */
export function isBogon(address: string, ranges: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return true
  const parsed = ipaddr.process(address)
  const inside = (range: string) => {
    if (!ipaddr.isValidCIDR(range)) return false
    const [network, bits] = ipaddr.parseCIDR(range)
    return network.kind() === parsed.kind() && parsed.match(network, bits)
  }
  if ([...alwaysBogon, ...ranges].some(inside)) return true
  return parsed.kind() === 'ipv6' && !parsed.match(ipaddr.parseCIDR('2000::/3'))
}
