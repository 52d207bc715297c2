import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openLink, publicUrl } from '../../../electron/core/links/open.ts'
import type { LinkChecker } from '../../../electron/core/links/types.ts'
import type { HttpRequest, HttpResponse } from '../../../electron/core/reach/relay-link.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { bundle } from './profile.ts'

const page = { slug: 'a-page', title: 'Title', text: 'Real text', author: 'bob', at: 1 }
const direct = 'tcp 240.0.0.2:443 | tls sni=links.relay.test | http'

function world(lookup: Awaited<ReturnType<LinkChecker>>, answer: Partial<HttpResponse> & { text?: string } = {}) {
  const asked: HttpRequest[] = []
  const checked: string[] = []
  const deps = {
    bundle: () => bundle,
    clock: new VirtualClock(),
    log: { info() {}, warn() {} },
    check: async (host: string) => {
      checked.push(host)
      return lookup
    },
    link: {
      http: async (request: HttpRequest): Promise<HttpResponse> => {
        asked.push(request)
        const body = Readable.from([Buffer.from(answer.text ?? JSON.stringify(page))], { objectMode: false })
        return { status: 200, headers: {}, recipe: direct, ...answer, body }
      },
    },
  }
  const open = (url: string, bypass = false) => openLink(deps, url, bypass, new AbortController().signal)
  return { asked, checked, deps, open }
}

const url = 'https://links.relay.test/a-page'

describe('a link of the service', () => {
  it('is read here when the lookup of this network leads to the site', async () => {
    const { open, asked } = world('true')
    expect(await open(url)).toEqual({ outcome: 'reader', url, title: 'Title', text: 'Real text', author: 'bob', by: 'plain' })
    expect(asked).toMatchObject([{ plane: 'links', method: 'GET', path: '/a-page', headers: { accept: 'application/json' } }])
  })

  it.each(['false-address', 'no-address', 'silent'] as const)(
    'is stopped before anything is loaded when the lookup gives %s',
    async (lookup) => {
      const { open, asked } = world(lookup)
      expect(await open(url)).toEqual({ outcome: 'stopped', url, reason: lookup, canBypass: true })
      expect(asked).toEqual([])
    },
  )

  it.each([
    [direct, 'bundled-address'],
    ['tcp 240.0.0.9:443 | tls sni=links.relay.test | http', 'other-lookup'],
    ['socks5 240.32.0.1:1080 | tcp 240.0.0.2:443 | tls sni=links.relay.test | http', 'proxy'],
  ])('opened by another route says which: %s', async (recipe, by) => {
    expect(await world('false-address', { recipe }).open(url, true)).toMatchObject({ outcome: 'reader', by })
  })

  it('is ours whatever scheme, port and case it was written in', async () => {
    for (const spelling of [
      'http://links.relay.test/a-page',
      'https://LINKS.relay.test:8443/a-page',
      'https://user@links.relay.test/a-page?x',
    ]) {
      expect(await world('false-address').open(spelling)).toMatchObject({ outcome: 'stopped' })
    }
  })

  it('that leads nowhere is missing', async () => {
    expect(await world('true', { status: 404 }).open(url)).toEqual({ outcome: 'missing', url })
    const { open, asked } = world('true')
    expect(await open('https://links.relay.test/')).toMatchObject({ outcome: 'missing' })
    expect(await open('https://links.relay.test/a/../../b/c')).toMatchObject({ outcome: 'missing' })
    expect(asked).toEqual([])
  })

  it.each([
    ['another status', { status: 502 }],
    ['no JSON', { text: '<html>blocked</html>' }],
    ['another shape', { text: '{"slug":1}' }],
    ['no end', { text: `{"a":"${'x'.repeat(70_000)}"}` }],
  ])('whose answer has %s is unreachable', async (_what, answer) => {
    expect(await world('true', answer).open(url)).toEqual({ outcome: 'unreachable', url })
  })

  it('is unreachable when no route carries, and when none answers in time', async () => {
    const none = world('true')
    none.deps.link.http = () => Promise.reject(new BackendError('not-connected'))
    expect(await none.open(url)).toEqual({ outcome: 'unreachable', url })
    const silent = world('true')
    silent.deps.link.http = (_request, ...[signal]: AbortSignal[]) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    const opened = silent.open(url)
    for (let i = 0; i < 5; i++) await Promise.resolve()
    silent.deps.clock.advance(20_000)
    expect(await opened).toEqual({ outcome: 'unreachable', url })
  })
})

it('any other address is for the browser, unasked and unchecked', async () => {
  const { open, asked, checked } = world('true')
  for (const other of [
    'https://example.test/a-page',
    'https://links.relay.test.evil.test/a',
    'javascript:alert(1)',
    'https://chat.relay.test/',
  ]) {
    expect(await open(other)).toEqual({ outcome: 'external', url: other })
  }
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.webUrl(), fc.string()), async (other) => {
      expect((await open(other)).outcome).toBe('external')
    }),
  )
  expect([asked, checked]).toEqual([[], []])
})

it('a published page has its address on the first links host', () => {
  expect(publicUrl(bundle, 'a-page')).toBe(url)
  const [endpoint] = bundle.endpoints.filter(({ plane }) => plane === 'links')
  expect(publicUrl({ ...bundle, endpoints: endpoint ? [{ ...endpoint, port: 8443 }] : [] }, 'x')).toBe('https://links.relay.test:8443/x')
  expect(publicUrl({ ...bundle, endpoints: [] }, 'x')).toBeNull()
})
