/**
 * What an unsuspecting browser does with a link: asks this network's resolver, believes it, loads the page over plain HTTP, and
 * then whatever scripts and pictures the page names. It stands in the simulated internet only.
 */
import { request } from 'node:http'
import type { Network } from '../../core/net/network.ts'
import { firstAddress } from '../plain-client.ts'

const MAX_PARTS = 8
const MAX_PAGE_BYTES = 256 * 1024

/** Resolves with how many things were loaded; 0 if nothing answered. */
export async function visitNaively(network: Network, link: string, deadline: AbortSignal): Promise<number> {
  const page = new URL(link)
  page.protocol = 'http:'
  page.port = ''
  const html = await load(network, page, deadline).catch(() => null)
  if (html === null) return 0
  const parts = partsOf(html, page).slice(0, MAX_PARTS)
  const loaded = await Promise.all(
    parts.map((part) =>
      load(network, part, deadline)
        .then(() => 1)
        .catch(() => 0),
    ),
  )
  return loaded.reduce<number>((sum, one) => sum + one, 1)
}

/** The scripts and pictures that a page loads by itself, plain HTTP only. */
export function partsOf(html: string, page: URL): URL[] {
  return [...html.matchAll(/<(?:script|img)\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)/gi)].flatMap(([, source = '']) => {
    const part = URL.canParse(source, page.href) ? new URL(source, page) : null
    return part?.protocol === 'http:' ? [part] : []
  })
}

async function load(network: Network, url: URL, deadline: AbortSignal): Promise<string> {
  const address = await firstAddress(network, url.hostname, deadline)
  const socket = await network.connect({ address, port: Number(url.port || 80) }, deadline)
  return new Promise((resolve, reject) => {
    // The name as a browser gives it: without the port that everybody knows.
    const headers = { host: url.host }
    const asked = request({ createConnection: () => socket, path: url.pathname + url.search, headers, signal: deadline })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
        if (body.length > MAX_PAGE_BYTES) asked.destroy(new Error('page too large'))
      })
      response.on('end', () => resolve(body))
      response.on('error', reject)
    })
    asked.end()
  })
}
