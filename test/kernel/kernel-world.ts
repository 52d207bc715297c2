/** The lab's world once more in namespaces of the kernel: one world behind, and before it any number of vantages with a box each. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import * as v from 'valibot'
import type { Authority } from '../../lab/services/authority.ts'
import { builtInWorld } from '../../lab/world.ts'
import { type Bundle, openBundle } from '../../shared/protocol/bundle.ts'
import type { Offer } from '../../shared/protocol/processes.ts'
import type { Program } from '../support/app-program.ts'
import { bundleEntry } from '../support/relay-process.ts'
import type { Sight } from './look.ts'
import { configure, inNamespace, join, makeNamespace, nameOf, startInside, sweep } from './namespaces.ts'
import type { Setting } from './world-child.ts'

export const FALSE_PAGE = '240.77.252.152'
export const CHAT = 'chat.throughline.test'
export const BULK = { address: '240.149.167.99', port: 8080, bytes: 524_288 }
export const SOCKS = { address: '240.94.10.5', port: 1080 }
export const CONNECT = { address: '240.95.20.8', port: 3128 }
const AUTHORITY = '240.250.0.53'
/** The client's own provider would run one of these: dnsmasq, each with other orders. */
const resolvers = {
  honest: { address: '240.31.1.53', orders: [] },
  lying: { address: '240.31.2.53', orders: [`--address=/${CHAT}/${FALSE_PAGE}`] },
  denying: { address: '240.31.3.53', orders: [`--address=/${CHAT}/`] },
} as const

export interface Box {
  readonly resolver?: keyof typeof resolvers
  /** Statements of nftables for forwarded packets. */
  readonly nft?: readonly string[]
  /** Arguments of iptables after `-A FORWARD`. */
  readonly iptables?: readonly string[]
  /** Copies of questions go to somebody beside the way, who answers for `CHAT` with this. */
  readonly inject?: string
}

export interface Vantage {
  /** What the client sees from here. */
  look(): Promise<Sight>
  /** Runs a program here to its end. */
  run(command: readonly string[]): Promise<{ code: number | null; said: string }>
}

export interface KernelWorld {
  readonly bundle: Bundle
  readonly bundlePath: string
  /** A place of its own behind this box. */
  stand(box: Box): Promise<Vantage>
  close(): void
}

export async function kernelWorld(authority: Authority): Promise<KernelWorld> {
  const folder = mkdtempSync(joinPath(tmpdir(), 'throughline-kernel-'))
  const programs: Program[] = []
  const close = () => {
    for (const program of programs) program.signal('SIGKILL')
    sweep(true)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    return await open(authority, folder, programs, close)
  } catch (error) {
    close()
    throw error
  }
}

async function open(authority: Authority, folder: string, programs: Program[], close: () => void): Promise<KernelWorld> {
  const [worldChild, clientChild, injectorChild] = await Promise.all(
    ['world', 'client', 'injector'].map((name) => bundleEntry(`test/kernel/${name}-child.ts`)),
  )
  if (!worldChild || !clientChild || !injectorChild) throw new Error('nothing was built')
  const world = nameOf('world')
  makeNamespace(world)
  const start = (ns: string, command: readonly string[], resolvConf?: string) => {
    const program = startInside(ns, command, resolvConf)
    programs.push(program)
    program.ended.catch(() => {})
    return program
  }
  const setting = await settingFor(authority, joinPath(folder, 'relay'))
  const addresses = new Set([
    ...setting.offer.endpoints.flatMap((endpoint) => endpoint.addresses),
    ...setting.sites.map((site) => site.address),
    ...Object.values(resolvers).map((resolver) => resolver.address),
    ...[AUTHORITY, FALSE_PAGE, BULK.address, SOCKS.address, CONNECT.address],
  ])
  configure(
    world,
    [...addresses].map((address) => `address add ${address}/32 dev lo`),
  )
  // Whoever answers a false name here speaks plain HTTP and is silent otherwise, as the lab's does.
  inNamespace(world, ['iptables', '-A', 'INPUT', '-d', FALSE_PAGE, '-p', 'tcp', '!', '--dport', '80', '-j', 'DROP'])
  const file = (name: string, text: string) => {
    const path = joinPath(folder, name)
    writeFileSync(path, text)
    return path
  }
  const ready = [start(world, [process.execPath, worldChild, file('setting.json', JSON.stringify(setting))]).says(/ready/)]
  for (const { address, orders } of Object.values(resolvers)) ready.push(start(world, dnsmasq(address, orders)).says(/started/))
  await Promise.all(ready)
  const bundlePath = joinPath(folder, 'relay', 'bundle.json')
  const opened = openBundle(JSON.parse(readFileSync(bundlePath, 'utf8')), { signers: null, version: 0, now: Date.now() })
  if (!opened.ok) throw new Error(`the relay signed a bad bundle: ${opened.reason}`)
  const plainBundle = file('plain-bundle.json', JSON.stringify(opened.bundle))
  const proxyOrders = ['User root', `Listen ${CONNECT.address}`, `Port ${CONNECT.port}`, 'ConnectPort 443', 'LogLevel Info', '']
  start(world, ['microsocks', '-i', SOCKS.address, '-p', String(SOCKS.port)])
  start(world, ['tinyproxy', '-d', '-c', file('tinyproxy.conf', proxyOrders.join('\n'))])

  let vantages = 0
  const stand = async (box: Box): Promise<Vantage> => {
    const n = ++vantages
    const [client, middle] = [nameOf(`client${n}`), nameOf(`box${n}`)]
    const resolver = resolvers[box.resolver ?? 'honest'].address
    for (const ns of [client, middle]) makeNamespace(ns)
    const home = `240.31.${100 + n}`
    join({ ns: client, dev: 'toBox', address: `${home}.2/24` }, { ns: middle, dev: 'toClient', address: `${home}.1/24` })
    join({ ns: middle, dev: 'toWorld', address: `10.9.${n}.1/30` }, { ns: world, dev: `toBox${n}`, address: `10.9.${n}.2/30` })
    configure(client, [`route add default via ${home}.1`])
    configure(middle, [`route add default via 10.9.${n}.2`])
    configure(world, [`route add ${home}.0/24 via 10.9.${n}.1`])
    // The kernel's own thrift with ICMP would hide some of what the box is told to say.
    inNamespace(middle, ['sh', '-c', 'cd /proc/sys/net/ipv4 && echo 1 >ip_forward && echo 0 >icmp_ratelimit'])
    if (box.inject !== undefined) {
      const beside = nameOf(`beside${n}`)
      makeNamespace(beside)
      join({ ns: middle, dev: 'toBeside', address: `10.10.${n}.1/30` }, { ns: beside, dev: 'toBox', address: `10.10.${n}.2/30` })
      configure(beside, [`address add ${resolver}/32 dev lo`, `route add default via 10.10.${n}.1`])
      const copy = `ip daddr ${resolver} udp dport 53 dup to 10.10.${n}.2 device "toBeside"`
      inNamespace(
        middle,
        ['nft', '-f', '-'],
        `table ip copy {\n chain questions {\n type filter hook prerouting priority 0;\n ${copy}\n }\n}\n`,
      )
      await start(beside, [process.execPath, injectorChild, resolver, CHAT, box.inject]).says(/ready/)
    }
    if (box.nft) inNamespace(middle, ['nft', '-f', '-'], ruleset(box.nft))
    if (box.iptables) inNamespace(middle, ['iptables', '-A', 'FORWARD', ...box.iptables])
    const resolvConf = file(`resolv-${n}.conf`, `nameserver ${resolver}\n`)
    const run = async (command: readonly string[]) => {
      const program = start(client, command, resolvConf)
      return { code: await program.ended, said: program.said() }
    }
    return {
      run,
      async look() {
        const { said } = await run([process.execPath, clientChild, plainBundle, BULK.address, String(BULK.port)])
        const line = said.split('\n').find((each) => each.startsWith('{'))
        if (line === undefined) throw new Error(`the client saw nothing:\n${said}`)
        return v.parse(SightSchema, JSON.parse(line))
      },
    }
  }
  return { bundle: opened.bundle, bundlePath, stand, close }
}

const SightSchema = v.object({
  kinds: v.array(v.string()),
  verdicts: v.record(v.string(), v.string()),
  kbps: v.number(),
})

/** The lab's offer without its bridges: here they are Debian's programs, at the same places. */
export function offerOf(authority: Authority): Offer {
  const world = builtInWorld()
  return {
    ...world.offer,
    proxies: [
      { id: 'microsocks', kind: 'socks5', ...SOCKS },
      { id: 'tinyproxy', kind: 'http-connect', ...CONNECT },
    ],
    bogons: world.bogons,
    roots: [authority.root],
  }
}

async function settingFor(authority: Authority, dataDir: string): Promise<Setting> {
  const offer = offerOf(authority)
  const sites = await Promise.all(
    [...offer.controls, ...offer.doh].map(async ({ address, host }) => ({ address, certificate: await authority.issue([host]) })),
  )
  return {
    dataDir,
    offer,
    sites,
    certificate: await authority.issue([...new Set(offer.endpoints.map((endpoint) => endpoint.host))]),
    names: Object.fromEntries([
      ...offer.endpoints.map(({ host, addresses }) => [host, addresses] as const),
      ...[...offer.controls, ...offer.doh].map(({ host, address }) => [host, [address]] as const),
    ]),
    authority: AUTHORITY,
    falsePage: FALSE_PAGE,
    bulk: BULK,
  }
}

function dnsmasq(address: string, orders: readonly string[]): string[] {
  const quiet = [
    '--keep-in-foreground',
    '--user=root',
    '--pid-file=',
    '--conf-file=/dev/null',
    '--log-facility=-',
    '--no-hosts',
    '--no-resolv',
  ]
  return ['dnsmasq', ...quiet, '--bind-interfaces', `--listen-address=${address}`, '--cache-size=0', `--server=${AUTHORITY}`, ...orders]
}

function ruleset(statements: readonly string[]): string {
  const flows = 'set flows {\n type ipv4_addr . inet_service . ipv4_addr . inet_service;\n flags dynamic;\n timeout 60s;\n }'
  return `table ip censor {\n ${flows}\n chain way {\n type filter hook forward priority 0;\n ${statements.join('\n ')}\n }\n}\n`
}
