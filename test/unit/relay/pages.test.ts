import { createHash } from 'node:crypto'
import { request } from 'node:https'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import { LinkPage } from '../../../shared/protocol/relay.ts'
import { connectClient, newIdentity, openTls, type TestClient } from '../../support/relay-client.ts'
import { emptyOffer, type RelayHere, relayHere } from '../../support/relay-here.ts'

const at = (plane: Endpoint['plane'], host: string): Endpoint => ({ id: plane, plane, host, port: 443, addresses: [], provider: 'x' })
const endpoints = [
  at('chat', 'chat.relay.test'),
  at('media', 'media.relay.test'),
  at('links', 'l.relay.test'),
  at('web', 'relay.test'),
  at('bootstrap', 'start.relay.test'),
]

describe('the hosts of one port', () => {
  let here: RelayHere
  let ann: TestClient
  beforeAll(async () => {
    here = await relayHere({ offer: { ...emptyOffer, endpoints } })
    ann = await connectClient(here.chat, newIdentity('ann'))
  })
  afterAll(async () => {
    ann.close()
    await here.end()
  })

  const get = (
    host: string,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> =>
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: here.relay.port,
        servername: 'relay.test',
        ca: here.bundle.roots,
        path,
        headers: { host, ...headers },
        agent: false,
      }
      request(options, (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => {
          body += String(chunk)
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      })
        .on('error', reject)
        .end()
    })
  const publish = async (title: string, text: string) => {
    const answer = await ann.request('link.publish', { title, text })
    if (!answer.ok) throw new Error(answer.code)
    return answer.slug
  }

  it('carry a certificate that holds for each of their names', async () => {
    for (const { host } of endpoints) (await openTls({ ...here.chat, name: host })).destroy()
    await expect(openTls({ ...here.chat, name: 'other.test' })).rejects.toThrow(/altnames/)
  })

  it('answer for their own plane only, and for no other name', async () => {
    expect((await get('other.test', '/')).status).toBe(421)
    expect((await get('chat.relay.test', '/')).status).toBe(404)
    expect((await get('media.relay.test', '/socket.io/?EIO=4&transport=polling')).status).toBe(404)
    expect((await get('chat.relay.test', '/socket.io/?EIO=4&transport=polling')).status).toBe(200)
    expect((await get('RELAY.test.:443', '/')).body).toContain('Throughline')
    expect(JSON.parse((await get('start.relay.test', '/bundle.json')).body)).toEqual(here.relay.bundle)
  })

  it('show a published page as text, whatever it contains', async () => {
    const slug = await publish('<b>"Tea" & \'cake\'</b>', '</p><script>alert(1)</script>\n<img src=x onerror=alert(1)>')
    const { status, headers, body } = await get('l.relay.test', `/${slug}`)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body).toContain('&lt;b&gt;&quot;Tea&quot; &amp; &#39;cake&#39;&lt;/b&gt;')
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;\n&lt;img src=x')
    expect(body).not.toMatch(/<script|<img|<b>/)
  })

  it('allow a page nothing but its own style', async () => {
    const { headers, body } = await get('l.relay.test', `/${await publish('Title', 'Text')}`)
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? ''
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  })

  it('give the same page as data to who asks for data', async () => {
    const slug = await publish('A title', 'A text\0with a zero')
    const page = v.parse(LinkPage, JSON.parse((await get('l.relay.test', `/${slug}`, { accept: 'application/json' })).body))
    expect(page).toMatchObject({ slug, title: 'A title', text: 'A text\0with a zero', author: 'ann' })
  })

  it.each(['/', '/nothing-here', '/..%2f..%2fkeys.json', `/${'a'.repeat(5000)}`])('know no page at %s', async (path) => {
    expect((await get('l.relay.test', path)).status).toBe(404)
  })
})
