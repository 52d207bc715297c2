/** `relay`: runs a relay until asked to end. `disclose`: what a legal request for one account would get. */
import { mkdir, readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import ipaddr from 'ipaddr.js'
import * as v from 'valibot'
import { BackendError } from '../../shared/contract/errors.ts'
import { planes } from '../../shared/contract/path.ts'
import { connect } from '../../shared/contract/port.ts'
import { type Offer, relayControl } from '../../shared/protocol/processes.ts'
import { endChild } from '../host/child.ts'
import { UsageError } from '../host/usage-error.ts'
import { complain, type ExitCode, print, printJson } from './answer.ts'
import { Disclosed, disclosureText } from './disclosure-text.ts'
import { parseAdvertise, parseHostPort } from './options.ts'
import { existingFile, spawn, untilAsked } from './parts.ts'

export interface RelayFlags {
  readonly data: string
  readonly listen: string
  readonly advertise?: readonly string[]
  readonly cert?: string
  readonly key?: string
  readonly json?: boolean
}

export async function relayCommand(flags: RelayFlags): Promise<ExitCode> {
  const asked = untilAsked()
  const { host, port } = parseHostPort(flags.listen, '--listen')
  if (isIP(host) === 0) throw new UsageError(`--listen: "${host}" is not an address.`)
  const offer = offerOf(host, port, flags.advertise ?? [])
  const certificate = await readCertificate(flags)
  const dataDir = resolve(flags.data)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })

  const child = spawn('relay')
  const relay = connect(relayControl, child.port)
  try {
    const { url, bundlePath } = await relay.call('relay.start', { dataDir, host, port, certificate, offer })
    if (flags.json) printJson({ ready: true, url, bundle: bundlePath })
    else print(`Ready as ${shownAs(url, offer)}. Give this file to those who use the relay: ${bundlePath}`)
    const ended = await Promise.race([asked, child.ended.then(() => 'unexpectedly')])
    if (ended === 'unexpectedly') {
      complain('The relay ended unexpectedly.')
      return 1
    }
    await relay.call('relay.stop', {}).catch(() => {})
    return 0
  } finally {
    await endChild(child)
  }
}

export async function discloseCommand(flags: { readonly data: string; readonly user: string; readonly json?: boolean }): Promise<ExitCode> {
  const dataDir = resolve(flags.data)
  // A relay makes what is missing; asking must not.
  if (!(await stat(join(dataDir, 'keys.json')).catch(() => null))) throw new UsageError(`--data: "${flags.data}" holds no relay's data.`)
  const child = spawn('relay')
  try {
    const disclosed = await connect(relayControl, child.port).call('relay.disclose', { handle: flags.user, dataDir })
    if (flags.json) printJson(disclosed)
    else print(disclosureText(v.parse(Disclosed, disclosed)))
    return 0
  } catch (error) {
    if (error instanceof BackendError && error.code === 'no-such-contact')
      throw new UsageError(`--user: nobody is called "${flags.user}" there.`)
    throw error
  } finally {
    await endChild(child)
  }
}

/** The names and addresses that others use; without any the relay's own. */
function shownAs(url: string, { endpoints }: Offer): string {
  const names = endpoints.map(({ host, addresses, port }) => `${host} (${addresses.join(', ')}, port ${port})`)
  return [...new Set(names)].join(' and ') || url
}

async function readCertificate({ cert, key }: RelayFlags) {
  if (cert === undefined && key === undefined) return null
  if (cert === undefined || key === undefined) throw new UsageError('--cert and --key go together.')
  return {
    cert: await readFile(await existingFile(cert, '--cert'), 'utf8'),
    key: await readFile(await existingFile(key, '--key'), 'utf8'),
  }
}

/** No honest public answer lies here (RFC 6890), unless the relay itself does. */
const specialPurpose = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
]

/** Every plane under each name that was given. Without a name the relay offers the address it listens on. */
export function offerOf(host: string, port: number, advertise: readonly string[]): Offer {
  if (advertise.length > 0 && port === 0) throw new UsageError('--listen: with --advertise name a port; the bundle tells it to others.')
  if (advertise.length === 0 && (host === '0.0.0.0' || host === '::'))
    throw new UsageError('--advertise NAME=ADDR is needed when listening on every address: others must learn which one to use.')
  const entries = advertise.map(parseAdvertise)
  const endpoints = entries.flatMap(({ name, addresses }, i) =>
    planes.map((plane) => ({ id: `${plane}-${i + 1}`, plane, host: name, port, addresses, provider: name })),
  )
  const addresses = [host, ...entries.flatMap((entry) => entry.addresses)].map((address) => ipaddr.parse(address))
  const bogons = specialPurpose.filter((range) => {
    const [network, bits] = ipaddr.parseCIDR(range)
    return !addresses.some((address) => address.kind() === network.kind() && address.match(network, bits))
  })
  return { endpoints, proxies: [], doh: [], controls: [], bogons, roots: [] }
}
