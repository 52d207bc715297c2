/** Splits a message into plain text and links. Nothing is ever interpreted as HTML or markdown; all of the text stays visible. */

/** `at` is where it begins in the message. */
export type Token =
  | { readonly kind: 'text'; readonly at: number; readonly text: string }
  | { readonly kind: 'link'; readonly at: number; readonly text: string; readonly url: string }

// Ends at whitespace, quotes, angle brackets, and at characters that turn or hide text: an address must read as what it is.
const address = /https?:\/\/[^\s<>"'`\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/giu
const trailing = /[.,;:!?…،؛؟)\]}'"»]+$/u
const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

export function textTokens(text: string): readonly Token[] {
  const tokens: Token[] = []
  let end = 0
  for (const match of text.matchAll(address)) {
    const link = withoutTrailing(match[0])
    const url = parsed(link)
    if (!url) continue
    if (match.index > end) tokens.push({ kind: 'text', at: end, text: text.slice(end, match.index) })
    tokens.push({ kind: 'link', at: match.index, text: link, url })
    end = match.index + link.length
  }
  if (end < text.length) tokens.push({ kind: 'text', at: end, text: text.slice(end) })
  return tokens
}

/** Punctuation at the end belongs to the sentence, but a bracket that was opened inside the address belongs to it. */
function withoutTrailing(link: string): string {
  let kept = link
  for (;;) {
    const last = kept.at(-1) ?? ''
    if (!trailing.test(last)) return kept
    const opening = pairs[last]
    if (opening && kept.split(opening).length >= kept.split(last).length) return kept
    kept = kept.slice(0, -1)
  }
}

function parsed(link: string): string | null {
  if (!URL.canParse(link) || link.length > 2048) return null
  const url = new URL(link)
  // A name and password before the host exist to mislead the reader.
  return url.hostname && !url.username && !url.password ? url.href : null
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const MOST_LARGE_EMOJI = 3

/** One to three emoji and nothing else: shown large. */
export function isOnlyEmoji(text: string): boolean {
  const graphemes = [...segmenter.segment(text.replaceAll(/\s/gu, '').slice(0, 64))].map(({ segment }) => segment)
  return (
    graphemes.length > 0 &&
    graphemes.length <= MOST_LARGE_EMOJI &&
    graphemes.every((grapheme) => /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\u20e3/u.test(grapheme))
  )
}
