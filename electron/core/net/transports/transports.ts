/**
 * Pluggable transports: programs of the user's own (Debian's obfs4proxy, Tor's lyrebird) that make a connection look like something else.
 * Defends against: whatever the transport is made for; obfs4 against boxes that know protocols and servers that probe.
 * Does not: pass an allow-list of protocols, for obfs4 looks like nothing at all; nor hide the bridge's address.
 * Cost: a program of 10 MB, two to four round trips; obfs4 pads its handshake by up to 8 kB.
 * Source: Tor's pluggable transport specification, version 1 (managed clients).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Dialer } from '../dialer.ts'
import { socks5 } from '../dialers/socks5.ts'
import { classify, DialError } from '../errors.ts'
import type { Network, SocketAddress } from '../network.ts'
import { findProgram } from './find-program.ts'
import { type Managed, startManaged } from './managed.ts'
import { connectionArguments } from './messages.ts'
import { openUpstream, type Upstream } from './upstream.ts'

/** What a bundle may name, and which programs on this computer speak it: a bundle never names a program. */
const programs: Readonly<Record<string, readonly string[]>> = {
  obfs4: ['obfs4proxy', 'lyrebird'],
  meek_lite: ['obfs4proxy', 'lyrebird'],
  webtunnel: ['webtunnel-client', 'lyrebird'],
  snowflake: ['snowflake-client'],
}

export interface TransportHop extends SocketAddress {
  readonly transport?: string | undefined
  readonly args?: Readonly<Record<string, string>> | undefined
}

export interface Transports {
  /** Whether a program for it is on this computer. */
  isThere(name: string): boolean
  /** Leads to wherever the transport's server leads. Starts the program at the first use, and again when it ended. */
  by(hop: TransportHop): Dialer
  /** Ends all programs. */
  close(): void
}

export interface TransportsDeps {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly find?: typeof findProgram
}

export function createTransports({ network, clock, random, find = findProgram }: TransportsDeps): Transports {
  const running = new Map<string, Promise<Managed>>()
  const found = new Map<string, string | null>()
  let upstream: Promise<Upstream> | null = null
  let stateDir: string | null = null
  let isClosed = false

  const programFor = (name: string): string | null => {
    const known = found.get(name)
    if (known !== undefined) return known
    const program = find(Object.hasOwn(programs, name) ? (programs[name] ?? []) : [])
    found.set(name, program)
    return program
  }
  const start = async (name: string): Promise<Managed> => {
    const program = programFor(name)
    if (program === null || isClosed) throw new DialError('failed', 'no-transport')
    upstream ??= openUpstream(network, random)
    stateDir ??= mkdtempSync(join(tmpdir(), 'throughline-transport-'))
    const managed = await startManaged({ program, name, stateDir: join(stateDir, name), upstream: (await upstream).url, clock })
    if (!isClosed) return managed
    managed.close()
    throw new DialError('failed', 'no-transport')
  }
  const ensure = async (name: string): Promise<Managed> => {
    const before = running.get(name)
    if (before && (await before.catch(() => null))?.isRunning) return before
    if (running.get(name) === before) running.set(name, start(name))
    return running.get(name) ?? start(name)
  }
  return {
    isThere: (name) => programFor(name) !== null,
    by: (hop) => async (_to, signal) => {
      const name = hop.transport ?? ''
      const credentials = connectionArguments(hop.args ?? {}) ?? {}
      const { port } = await abortable(ensure(name), signal)
      return socks5({ address: '127.0.0.1', port, ...credentials }, loopback, clock)(hop, signal)
    },
    close() {
      isClosed = true
      for (const managed of running.values()) managed.then((each) => each.close()).catch(() => {})
      running.clear()
      upstream?.then((each) => each.close()).catch(() => {})
      if (stateDir !== null) rmSync(stateDir, { recursive: true, force: true })
    },
  }
}

/** This very computer, whichever Network is in use. */
const loopback: Dialer = ({ port }, signal) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, signal })
    socket.once('connect', () => resolve(socket))
    // Stays on: `close` tells everybody else.
    socket.on('error', (error) => reject(signal.aborted ? signal.reason : classify(error)))
  })

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
