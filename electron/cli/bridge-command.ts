/** `bridge`: runs a bridge for others until asked to end, and prints the link that they add. It writes down nobody's address. */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { bridgeLink } from '../../shared/protocol/bridge-link.ts'
import { type Bundle, openBundle } from '../../shared/protocol/bundle.ts'
import { systemNetwork } from '../core/net/system-network.ts'
import { startBridge } from '../host/bridge/bridge.ts'
import { bridgeIdentity, NOBODY, pinOf } from '../host/bridge/identity.ts'
import { relayAddresses } from '../host/bridge/relay-addresses.ts'
import { UsageError } from '../host/usage-error.ts'
import { type ExitCode, print, printJson } from './answer.ts'
import { parseHostPort, parsePositive } from './options.ts'
import { clock, existingFile, untilAsked } from './parts.ts'

export interface BridgeFlags {
  readonly listen: string
  readonly bundle: string
  readonly advertise?: string
  readonly data?: string
  readonly name?: string
  readonly streams: string
  readonly kilobytes: string
  readonly gigabytes: string
  readonly json?: boolean
}

export async function bridgeCommand(flags: BridgeFlags): Promise<ExitCode> {
  const asked = untilAsked()
  const { host, port } = literal(flags.listen, '--listen')
  const shown = flags.advertise === undefined ? null : literal(flags.advertise, '--advertise')
  if (!shown && (host === '0.0.0.0' || host === '::'))
    throw new UsageError('--advertise ADDR:PORT is needed: the link must say where others find it.')
  if (flags.name !== undefined && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(flags.name))
    throw new UsageError(`--name: "${flags.name}" is no host name.`)
  const limits = {
    streams: parsePositive(flags.streams, '--streams'),
    bytesPerSecond: parsePositive(flags.kilobytes, '--kilobytes') * 1000,
    bytesPerDay: parsePositive(flags.gigabytes, '--gigabytes') * 1e9,
  }
  const relay = relayAddresses(await readBundle(flags.bundle))
  if (relay.length === 0) throw new UsageError('--bundle: it names no relay for the chat.')
  const folder = flags.data === undefined ? null : resolve(flags.data)
  const identity = await bridgeIdentity(folder, flags.name ?? NOBODY, clock.now()).catch((error: unknown) => {
    throw error instanceof RangeError ? new UsageError(`--data: ${error.message}.`) : error
  })
  const network = systemNetwork({ clock })
  try {
    const bridge = await startBridge({ host, port, identity, relay, limits, network, clock })
    const at = { address: shown?.host ?? host, port: shown?.port ?? bridge.port }
    const link = bridgeLink({ ...at, path: identity.path, pin: pinOf(identity.cert), host: flags.name ?? null })
    if (flags.json) printJson({ link })
    else print(`Give this link to those you trust, and to nobody else; they add it under Path: ${link}`)
    await asked
    await bridge.close()
    return 0
  } finally {
    network.close()
  }
}

function literal(text: string, option: string): { host: string; port: number } {
  const parsed = parseHostPort(text, option)
  if (isIP(parsed.host) === 0) throw new UsageError(`${option}: "${parsed.host}" is not an address.`)
  return parsed
}

async function readBundle(file: string): Promise<Bundle> {
  const text = await readFile(await existingFile(file, '--bundle'), 'utf8')
  const opened = openBundle(parseJson(text), { signers: null, version: 0, now: clock.now() })
  if (!opened.ok) throw new UsageError(`--bundle: it does not hold (${opened.reason}).`)
  return opened.bundle
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
