/**
 * Networks of the kernel's own for one run: a client, the box on its way, an injector beside the box, and the world behind it. Named
 * after this process; what a run that was killed left behind is swept away by the next one. Linux as root only.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Program, startProgram } from '../support/app-program.ts'

const PREFIX = 'tlk-'
const mine = `${PREFIX}${process.pid}-`

/** What Debian packages that this room uses, and how to see that it is there. */
const needs = [
  { program: 'ip', debianPackage: 'iproute2' },
  { program: 'nft', debianPackage: 'nftables' },
  { program: 'iptables', debianPackage: 'iptables' },
  { program: 'dnsmasq', debianPackage: 'dnsmasq-base' },
  { program: 'microsocks', debianPackage: 'microsocks' },
  { program: 'tinyproxy', debianPackage: 'tinyproxy-bin' },
] as const

export interface Missing {
  readonly reason: string
  readonly debianPackage?: string
}

/** `null`: everything is there and allowed. */
export function whatIsMissing(): Missing | null {
  if (process.platform !== 'linux') return { reason: 'Only Linux has networks of the kernel for a test' }
  if (process.getuid?.() !== 0) return { reason: 'Only root may make networks of the kernel' }
  for (const { program, debianPackage } of needs) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
      return { reason: `The program ${program} is not installed`, debianPackage }
  }
  const name = `${mine}try`
  try {
    makeNamespace(name)
    inNamespace(name, ['nft', 'add', 'table', 'ip', 'try'])
    inNamespace(name, ['iptables', '-A', 'FORWARD', '-m', 'string', '--algo', 'bm', '--icase', '--string', 'try', '-j', 'DROP'])
    return null
  } catch (error) {
    return { reason: `The kernel does not let us: ${error instanceof Error ? error.message.split('\n')[1] : String(error)}` }
  } finally {
    spawnSync('ip', ['netns', 'delete', name])
  }
}

export const nameOf = (what: string): string => `${mine}${what}`

export function makeNamespace(name: string): void {
  run(['ip', 'netns', 'add', name])
  run(['ip', '-n', name, 'link', 'set', 'dev', 'lo', 'up'])
}

/** Runs a short program inside to its end; throws with what it said. */
export function inNamespace(name: string, command: readonly string[], input?: string): void {
  run(['ip', 'netns', 'exec', name, ...command], input)
}

/** `ip` commands, one a line. */
export function configure(name: string, lines: readonly string[]): void {
  run(['ip', '-n', name, '-batch', '-'], lines.join('\n'))
}

/** A long-running program inside; `resolvConf`: what it finds as /etc/resolv.conf, and nobody else does. */
export function startInside(name: string, command: readonly string[], resolvConf?: string): Program {
  const bind = ['sh', '-c', 'mount --bind "$0" "$(readlink -f /etc/resolv.conf)" && exec "$@"']
  return startProgram(['ip', 'netns', 'exec', name, ...(resolvConf === undefined ? [] : [...bind, resolvConf]), ...command], {})
}

/** Two namespaces joined by a cable; each end by its device name and address with prefix length. */
export function join(a: { ns: string; dev: string; address: string }, b: { ns: string; dev: string; address: string }): void {
  run(['ip', 'link', 'add', a.dev, 'netns', a.ns, 'type', 'veth', 'peer', 'name', b.dev, 'netns', b.ns])
  for (const { ns, dev, address } of [a, b]) {
    // Without it one "packet" on a veth holds many segments, which no wire has and every policer would drop.
    configure(ns, [`address add ${address} dev ${dev}`, `link set dev ${dev} gso_max_segs 1`, `link set dev ${dev} up`])
  }
}

/** Takes this run's namespaces away with everything in them, and those of runs whose process is gone. */
export function sweep(all: boolean): void {
  const names = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => line.match(/^tlk-(\d+)-\S+/) ?? [])
    .filter((word) => word.startsWith(PREFIX))
  for (const name of names) {
    const owner = name.split('-')[1]
    if (name.startsWith(mine) ? !all : existsSync(`/proc/${owner}`)) continue
    const inside = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)
    for (const pid of inside) spawnSync('kill', ['-KILL', pid])
    spawnSync('ip', ['netns', 'delete', name])
  }
}

function run([program = '', ...args]: readonly string[], input?: string): void {
  execFileSync(program, args, { input, stdio: ['pipe', 'ignore', 'pipe'], encoding: 'utf8' })
}
