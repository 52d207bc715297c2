import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parseRange } from '../../../relay/media.ts'
import { SAMPLE_BYTES, SAMPLE_PATH } from '../../../shared/protocol/sample.ts'
import type { TestClient } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'
import { relayUnderClock } from '../../support/relay-under-clock.ts'

const DAY = 24 * 60 * 60_000

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: Buffer
}

describe('media', () => {
  let here: RelayHere
  let ann: TestClient
  const clock = relayUnderClock((relay, client) => {
    here = relay
    ann = client
  })

  const http = (method: string, path: string, headers: Record<string, string> = {}, body?: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: here.relay.port, ca: here.bundle.roots, method, path, headers, agent: false },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }))
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  const grant = async (size: number, sealed?: boolean) => {
    const answer = await ann.request('media.grant', { size, ...(sealed !== undefined && { sealed }) })
    if (!answer.ok) throw new Error(answer.code)
    return answer
  }
  const put = (media: string, token: string, body: Buffer) =>
    http('PUT', `/m/${media}`, { authorization: `Bearer ${token}`, 'content-length': String(body.length) }, body)
  const stored = async (body: Buffer, sealed?: boolean) => {
    const { media, token } = await grant(body.length, sealed)
    expect((await put(media, token, body)).status).toBe(201)
    return media
  }

  it('gives anybody the sample to measure a way with, and nothing else under that name', async () => {
    const { status, headers, body } = await http('GET', SAMPLE_PATH)
    expect({ status, length: body.length, type: headers['content-type'] }).toEqual({
      status: 200,
      length: SAMPLE_BYTES,
      type: 'application/octet-stream',
    })
    // Whoever could make it smaller on the way would be measured as fast.
    expect(deflateSync(body).length).toBeGreaterThan(0.99 * SAMPLE_BYTES)
    // A slow line is not asked for all of it.
    const taste = await http('GET', SAMPLE_PATH, { range: 'bytes=1000-3999' })
    expect(taste).toMatchObject({ status: 206, headers: { 'content-range': `bytes 1000-3999/${SAMPLE_BYTES}`, 'content-length': '3000' } })
    expect(taste.body.equals(body.subarray(1000, 4000))).toBe(true)
    expect((await http('PUT', SAMPLE_PATH, {}, Buffer.from('x'))).status).toBe(404)
  })

  it('come back byte for byte, whole or in part', async () => {
    const content = randomBytes(300_000)
    const media = await stored(content)
    const whole = await http('GET', `/m/${media}`)
    expect(whole.status).toBe(200)
    expect(whole.body.equals(content)).toBe(true)
    const middle = await http('GET', `/m/${media}`, { range: 'bytes=1000-1999' })
    expect(middle).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 1000-1999/300000', 'content-length': '1000' } })
    expect(middle.body.equals(content.subarray(1000, 2000))).toBe(true)
    expect((await http('GET', `/m/${media}`, { range: 'bytes=299990-' })).body.equals(content.subarray(299_990))).toBe(true)
    expect((await http('GET', `/m/${media}`, { range: 'bytes=-10' })).body.equals(content.subarray(-10))).toBe(true)
    expect(await http('GET', `/m/${media}`, { range: 'bytes=300000-' })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */300000' },
    })
    expect(await http('GET', `/m/${media}`, { range: 'bytes=5-9', 'if-range': '"another"' })).toMatchObject({ status: 200 })
    expect((await http('HEAD', `/m/${media}`)).headers['content-length']).toBe('300000')
  })

  it('are never given a type that a browser would act on', async () => {
    const media = await stored(Buffer.from('<html><script>alert(1)</script>'))
    expect((await http('GET', `/m/${media}`)).headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    })
  })

  it('are taken once for a token, of the size that was asked for, and with nobody else’s token', async () => {
    const { media, token } = await grant(4)
    const other = await grant(4)
    expect((await put(media, other.token, Buffer.from('evil'))).status).toBe(401)
    expect((await put(media, 'short', Buffer.from('evil'))).status).toBe(401)
    expect((await http('PUT', `/m/${media}`, {}, Buffer.from('evil'))).status).toBe(401)
    expect((await put(media, token, Buffer.from('longer'))).status).toBe(413)
    expect(
      (await http('PUT', `/m/${media}`, { authorization: `Bearer ${token}`, 'transfer-encoding': 'chunked' }, Buffer.from('good'))).status,
    ).toBe(411)
    expect((await http('GET', `/m/${media}`)).status).toBe(404)
    expect((await put(media, token, Buffer.from('good'))).status).toBe(201)
    expect((await put(media, token, Buffer.from('evil'))).status).toBe(409)
    expect((await http('GET', `/m/${media}`)).body.toString()).toBe('good')
  })

  it('of an upload that breaks off leave nothing behind, and the token stays good', async () => {
    const { media, token } = await grant(100_000)
    await new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${token}`, 'content-length': '100000' }
      const sent = request({
        host: '127.0.0.1',
        port: here.relay.port,
        ca: here.bundle.roots,
        method: 'PUT',
        path: `/m/${media}`,
        headers,
        agent: false,
      })
      sent.on('error', () => {})
      sent.on('close', () => resolve())
      sent.write(randomBytes(50_000), () => sent.destroy())
    })
    await expect.poll(() => readdirSync(join(here.dataDir, 'media')).filter((name) => name.startsWith(media))).toEqual([])
    const content = randomBytes(100_000)
    expect((await put(media, token, content)).status).toBe(201)
    expect(readFileSync(join(here.dataDir, 'media', media)).equals(content)).toBe(true)
  })

  it('are not taken with leave from more than ten minutes ago', async () => {
    const { media, token } = await grant(4)
    clock.jumpWall(10 * 60_000 + 1)
    expect((await put(media, token, Buffer.from('late'))).status).toBe(401)
  })

  it.each(['/m/', '/m/../keys.json', '/m/..%2fkeys.json', `/m/${'A'.repeat(23)}`, '/m/AAAAAAAAAAAAAAAAAAAAAA'])(
    'are not found at %s',
    async (path) => {
      expect((await http('GET', path)).status).toBe(404)
    },
  )

  const onDisk = (media: string) => existsSync(join(here.dataDir, 'media', media))
  const inRows = (media: string) => ['relay.db', 'relay.db-wal'].some((name) => readFileSync(join(here.dataDir, name)).includes(media))
  const minutesPass = (minutes: number) => clock.advance(minutes * 60_000)

  it('of cloud chats stay, those of secret chats are forgotten after thirty days: the bytes, and the row in every file', async () => {
    const [open, closed] = [await stored(randomBytes(5000)), await stored(randomBytes(5000), true)]
    clock.jumpWall(30 * DAY - 60_000)
    minutesPass(1)
    expect([onDisk(open), onDisk(closed)]).toEqual([true, true])
    minutesPass(1)
    expect([onDisk(open), onDisk(closed)]).toEqual([true, false])
    expect([inRows(open), inRows(closed)]).toEqual([true, false])
    expect((await http('GET', `/m/${closed}`)).status).toBe(404)
    expect((await http('GET', `/m/${open}`)).status).toBe(200)
  })

  it('of secret chats are forgotten at once when somebody who knows the id says so, and only those', async () => {
    const [open, closed] = [await stored(Buffer.from('stays')), await stored(randomBytes(5000), true)]
    const { media: unused } = await grant(4, true)
    expect((await http('DELETE', `/m/${open}`)).status).toBe(405)
    expect((await http('DELETE', `/m/${unused}`)).status).toBe(404)
    expect((await http('DELETE', `/m/${closed}`)).status).toBe(204)
    expect((await http('DELETE', `/m/${closed}`)).status).toBe(404)
    expect((await http('GET', `/m/${open}`)).body.toString()).toBe('stays')
    expect([onDisk(open), onDisk(closed)]).toEqual([true, false])
    minutesPass(1)
    expect([inRows(open), inRows(closed)]).toEqual([true, false])
  })

  it('are forgotten a hundred at a time, and a row whose file a crash had already taken goes too', async () => {
    const many = await Promise.all(Array.from({ length: 101 }, () => stored(Buffer.from('x'), true)))
    rmSync(join(here.dataDir, 'media', many[0] ?? ''))
    expect((await http('GET', `/m/${many[0]}`)).status).toBe(404)
    clock.jumpWall(30 * DAY)
    minutesPass(1)
    // Which one is left is for chance to say: all were stored at once.
    expect(many.filter((media) => inRows(media))).toHaveLength(1)
    minutesPass(1)
    expect(many.filter((media) => onDisk(media) || inRows(media))).toEqual([])
  })

  it('left half written by a crash are removed at the next start', async () => {
    const first = await relayHere()
    await first.end(true)
    writeFileSync(join(first.dataDir, 'media', 'AAAAAAAAAAAAAAAAAAAAAA.part'), 'half')
    // Whole, but the crash came before the note that it is here, and the leave has expired.
    writeFileSync(join(first.dataDir, 'media', 'BBBBBBBBBBBBBBBBBBBBBB'), 'nobody knows it')
    const second = await relayHere({ dataDir: first.dataDir })
    expect(readdirSync(join(first.dataDir, 'media'))).toEqual([])
    await second.end()
  })
})

describe('a range', () => {
  it.each([
    [undefined, 'whole'],
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=5-100', { first: 5, last: 9 }],
    ['bytes=-100', { first: 0, last: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=3-1', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=0-1,3-4', 'whole'],
    ['lines=0-1', 'whole'],
  ])('of %j in ten bytes is %j', (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected)
  })
})
