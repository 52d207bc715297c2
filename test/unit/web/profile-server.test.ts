/** The loopback server under attack: other pages of the same browser, other names for the same address, other hands on the token. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  MAX_FRAME_BYTES,
  NOT_ALLOWED,
  OPENED_ELSEWHERE,
  type ProfileServer,
  startProfileServer,
} from '../../../electron/web/profile-server.ts'
import { socketPort } from '../../../electron/web/socket-port.ts'
import { contract } from '../../../shared/contract/api.ts'
import { type Frame, type Port, serve } from '../../../shared/contract/port.ts'

let dir: string
let server: ProfileServer
let windows: Port[]
let bugs: unknown[]
let kept: string[]
let counter = 0

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'throughline-web-'))
  await mkdir(join(dir, 'pages'))
  await mkdir(join(dir, 'pages-evil'))
  await writeFile(join(dir, 'pages', 'index.html'), '<!doctype html>page')
  await writeFile(join(dir, 'pages', 'app.js'), 'code')
  await writeFile(join(dir, 'pages', 'app.js.map'), 'map')
  await writeFile(join(dir, 'pages-evil', 'index.html'), 'evil')
  await writeFile(join(dir, 'secret.json'), '"secret"')
  windows = []
  bugs = []
  kept = []
  server = await startProfileServer({
    profile: 'alice',
    pagesDir: join(dir, 'pages'),
    preferredPort: 0,
    session: { fingerprint: null, keep: (fingerprint) => kept.push(fingerprint) },
    random: {
      bytes: (length) => {
        counter += 1
        return new Uint8Array(length).fill(counter)
      },
    },
    join: (window) => {
      windows.push(window)
      serve<typeof contract, never>(contract, window, {}, (_name, error) => bugs.push(error))
      return true
    },
  })
})
afterEach(async () => {
  await server.close()
  await rm(dir, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

const origin = () => `http://127.0.0.1:${server.port}`

/** A request whose path is sent exactly as given, unlike fetch, which tidies it first. */
function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method: options.method ?? 'GET', headers: options.headers ?? {} })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += String(chunk)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.end(options.body)
  })
}

function exchange(token: string, headers: Record<string, string> = { origin: origin() }): Promise<Answer> {
  return ask('/session', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ token }) })
}

const freshToken = () => new URL(server.address()).hash.slice(1)

async function enter(): Promise<string> {
  const cookie = (await exchange(freshToken())).headers['set-cookie']?.[0] ?? ''
  return cookie.split(';')[0] ?? ''
}

function openSocket(headers: Record<string, string>, path = '/port'): Promise<{ socket: WebSocket; opened: boolean; code: number | null }> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers })
    socket.on('error', () => resolve({ socket, opened: false, code: null }))
    socket.on('close', (code) => resolve({ socket, opened: false, code }))
    // A refusal by close code follows the handshake at once, and what is closing answers no ping.
    socket.on('open', () => socket.ping())
    socket.on('pong', () => resolve({ socket, opened: true, code: null }))
  })
}

const closeCode = (socket: WebSocket) => new Promise<number>((resolve) => socket.on('close', resolve))

describe('pages', () => {
  it('come with the one policy, nosniff and no-store, and the start page for /', async () => {
    const page = await ask('/')
    expect(page).toMatchObject({ status: 200, body: '<!doctype html>page' })
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${server.port}`)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
  })

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/%252e%252e/secret.json',
    '/../pages-evil/index.html',
    '/..\\secret.json',
    '/%5c..%5csecret.json',
    '//etc/passwd',
    '/index.html%00.js',
    '/%',
    '/%ff',
    '/app.js.map',
    '/no-such.js',
    '/',
  ])('never come from outside their folder: %s', async (path) => {
    const { status, body } = await ask(path)
    if (path === '/') expect(body).toContain('page')
    else expect({ status, body }).toEqual({ status: 404, body: '' })
  })

  it('never come from outside their folder, whatever the path', async () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '/',
      '\\',
      '%5c',
      'pages',
      'pages-evil',
      'secret.json',
      'index.html',
      '%00',
      '%25',
      'app.js',
      '?',
      ';',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const { body } = await ask(`/${pieces.join('')}`)
        expect(['', '<!doctype html>page', 'code']).toContain(body)
      }),
      { numRuns: 300 },
    )
  })

  it.each(['localhost', 'evil.example', '127.0.0.1', '127.0.0.1:1', '[::1]'])(
    'are not served to a page that reached us as %s',
    async (host) => {
      expect((await ask('/', { headers: { host } })).status).toBe(421)
    },
  )

  it('cannot be written', async () => {
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) expect((await ask('/index.html', { method })).status).toBe(405)
  })

  it('are served on loopback alone', async () => {
    // 127.0.0.2 is this machine too, but not the address that was bound.
    await expect(
      new Promise((resolve, reject) => connectTcp({ host: '127.0.0.2', port: server.port }, () => resolve('open')).on('error', reject)),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('a session', () => {
  it('begins with a token from the address, which becomes a strict cookie named after the profile', async () => {
    const { status, headers } = await exchange(freshToken())
    expect(status).toBe(204)
    expect(headers['set-cookie']?.[0]).toMatch(/^throughline_alice=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  it('cannot begin twice with one token', async () => {
    const token = freshToken()
    expect((await exchange(token)).status).toBe(204)
    expect((await exchange(token)).status).toBe(403)
  })

  it.each(['', 'wrong', 'A'.repeat(43)])('does not begin with the wrong token %j', async (token) => {
    freshToken()
    expect((await exchange(token)).status).toBe(403)
  })

  it('does not begin for another origin, and the token stays good for ours', async () => {
    const token = freshToken()
    for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, {}, { origin: `http://localhost:${server.port}` }]) {
      expect((await exchange(token, headers as Record<string, string>)).status).toBe(403)
    }
    expect((await exchange(token)).status).toBe(204)
  })

  it('does not begin with a body that is no request for one', async () => {
    for (const body of ['', '{', '[]', '{"token":1}', `{"token":"${'x'.repeat(5000)}"}`, '{"token":"a","more":1}']) {
      const { status } = await ask('/session', { method: 'POST', headers: { origin: origin() }, body }).catch(() => ({ status: 403 }))
      expect(status, body.slice(0, 20)).toBe(403)
    }
  })

  it('is asked for by POST only', async () => {
    expect((await ask('/session')).status).toBe(405)
  })
})

describe('the socket', () => {
  it('opens for our page with a session, and carries frames', async () => {
    const { socket, opened } = await openSocket({ origin: origin(), cookie: await enter() })
    expect(opened).toBe(true)
    expect(server.connected).toBe(true)
    const answer = new Promise((resolve) => socketPort(socket).onFrame(resolve))
    socketPort(socket).send({ t: 'call', id: 1, name: 'self.get', input: {} })
    expect(await answer).toEqual({ t: 'fail', id: 1, code: 'absent', detail: '' })
    socket.close()
    await expect.poll(() => server.connected).toBe(false)
  })

  it.each<[string, () => Record<string, string>]>([
    ['another origin', () => ({ origin: 'http://evil.example' })],
    ['an opaque origin', () => ({ origin: 'null' })],
    ['no origin', () => ({})],
    ['the right origin with another scheme', () => ({ origin: origin().replace('http', 'https') })],
    ['another host', () => ({ origin: origin(), host: `localhost:${server.port}` })],
  ])('is refused before it opens to %s, session or not', async (_what, headers) => {
    const { opened, code } = await openSocket({ ...headers(), cookie: await enter() })
    expect({ opened, code }).toEqual({ opened: false, code: null })
    expect(windows).toHaveLength(0)
  })

  it('is refused on any other path', async () => {
    expect((await openSocket({ origin: origin(), cookie: await enter() }, '/other')).opened).toBe(false)
  })

  it('closes at once, saying not allowed, without a session', async () => {
    for (const cookie of ['', 'throughline_alice=', `throughline_alice=${'A'.repeat(43)}`, 'throughline_bob=x']) {
      const { code } = await openSocket({ origin: origin(), cookie })
      expect(code).toBe(NOT_ALLOWED)
    }
    expect(windows).toHaveLength(0)
  })

  it('is one at a time: the newer window takes over and the older is told', async () => {
    const cookie = await enter()
    const first = await openSocket({ origin: origin(), cookie })
    const told = closeCode(first.socket)
    const second = await openSocket({ origin: origin(), cookie })
    expect(await told).toBe(OPENED_ELSEWHERE)
    expect(second.opened).toBe(true)
    expect(server.connected).toBe(true)
    second.socket.close()
  })

  it('stays shut for an older session once a newer one began', async () => {
    const older = await enter()
    const newer = await enter()
    expect((await openSocket({ origin: origin(), cookie: older })).code).toBe(NOT_ALLOWED)
    const { socket, opened } = await openSocket({ origin: origin(), cookie: newer })
    expect(opened).toBe(true)
    socket.close()
  })

  it('closes on a frame over the limit without taking it in', async () => {
    const { socket } = await openSocket({ origin: origin(), cookie: await enter() })
    const code = closeCode(socket)
    socket.on('error', () => {})
    socket.send('x'.repeat(MAX_FRAME_BYTES + 1))
    expect([1009, 1006]).toContain(await code)
    expect((await ask('/')).status).toBe(200)
  })

  it('closes on what is no frame, whatever it is, and the server lives on', async () => {
    const cookie = await enter()
    const hostile = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        '{"$bytes":"a"}',
        '{"t":"call"}',
        '[]',
        'null',
        '{"t":"call","id":-1,"name":"x","input":{}}',
        '{"__proto__":{"t":"call"}}',
      ),
      fc.uint8Array({ maxLength: 64 }),
    )
    await fc.assert(
      fc.asyncProperty(hostile, async (data) => {
        const { socket, opened } = await openSocket({ origin: origin(), cookie })
        expect(opened).toBe(true)
        const code = closeCode(socket)
        socket.send(data)
        expect(await code).toBe(1007)
      }),
      { numRuns: 25 },
    )
    expect((await ask('/')).status).toBe(200)
    expect(bugs).toEqual([])
  })

  it('answers every well-formed frame, however wrong its content', async () => {
    const { socket } = await openSocket({ origin: origin(), cookie: await enter() })
    const port = socketPort(socket)
    const waiting = new Map<number, (raw: unknown) => void>()
    port.onFrame((raw) => {
      const frame = raw as Extract<Frame, { t: 'fail' }>
      waiting.get(frame.id)?.(frame)
    })
    let id = 0
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.json(), async (name, input) => {
        id += 1
        const mine = id
        const answer = new Promise((resolve) => waiting.set(mine, resolve))
        port.send({ t: 'call', id: mine, name, input: JSON.parse(input) })
        expect(await answer).toMatchObject({ t: 'fail', id: mine })
      }),
      { numRuns: 200 },
    )
    expect(bugs).toEqual([])
    socket.close()
  })
})

describe('the port number', () => {
  it('is kept if it is free and another if it is taken', async () => {
    const session = { fingerprint: null, keep: () => {} }
    const options = { profile: 'bob', pagesDir: dir, session, random: { bytes: (n: number) => new Uint8Array(n) }, join: () => true }
    const taken = await startProfileServer({ ...options, preferredPort: server.port })
    expect(taken.port).not.toBe(server.port)
    await taken.close()
    const again = await startProfileServer({ ...options, preferredPort: taken.port })
    expect(again.port).toBe(taken.port)
    await again.close()
  })
})

describe('a restart', () => {
  it('lets a page that stayed open back in by its cookie, but nobody by what was kept of the session', async () => {
    const cookie = await enter()
    const [fingerprint = ''] = kept
    expect(cookie).not.toContain(fingerprint)
    await server.close()
    server = await startProfileServer({
      profile: 'alice',
      pagesDir: join(dir, 'pages'),
      preferredPort: server.port,
      session: { fingerprint, keep: () => {} },
      random: { bytes: (length) => new Uint8Array(length) },
      join: () => true,
    })
    const own = { host: `127.0.0.1:${server.port}`, origin: origin() }
    const back = await openSocket({ ...own, cookie })
    expect(back.opened).toBe(true)
    back.socket.close()
    expect((await openSocket({ ...own, cookie: `throughline_alice=${fingerprint}` })).code).toBe(NOT_ALLOWED)
  })
})
