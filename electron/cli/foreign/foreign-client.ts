/** Somebody else's client at a place of the lab: it comes in by a SOCKS5 port and a DNS port on loopback, and what it met is recorded. */
import { connect } from 'node:net'
import type { Clock } from '../../../shared/util/clock.ts'
import { labNetwork } from '../../core/net/lab-network.ts'
import type { HostPort } from '../options.ts'
import { openDnsDoor } from './dns-door.ts'
import type { Door } from './door.ts'
import { createLookups } from './lookups.ts'
import { openRecorder } from './record.ts'
import { openSocksDoor } from './socks-door.ts'

export interface ForeignOptions {
  /** The gateway. */
  readonly lab: HostPort
  /** Its name in the lab, and where it stands; `null`: where the lab has put it. */
  readonly client: string
  readonly vantage: string | null
  readonly socks: HostPort | null
  readonly dns: HostPort | null
  readonly record: string | null
  readonly clock: Clock
  onRecordFull(): void
}

export interface ForeignClient {
  /** `HOST:PORT` of those that were asked for. */
  readonly socks?: string
  readonly dns?: string
  close(): Promise<void>
}

/** Rejects when it cannot listen or write; nothing is left open then. */
export async function openForeignClient(options: ForeignOptions): Promise<ForeignClient> {
  const { lab, client, vantage, socks, dns, clock } = options
  const recorder = await openRecorder(options.record, options.onRecordFull)
  const network = labNetwork({
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = connect({ ...lab, noDelay: true })
        socket.once('connect', () => resolve(socket))
        socket.once('error', reject)
      }),
    client,
    vantage,
    clock,
  })
  const doors: Door[] = []
  const close = async () => {
    await Promise.all(doors.map((door) => door.close()))
    network.close()
    await recorder.close()
  }
  const open = async (at: HostPort, opening: Promise<Door>): Promise<string> => {
    const door = await opening
    doors.push(door)
    return at.host.includes(':') ? `[${at.host}]:${door.port}` : `${at.host}:${door.port}`
  }
  try {
    if (!network.facts().up) await new Promise<void>((resolve) => network.onChange(({ up }) => up && resolve()))
    const lookups = createLookups(network, clock, recorder)
    return {
      ...(socks && { socks: await open(socks, openSocksDoor(socks, { network, lookups, recorder, clock })) }),
      ...(dns && { dns: await open(dns, openDnsDoor(dns, network, lookups, clock)) }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
