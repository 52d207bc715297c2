/** Reading what was typed: addresses, mappings, networks. Everything malformed is a `UsageError` that names the option. */
import { isIP } from 'node:net'
import { type Plane, planes } from '../../shared/contract/path.ts'
import type { CoreStart } from '../host/engine.ts'
import { UsageError } from '../host/usage-error.ts'

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `HOST:PORT`, with brackets around an IPv6 address. */
export function parseHostPort(text: string, option: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (!host || port > 65_535 || (match?.[1] && isIP(host) !== 6)) throw new UsageError(`${option}: "${text}" is not HOST:PORT.`)
  return { host, port }
}

/** `HOST:PORT` of this computer itself: a loopback literal. */
export function parseLoopback(text: string, option: string): HostPort {
  const parsed = parseHostPort(text, option)
  if (!/^127(\.\d+){3}$|^::1$/.test(parsed.host) || isIP(parsed.host) === 0)
    throw new UsageError(`${option}: "${parsed.host}" is not a loopback address, as 127.0.0.1 is.`)
  return parsed
}

/** `ADDR:PORT=HOST:PORT`: a virtual address of the lab and the real local server behind it. */
export function parseMap(text: string): { address: string; port: number; host: string; toPort: number } {
  const [from, to, ...rest] = text.split('=')
  if (from === undefined || to === undefined || rest.length > 0) throw new UsageError(`--map: "${text}" is not ADDR:PORT=HOST:PORT.`)
  const virtual = parseHostPort(from, '--map')
  const real = parseHostPort(to, '--map')
  if (isIP(virtual.host) === 0) throw new UsageError(`--map: "${virtual.host}" is not an address.`)
  return { address: virtual.host, port: virtual.port, host: real.host, toPort: real.port }
}

/** `NAME=ADDR,ADDR…`: how others find this relay. */
export function parseAdvertise(text: string): { name: string; addresses: string[] } {
  const [name = '', list = '', ...rest] = text.split('=')
  const addresses = list.split(',')
  if (rest.length > 0 || !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name)) throw new UsageError(`--advertise: "${text}" is not NAME=ADDR,ADDR…`)
  const wrong = addresses.find((address) => isIP(address) === 0)
  if (wrong !== undefined) throw new UsageError(`--advertise: "${wrong}" is not an address.`)
  return { name, addresses }
}

export interface NetworkFlags {
  readonly network: string
  readonly lab?: string
}

/** `system`, or `lab:VANTAGE` with `--lab HOST:PORT`. */
export function parseNetwork({ network, lab }: NetworkFlags, client: string): CoreStart['network'] {
  if (network === 'system') {
    if (lab !== undefined) throw new UsageError('--lab only goes with --network lab:VANTAGE.')
    return { kind: 'system' }
  }
  const vantage = /^lab:([a-z0-9-]{1,40})$/.exec(network)?.[1]
  if (vantage === undefined) throw new UsageError(`--network: "${network}" is neither system nor lab:VANTAGE.`)
  if (lab === undefined) throw new UsageError('--network lab:VANTAGE needs --lab HOST:PORT, as "lab serve" prints it.')
  const { host } = parseHostPort(lab, '--lab')
  // As the engine has it: the gateway of a lab listens nowhere else.
  if (host !== '127.0.0.1' && host !== '::1') throw new UsageError(`--lab: "${lab}" is not on this computer; a lab listens at 127.0.0.1.`)
  return { kind: 'lab', address: lab, client, vantage }
}

/** `chat,links`: some of the planes there are. */
export function parsePlanes(text: string): Plane[] {
  return text.split(',').map((word) => {
    const plane = planes.find((one) => one === word)
    if (!plane) throw new UsageError(`--planes: "${word}" is none of ${planes.join(', ')}.`)
    return plane
  })
}

/** A number above 0, and not above `most`. */
export function parsePositive(text: string, option: string, most = Number.POSITIVE_INFINITY): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0)) throw new UsageError(`${option}: "${text}" is not a number above 0.`)
  if (value > most) throw new UsageError(`${option}: "${text}" is more than ${most}.`)
  return value
}

/** A whole number from 0 to 2^32-1. */
export function parseSeed(text: string): number {
  const seed = Number(text)
  if (!/^\d+$/.test(text) || seed > 0xffff_ffff) throw new UsageError(`--seed: "${text}" is not a whole number from 0 to 4294967295.`)
  return seed
}
