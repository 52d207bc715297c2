/** Draws forged addresses from a pool of prefixes, of the family that a question asks for. */
import ipaddr from 'ipaddr.js'
import type { Random } from '../../shared/util/random.ts'

/** None when the pool has no prefix of that family. Two draws: which prefix, and which address of it. */
export function drawAddress(pool: readonly string[], type: string, random: Random): string[] {
  const family = type === 'AAAA' ? 'ipv6' : 'ipv4'
  const fitting = pool.map((text) => ipaddr.parseCIDR(text)).filter(([network]) => network.kind() === family)
  const prefix = fitting[Math.floor(random.fraction() * fitting.length)]
  if (!prefix) return []
  const [network, bits] = prefix
  const bytes = network.toByteArray().map((byte, i) => {
    const fixed = Math.min(8, Math.max(0, bits - i * 8))
    const free = 0xff >> fixed
    return (byte & ~free & 0xff) | (Math.floor(random.fraction() * 256) & free)
  })
  return [ipaddr.fromByteArray(bytes).toString()]
}
