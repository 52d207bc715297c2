// @vitest-environment happy-dom
/** The port of a browser window, over a real WebSocket server on loopback. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws'
import { webShell } from '../../../renderer/src/shell/web.ts'
import { frameFromText, frameToText } from '../../../shared/contract/frame-text.ts'

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000 })

const ended: (() => void)[] = []
afterEach(() => {
  for (const end of ended.splice(0)) end()
  vi.unstubAllGlobals()
})

/** A server as electron/web is one: `onSocket` decides what a window meets. */
async function serve(onSocket: (socket: NodeWebSocket) => void): Promise<string> {
  const server: Server = createServer()
  const sockets = new WebSocketServer({ server, path: '/port' })
  sockets.on('connection', onSocket)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ended.push(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** As in a browser, where a refused connection is an event and nothing is thrown. */
class BrowserLikeSocket extends NodeWebSocket {
  constructor(url: string) {
    super(url)
    this.on('error', () => {})
  }
}

function page(host: string, hash = '') {
  const replaceState = vi.fn()
  const location = { host, hash, pathname: '/', protocol: 'http:' }
  vi.stubGlobal('WebSocket', BrowserLikeSocket)
  return { shown: { location, history: { replaceState } }, replaceState }
}

describe('the port of a browser window', () => {
  it('carries frames both ways, bytes as bytes, also those that came before anyone listened', async () => {
    const got: unknown[] = []
    const host = await serve((socket) => {
      socket.send(frameToText({ t: 'event', name: 'hello', payload: 1 }))
      socket.on('message', (data) => got.push(frameFromText(String(data))))
    })
    const opened = await webShell(page(host).shown).open()
    if ('refused' in opened) throw new Error(opened.refused)
    const heard: unknown[] = []
    opened.port.onFrame((raw) => heard.push(raw))
    await until(() => expect(heard).toEqual([{ t: 'event', name: 'hello', payload: 1 }]))
    opened.port.send({ t: 'call', id: 1, name: 'file.append', input: { bytes: Uint8Array.of(1, 2, 255) } })
    await until(() => expect(got).toEqual([{ t: 'call', id: 1, name: 'file.append', input: { bytes: Uint8Array.of(1, 2, 255) } }]))
  })

  it('exchanges the token of the address and takes it out of sight before anything is asked', async () => {
    const host = await serve(() => {})
    const { shown, replaceState } = page(host, '#once')
    const asked = vi.fn(async () => ({ ok: true, status: 204 }))
    vi.stubGlobal('fetch', asked)
    await webShell(shown).open()
    expect(asked).toHaveBeenCalledWith('/session', expect.objectContaining({ method: 'POST', body: '{"token":"once"}' }))
    expect(replaceState).toHaveBeenCalledWith(null, '', '/')
  })

  it.each([
    [4001, 'elsewhere'],
    [4003, 'refused'],
    [1001, 'gone'],
  ] as const)('tells a close with %i as %s', async (code, because) => {
    const host = await serve((socket) => socket.close(code))
    const opened = await webShell(page(host).shown).open()
    if ('refused' in opened) return expect(opened.refused).toBe(because)
    await new Promise<void>((resolve) => opened.port.onClose(resolve))
    expect(opened.closedBecause()).toBe(because)
  })

  it('says that nobody is there when nobody is', async () => {
    expect(await webShell(page('127.0.0.1:1').shown).open()).toEqual({ refused: 'gone' })
  })
})
