/** One program that speaks pluggable transports, as a managed client (Tor's specification, version 1): started, listened to, ended by closing its input. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Clock } from '../../../../shared/util/clock.ts'
import { DialError } from '../errors.ts'
import { parseMessage } from './messages.ts'

export interface Managed {
  /** Where connections for the transport are taken, by SOCKS5 on the loopback. */
  readonly port: number
  readonly isRunning: boolean
  /** Closes its input, whereupon it ends; if it does not, it is killed. */
  close(): void
}

export interface ManagedOptions {
  readonly program: string
  readonly name: string
  /** An absolute path that it may keep files in. */
  readonly stateDir: string
  readonly upstream: string
  readonly clock: Clock
}

const READY_MS = 10_000
const GRACE_MS = 2_000

/** Resolves when it takes connections. Rejects with a `DialError` `failed`, its code the line that said no, `exited`, `not-startable` or `not-ready`. */
export function startManaged({ program, name, stateDir, upstream, clock }: ManagedOptions): Promise<Managed> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [], {
      // Nothing of our own environment but what a program needs to start.
      env: {
        PATH: process.env.PATH ?? '',
        ...(process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot }),
        TOR_PT_MANAGED_TRANSPORT_VER: '1',
        TOR_PT_STATE_LOCATION: stateDir,
        TOR_PT_EXIT_ON_STDIN_CLOSE: '1',
        TOR_PT_CLIENT_TRANSPORTS: name,
        TOR_PT_PROXY: upstream,
      },
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    let isRunning = true
    const close = () => {
      if (!isRunning) return
      child.stdin.end()
      const grace = clock.after(GRACE_MS, () => child.kill('SIGKILL'))
      child.once('exit', () => grace.cancel())
    }
    const fail = (code: string) => {
      late.cancel()
      close()
      reject(new DialError('failed', `transport-${code}`))
    }
    const late = clock.after(READY_MS, () => fail('not-ready'))
    child.stdin.on('error', () => {})
    child.on('error', () => {
      isRunning = false
      fail('not-startable')
    })
    child.on('exit', () => {
      isRunning = false
      fail('exited')
    })
    let isProxied = false
    let port = 0
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = parseMessage(line)
      if (message.t === 'error') fail(message.code)
      if (message.t === 'proxy-done') isProxied = true
      if (message.t === 'method' && message.name === name) port = message.port
      if (message.t !== 'methods-done') return
      // Without its word for it, it might go past the network we gave it.
      if (!isProxied) return fail('not-proxied')
      if (port === 0) return fail('not-offered')
      late.cancel()
      resolve({
        port,
        get isRunning() {
          return isRunning
        },
        close,
      })
    })
  })
}
