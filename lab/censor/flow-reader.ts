/** What the boxes on the way read of one flow's client side. Each kind of box puts the bytes together in its own way. */
import { createHelloReader, type HelloBox, type HelloFinding } from './client-hello.ts'
import { classify, HEAD_BYTES, httpHost, isFullyEncrypted, type PayloadClass } from './payload.ts'
import type { Pattern, Rule } from './rule.ts'

/** Boxes keep so much of a flow's beginning and never look behind it. */
const KEPT_BYTES = 65_536
const NOTHING = new Uint8Array(0)

export interface FlowReader {
  feed(segment: Uint8Array): void
  /** What the client said first; `null` before it did. */
  first(): Uint8Array | null
  /** Whether the content that the rule names has been seen, with the eyes of that rule's box. */
  matches(rule: Rule): boolean
}

export function createFlowReader(): FlowReader {
  const segments: Uint8Array[] = []
  const hellos = new Map<string, { finding: HelloFinding; read(segment: Uint8Array): HelloFinding }>()
  let kept = 0
  /** The Host in the first so many bytes. */
  let joined: string | null = null
  let joinedOf = 0
  /** The Host in one of the first so many segments. */
  let alone: string | null = null
  let aloneOf = 0
  let looks: readonly PayloadClass[] = []

  const hello = (box: HelloBox): HelloFinding => {
    const key = `${box.segments} ${box.records}`
    let each = hellos.get(key)
    if (!each) {
      each = { finding: { t: 'undecided' }, ...createHelloReader(box) }
      for (const segment of segments) each.finding = each.read(segment)
      hellos.set(key, each)
    }
    return each.finding
  }
  const host = (box: HelloBox): string | null => {
    if (box.segments) {
      // A box looks no farther than a header's worth.
      if (joinedOf < Math.min(kept, HEAD_BYTES)) {
        joined = httpHost(Buffer.concat(segments, Math.min(kept, HEAD_BYTES)))
        joinedOf = kept
      }
      return joined
    }
    for (; alone === null && aloneOf < segments.length; aloneOf++) alone = httpHost(segments[aloneOf] ?? NOTHING)
    return alone
  }

  return {
    feed(segment) {
      if (kept >= KEPT_BYTES || segment.length === 0) return
      // The rule on opaque bytes has exemptions of its own, fewer than there are names here.
      if (kept === 0) looks = [classify(segment), ...(isFullyEncrypted(segment) ? (['opaque'] as const) : [])]
      segments.push(segment)
      kept += segment.length
      for (const each of hellos.values()) each.finding = each.read(segment)
    },
    first: () => segments[0] ?? null,
    matches({ match, act, box }) {
      if (match.payload && !match.payload.some((look) => looks.includes(look))) return false
      if (match.host || act.do === 'blockpage') {
        const named = host(box)
        if (named === null || (match.host && !match.host.some((pattern) => fits(pattern, named)))) return false
      }
      if (!match.sni) return true
      const finding = hello(box)
      return finding.t === 'sni' && match.sni.some((pattern) => fits(pattern, finding.name))
    },
  }
}

function fits(pattern: Pattern, text: string): boolean {
  switch (pattern.how) {
    case 'exact':
      return text === pattern.text
    case 'suffix':
      return text === pattern.text || text.endsWith(`.${pattern.text}`)
    case 'contains':
      return text.includes(pattern.text)
  }
}
