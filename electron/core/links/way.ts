/** By which kind of way a page came, read from the recipe that reach names in its answer. */
import type { LinkOutcome } from '../../../shared/contract/chat.ts'

type Way = Extract<LinkOutcome, { outcome: 'reader' }>['by']

export function wayOf(recipe: string): Way {
  if (/\b(socks5|http-connect|proxy|via)\b/.test(recipe)) return 'proxy'
  if (/\b(doh|other-lookup)\b/.test(recipe)) return 'other-lookup'
  return /\b(address|bundle|bundled|literal)\b/.test(recipe) ? 'bundled-address' : 'plain'
}
