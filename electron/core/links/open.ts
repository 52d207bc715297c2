/**
 * Follows a clicked link. The service's own public links are checked first, and their pages come only over a connection
 * that proves itself to be the site; a false address is never loaded. Everything else is for the user's browser.
 */
import type { Readable } from 'node:stream'
import * as v from 'valibot'
import type { LinkOutcome } from '../../../shared/contract/chat.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { LinkPage } from '../../../shared/protocol/relay.ts'
import { assertNever } from '../../../shared/util/assert-never.ts'
import { fromUtf8 } from '../../../shared/util/bytes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { errorFacts, type Log } from '../log.ts'
import { within } from '../net/deadline.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import type { LinkChecker } from './types.ts'
import { wayOf } from './way.ts'

export interface LinkDeps {
  readonly bundle: () => Bundle
  readonly link: Pick<RelayLink, 'http'>
  readonly check: LinkChecker
  readonly clock: Clock
  readonly log: Log
}

const FETCH_MS = 20_000
const MOST_PAGE_BYTES = 64 * 1024
const SLUG_PATH = /^\/[A-Za-z0-9_-]{1,64}$/

/** Never throws for any URL. `bypass`: the user knows that the lookup lies and asked for the page by another route. */
export async function openLink(deps: LinkDeps, url: string, bypass: boolean, signal: AbortSignal): Promise<LinkOutcome> {
  const path = ownPath(deps.bundle(), url)
  if (path === null) return { outcome: 'external', url }
  if (!bypass) {
    const verdict = await deps.check(new URL(url).hostname)
    switch (verdict) {
      case 'false-address':
      case 'no-address':
      case 'silent':
        return { outcome: 'stopped', url, reason: verdict, canBypass: true }
      case 'true':
      case 'unknown-host':
        break
      default:
        assertNever(verdict)
    }
  }
  if (!SLUG_PATH.test(path)) return { outcome: 'missing', url }
  try {
    return await within(deps.clock, FETCH_MS, signal, (bounded) => fetchPage(deps, url, path, bypass, bounded))
  } catch (error) {
    deps.log.warn('link not reached', errorFacts(error))
    return { outcome: 'unreachable', url }
  }
}

/** The path of a link to one of our hosts, `null` for any other address. The host decides, whatever scheme or port was written. */
function ownPath(bundle: Bundle, url: string): string | null {
  if (!URL.canParse(url)) return null
  const { protocol, hostname, pathname } = new URL(url)
  const ours = bundle.endpoints.some((endpoint) => endpoint.plane === 'links' && endpoint.host === hostname)
  return ours && (protocol === 'https:' || protocol === 'http:') ? pathname : null
}

async function fetchPage(
  { bundle, link }: LinkDeps,
  url: string,
  path: string,
  detour: boolean,
  signal: AbortSignal,
): Promise<LinkOutcome> {
  const response = await link.http({ plane: 'links', method: 'GET', path, headers: { accept: 'application/json' } }, signal)
  if (response.status === 404 || response.status === 410) {
    response.body.resume()
    return { outcome: 'missing', url }
  }
  if (response.status !== 200) {
    response.body.resume()
    return { outcome: 'unreachable', url }
  }
  const page = v.safeParse(LinkPage, JSON.parse(fromUtf8(await readAll(response.body, MOST_PAGE_BYTES))))
  if (!page.success) return { outcome: 'unreachable', url }
  const { title, text, author } = page.output
  return { outcome: 'reader', url, title, text, author, by: wayOf(response.recipe, bundle(), detour) }
}

async function readAll(body: Readable, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new Error('a body is bytes')
    size += chunk.length
    // Leaving the loop destroys the stream.
    if (size > most) throw new RangeError('page too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Where a page published by this account can be read. */
export function publicUrl(bundle: Bundle, slug: string): string | null {
  const endpoint = bundle.endpoints.find(({ plane }) => plane === 'links')
  if (!endpoint) return null
  return `https://${endpoint.host}${endpoint.port === 443 ? '' : `:${endpoint.port}`}/${slug}`
}
