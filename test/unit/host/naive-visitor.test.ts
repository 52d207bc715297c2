/** The unsuspecting browser: it believes its resolver and loads whatever the page names. */
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { decode, encode } from 'dns-packet'
import { afterEach, describe, expect, it } from 'vitest'
import type { Network } from '../../../electron/core/net/network.ts'
import { partsOf, visitNaively } from '../../../electron/host/lab-run/naive-visitor.ts'

let server: Server | null = null
afterEach(() => {
  server?.close()
  server = null
})

/** Every name is at 240.0.0.1, and that is our server, whatever the port. */
function networkTo(port: number, seen: string[] = []): Network {
  return {
    facts: () => ({
      kind: 'simulated',
      id: 'x',
      up: true,
      gateway: null,
      resolvers: [{ address: '240.0.0.53', port: 53 }],
      v6: false,
      changedAt: 0,
    }),
    onChange: () => () => {},
    connect: (to) =>
      new Promise<Duplex>((resolve, reject) => {
        seen.push(`${to.address}:${to.port}`)
        const socket = connect(port, '127.0.0.1', () => resolve(socket))
        socket.once('error', reject)
      }),
    async *exchange(to, message) {
      const { id, questions } = decode(Buffer.from(message))
      const [question] = questions ?? []
      seen.push(`asked ${to.address} for ${question?.name}`)
      const answers = question ? [{ type: 'A' as const, name: question.name, data: '240.0.0.1' }] : []
      yield { bytes: encode({ type: 'response', ...(id !== undefined && { id }), ...(questions && { questions }), answers }), from: to }
    },
    close: () => {},
  }
}

async function serve(pages: Record<string, string>): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = []
  server = createServer((request, response) => {
    asked.push(`${request.headers.host}${request.url}`)
    response.end(pages[request.url ?? ''] ?? '')
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, asked }
}

describe('a naive visitor', () => {
  it('asks the place’s own resolver, goes to that address on plain port 80, and loads script and picture', async () => {
    const { port, asked } = await serve({ '/slug': '<script src="/count.js"></script><p>x</p><IMG alt=a SRC=pixel.gif>' })
    const seen: string[] = []
    expect(await visitNaively(networkTo(port, seen), 'https://tl.test/slug', AbortSignal.timeout(15_000))).toBe(3)
    expect(seen.slice(0, 2)).toEqual(['asked 240.0.0.53 for tl.test', '240.0.0.1:80'])
    expect(asked.toSorted()).toEqual(['tl.test/count.js', 'tl.test/pixel.gif', 'tl.test/slug'])
  })

  it('has loaded nothing when nobody answers', async () => {
    expect(await visitNaively(networkTo(1), 'https://tl.test/slug', AbortSignal.timeout(15_000))).toBe(0)
  })

  it('follows only plain HTTP, and survives any page', () => {
    const page = new URL('http://tl.test/slug')
    expect(partsOf('<img src="https://x.test/a"><script src="javascript:1"><img src="http://y.test/b"><img>', page).map(String)).toEqual([
      'http://y.test/b',
    ])
    expect(partsOf('<img src="http://["><script src=>', page)).toEqual([])
  })
})
