/** Names, and HTTP to the media and links hosts, with real sockets and a real relay. */
import { createServer as createHttpsServer } from 'node:https'
import { Readable } from 'node:stream'
import { decode, encode } from 'dns-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { listen } from '../net/tiny-servers.ts'
import { linksAt, plain, socksAt, tunnelAt, type WorldHere, worldHere } from './world.ts'

let world: WorldHere
afterEach(() => world.end())

describe('names', () => {
  it('a lying resolver costs nothing and is seen; an honest one over HTTPS too', async () => {
    world = await worldHere((offer) => ({
      ...offer,
      doh: [{ id: 'doh', address: '240.48.0.1', port: 443, host: 'doh.test', path: '/dns-query' }],
    }))
    const answer = (bytes: Uint8Array, address: string) => {
      const query = decode(Buffer.from(bytes))
      const [question] = query.questions ?? []
      if (!question) throw new Error('no question')
      return encode({
        type: 'response',
        id: query.id ?? 0,
        flags: 0x0180,
        questions: [question],
        answers: [{ type: 'A', name: question.name, ttl: 60, data: address }],
      })
    }
    world.gateway.datagram = ({ bytes }, reply) => reply(answer(bytes, '240.99.0.1'))
    const { cert, key } = await world.authority.issue(['doh.test'])
    const doh = createHttpsServer({ cert, key }, (request, response) => {
      const message = new URL(request.url ?? '', 'https://doh.test').searchParams.get('dns') ?? ''
      response.writeHead(200, { 'content-type': 'application/dns-message' }).end(answer(Buffer.from(message, 'base64url'), plain))
    })
    const behind = world.gateway.behind
    const port = await listen(doh)
    world.gateway.behind = (address, to) => (address === '240.48.0.1' ? { port } : behind(address, to))
    world.onlyPlain()
    const { reach, until, seen } = world.reach()
    reach.start()
    const state = await until(({ status }) => status === 'connected')
    expect(state.route?.kind).toBe('plain')
    await expect.poll(() => seen.filter(({ t }) => t === 'dns').length).toBe(2)
    expect(seen.filter(({ t }) => t === 'dns')).toMatchObject(
      [
        { resolver: 'system', name: 'chat.test', outcome: { kind: 'answer', addresses: ['240.99.0.1'], late: [] } },
        { resolver: 'doh', name: 'chat.test', outcome: { kind: 'answer', addresses: [plain] } },
      ].sort(
        (a, b) =>
          seen.findIndex((one) => one.t === 'dns' && one.resolver === a.resolver) -
          seen.findIndex((one) => one.t === 'dns' && one.resolver === b.resolver),
      ),
    )
    doh.close()
  })
})

describe('HTTP to other planes', () => {
  const never = new AbortController().signal
  const text = async (body: AsyncIterable<unknown>) => {
    const chunks: Buffer[] = []
    for await (const chunk of body) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  it('publishes, opens and reads back a page; uploads and fetches a piece of a file', async () => {
    world = await worldHere()
    world.onlyPlain()
    const { reach, until } = world.reach()
    reach.start()
    await until(({ status }) => status === 'connected')
    const page = await reach.link.request('link.publish', { title: 'Hello', text: 'Real words' })
    if (!page.ok) throw new Error(page.code)
    const answer = await reach.link.http(
      { plane: 'links', method: 'GET', path: `/${page.slug}`, headers: { accept: 'application/json' } },
      never,
    )
    expect(answer.status).toBe(200)
    expect(answer.recipe).toMatch(/^tcp 240\.16\.0\.13:443 \| tls /)
    expect(JSON.parse(await text(answer.body))).toMatchObject({ title: 'Hello', text: 'Real words' })

    const grant = await reach.link.request('media.grant', { size: 10 })
    if (!grant.ok) throw new Error(grant.code)
    const path = `/m/${grant.media}`
    const put = await reach.link.http(
      {
        plane: 'media',
        method: 'PUT',
        path,
        headers: { authorization: `Bearer ${grant.token}`, 'content-length': '10' },
        body: Readable.from([Buffer.from('01234'), Buffer.from('56789')]),
      },
      never,
    )
    expect(put.status).toBeLessThan(300)
    await text(put.body)
    const part = await reach.link.http({ plane: 'media', method: 'GET', path, headers: { range: 'bytes=3-5' } }, never)
    expect(part.status).toBe(206)
    expect(await text(part.body)).toBe('345')
    // One is kept for each plane, for a moment.
    await expect.poll(() => world.gateway.openFlows(), { timeout: 10_000 }).toBe(1)
  })

  it('goes through a proxy when the plane is blocked, and says not-connected when nothing works', async () => {
    world = await worldHere()
    const { reach, until } = world.reach()
    reach.start()
    await until(({ status }) => status === 'connected')
    world.block.set(linksAt, 'ECONNREFUSED')
    const answer = await reach.link.http({ plane: 'links', method: 'GET', path: '/none', headers: {} }, never)
    // Which of the two answers first is for the race to say.
    expect(answer.recipe).toMatch(/^(socks5|http-connect) /)
    expect(answer.status).toBe(404)
    await text(answer.body)
    for (const at of [socksAt, tunnelAt]) world.block.set(at, 'ECONNREFUSED')
    await expect(reach.link.http({ plane: 'links', method: 'GET', path: '/none', headers: {} }, never)).rejects.toMatchObject({
      code: 'not-connected',
    })
  })
})
