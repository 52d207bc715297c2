/** Sets of IPv4 addresses as sorted spans that do not touch, to say how many there are in lists of prefixes, each counted once. */
import ipaddr from 'ipaddr.js'

/** From the first address on, up to and without the second. */
type Span = readonly [from: number, to: number]
export type Spans = readonly Span[]

/** Of IPv6 prefixes nothing: there are too many addresses in them for a count to say anything. */
export function spansOf(prefixes: readonly string[]): Spans {
  return union(
    prefixes.flatMap((text): Span[] => {
      const [network, bits] = ipaddr.parseCIDR(text)
      if (network.kind() !== 'ipv4') return []
      const address = network.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0)
      const size = 2 ** (32 - bits)
      const from = address - (address % size)
      return [[from, from + size]]
    }),
  )
}

export function union(...sets: readonly Spans[]): Spans {
  const joined: [number, number][] = []
  for (const [from, to] of sets.flat().toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else joined.push([from, to])
  }
  return joined
}

export function intersection(a: Spans, b: Spans): Spans {
  return union(
    a.flatMap(([from, to]) => b.map(([start, end]): Span => [Math.max(from, start), Math.min(to, end)]).filter(([x, y]) => x < y)),
  )
}

export function without(whole: Spans, taken: Spans): Spans {
  const gaps: Span[] = []
  let from = 0
  for (const [start, end] of taken) {
    gaps.push([from, start])
    from = end
  }
  return intersection(whole, [...gaps, [from, 2 ** 32]])
}

export function sizeOf(spans: Spans): number {
  return spans.reduce((sum, [from, to]) => sum + to - from, 0)
}
