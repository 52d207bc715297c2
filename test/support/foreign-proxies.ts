/** Proxies that others made, as Debian has them, on the loopback: each a process that goes with the test. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ProxyEntry } from '../../shared/protocol/bundle.ts'

export interface ForeignProxy {
  /** Where it listens on the loopback. */
  readonly port: number
  /** What the bundle says of it, but for where. */
  readonly entry: Omit<ProxyEntry, 'id' | 'address' | 'port'>
}

export interface Foreign {
  /** What it cannot do without. */
  readonly program: string
  readonly debianPackage: string
  /** `relayPort`: where those lead that lead to the relay by themselves. */
  start(place: Place, relayPort: number): Promise<ForeignProxy>
}

export interface Place {
  run(program: string, args: readonly string[], env?: Record<string, string>): ChildProcess
  file(name: string, text: string): string
  readonly folder: string
  end(): void
}

export const isOnThisComputer = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0

export function place(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-foreign-'))
  const children: ChildProcess[] = []
  return {
    folder,
    run(program, args, env) {
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: process.env.PATH ?? '', ...env } })
      children.push(child)
      child.on('error', () => {})
      return child
    },
    file(name, text) {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    },
    end() {
      for (const child of children) child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof at === 'object' && at ? at.port : 0
}

/** Until somebody accepts there; a program takes its time to start. */
async function listening(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (isThere) return
    if (tries > 200) throw new Error(`nobody listens at ${port}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const dante = (port: number) => `logoutput: stderr
internal: 127.0.0.1 port = ${port}
external: 127.0.0.1
socksmethod: none
clientmethod: none
user.unprivileged: nobody
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
`

async function obfs4Server({ run, folder }: Place, relayPort: number): Promise<ForeignProxy> {
  const child = run('obfs4proxy', [], {
    TOR_PT_MANAGED_TRANSPORT_VER: '1',
    TOR_PT_STATE_LOCATION: join(folder, 'obfs4'),
    TOR_PT_EXIT_ON_STDIN_CLOSE: '1',
    TOR_PT_SERVER_TRANSPORTS: 'obfs4',
    TOR_PT_SERVER_BINDADDR: 'obfs4-127.0.0.1:0',
    TOR_PT_ORPORT: `127.0.0.1:${relayPort}`,
  })
  if (!child.stdout) throw new Error('it has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port, cert, mode] = /^SMETHOD obfs4 127\.0\.0\.1:(\d+) ARGS:cert=([^,]+),iat-mode=(\d)/.exec(line) ?? []
    if (cert === undefined || mode === undefined) continue
    return { port: Number(port), entry: { kind: 'transport', transport: 'obfs4', args: { cert, 'iat-mode': mode } } }
  }
  throw new Error('obfs4proxy ended')
}

export const foreign: Readonly<Record<string, Foreign>> = {
  microsocks: {
    program: 'microsocks',
    debianPackage: 'microsocks',
    async start({ run }) {
      const port = await freePort()
      run('microsocks', ['-i', '127.0.0.1', '-p', String(port), '-u', 'ann', '-P', 'secret'])
      await listening(port)
      return { port, entry: { kind: 'socks5', username: 'ann', password: 'secret' } }
    },
  },
  'dante, in one flight': {
    program: 'danted',
    debianPackage: 'dante-server',
    async start({ run, file }) {
      const port = await freePort()
      run('danted', ['-f', file('danted.conf', dante(port)), '-p', file('danted.pid', '')])
      await listening(port)
      return { port, entry: { kind: 'socks5', pipelined: true } }
    },
  },
  tinyproxy: {
    program: 'tinyproxy',
    debianPackage: 'tinyproxy-bin',
    async start({ run, file }) {
      const port = await freePort()
      run('tinyproxy', ['-d', '-c', file('tinyproxy.conf', `Port ${port}\nListen 127.0.0.1\nTimeout 600\nBasicAuth ann secret\n`)])
      await listening(port)
      return { port, entry: { kind: 'http-connect', username: 'ann', password: 'secret' } }
    },
  },
  'ss-local and ss-server of Shadowsocks': {
    program: 'ss-server',
    debianPackage: 'shadowsocks-libev',
    async start({ run }) {
      const [far, port] = [await freePort(), await freePort()]
      const shared = ['-s', '127.0.0.1', '-p', String(far), '-k', 'secret', '-m', 'chacha20-ietf-poly1305']
      run('ss-server', shared)
      run('ss-local', [...shared, '-b', '127.0.0.1', '-l', String(port)])
      await Promise.all([far, port].map(listening))
      return { port, entry: { kind: 'socks5' } }
    },
  },
  'obfs4proxy at both ends': { program: 'obfs4proxy', debianPackage: 'obfs4proxy', start: obfs4Server },
}
