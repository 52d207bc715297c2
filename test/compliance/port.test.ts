/** One suite for every Port: whatever carries the frames, both ends of an API behave alike. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { processPort } from '../../electron/host/child.ts'
import { socketPort } from '../../electron/web/socket-port.ts'
import { memoryPortPair } from '../../shared/contract/memory-port.ts'
import { connect, type Port } from '../../shared/contract/port.ts'
import { echoApi, serveEcho } from '../support/echo-service.ts'
import { electronPortPair } from '../support/electron-stand-in.ts'

interface Setup {
  readonly port: Port
  /** The far end goes away. */
  dropFar(): void
  end(): Promise<void> | void
}

async function webSockets(): Promise<Setup> {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const accepted = once(sockets, 'connection')
  const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  const port = socketPort(socket)
  await once(socket, 'open')
  const [far]: WebSocket[] = await accepted
  if (!far) throw new Error('no connection')
  serveEcho(socketPort(far))
  return {
    port,
    dropFar: () => far.terminate(),
    end: async () => {
      socket.terminate()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

async function childProcess(): Promise<Setup> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-port-'))
  const root = join(import.meta.dirname, '../..')
  const bundled = await build({
    stdin: { contents: childSource, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    absWorkingDir: root,
  })
  const file = join(dir, 'child.mjs')
  await writeFile(file, bundled.outputFiles[0]?.contents ?? '')
  const child = fork(file, [], { serialization: 'advanced', execArgv: [] })
  return {
    port: processPort(child),
    dropFar: () => void child.kill('SIGKILL'),
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const childSource = `
import { parentProcessPort } from '../../shared/contract/process-port.ts'
import { serveEcho } from '../support/echo-service.ts'
const port = parentProcessPort(process)
serveEcho(port)
port.onClose(() => process.exit(0))
`

function memory(): Setup {
  const [near, far] = memoryPortPair()
  serveEcho(far)
  return { port: near, dropFar: () => far.close(), end: () => near.close() }
}

/** Asked from main's side: the page's own end closes only with the page, and then nobody is left to notice. */
async function electron(): Promise<Setup> {
  const { page, main, contents } = await electronPortPair()
  serveEcho(page)
  return { port: main, dropFar: () => contents.destroy(), end: () => main.close() }
}

const setups: readonly [string, () => Setup | Promise<Setup>][] = [
  ['memory', memory],
  ['WebSocket', webSockets],
  ['child process', childProcess],
  ['Electron IPC', electron],
]

describe.each(setups)('a port over %s', (_name, setUp) => {
  let setup: Setup | null = null
  const start = async () => {
    setup = await setUp()
    return { ...setup, client: connect(echoApi, setup.port) }
  }
  afterEach(async () => {
    await setup?.end()
    setup = null
  })

  it('carries texts of every script and bytes of every value unchanged', async () => {
    const { client } = await start()
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const text = 'سلام 👋🏽 \u2028 "quoted" \\ $bytes'
    expect(await client.call('echo', { text, bytes })).toEqual({ text, bytes })
  })

  it('carries a piece of a file in one call', async () => {
    const { client } = await start()
    const bytes = new Uint8Array(192 * 1024).fill(7)
    expect((await client.call('echo', { text: '', bytes })).bytes).toEqual(bytes)
  })

  it('gives every answer to its own question, many at once', async () => {
    const { client } = await start()
    const texts = Array.from({ length: 200 }, (_, i) => `question ${i}`)
    const answers = await Promise.all(texts.map((text) => client.call('echo', { text, bytes: new Uint8Array(0) })))
    expect(answers.map((answer) => answer.text)).toEqual(texts)
  })

  it('delivers events whole and in order', async () => {
    const { client } = await start()
    const heard: number[] = []
    client.on('counted', ({ n }) => heard.push(n))
    await client.call('emit', { count: 500 })
    expect(heard).toEqual(Array.from({ length: 500 }, (_, n) => n))
  })

  it('brings a refusal back with its code and detail', async () => {
    const { client } = await start()
    await expect(client.call('refuse', {})).rejects.toMatchObject({ code: 'refused', detail: 'because' })
  })

  it('fails what is still waiting when the other end goes, instead of hanging', async () => {
    const { client, dropFar } = await start()
    await client.call('echo', { text: 'it lives', bytes: new Uint8Array(0) })
    const waiting = client.call('never', {})
    const closed = new Promise<void>((resolve) => client.onClosed(resolve))
    dropFar()
    await expect(waiting).rejects.toMatchObject({ code: 'closed' })
    await closed
    await expect(client.call('echo', { text: '', bytes: new Uint8Array(0) })).rejects.toMatchObject({ code: 'closed' })
  })

  it('does nothing, rather than throw, when used after it closed', async () => {
    const { port } = await start()
    const closed = new Promise<void>((resolve) => port.onClose(resolve))
    port.close()
    await closed
    expect(() => port.send({ t: 'event', name: 'late', payload: null })).not.toThrow()
    expect(() => port.close()).not.toThrow()
  })
})
