/**
 * A network with nothing in it but this computer, of which programs can be part: no resolver, no way out, and whatever
 * addresses are wanted. It ends with the process that made it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { skipLoudly } from './skip.ts'

const enter = ['--net', '--mount', '--user', '--preserve-credentials', '--wd']
const make = ['--net', '--mount', '--user', '--map-root-user']

export interface LoneNetwork {
  /** The command that runs `command` inside. */
  inside(command: readonly string[]): string[]
  /** An executable that runs `program` inside, for those who take no more than a path. */
  wrap(program: string, path: string): Promise<string>
  end(): Promise<void>
}

/** Skips the test, with the reason, where the system does not let us. */
export async function loneNetwork(addresses: readonly string[]): Promise<LoneNetwork> {
  if (process.platform !== 'linux') skipLoudly('Only Linux has networks for a few processes')
  if (spawnSync('ip', ['-V']).status !== 0) skipLoudly('The program ip is not installed', 'iproute2')
  const refused = spawnSync('unshare', [...make, 'sh', '-c', 'ip link set lo up'], { encoding: 'utf8' })
  if (refused.status !== 0) skipLoudly(`A network for a few processes is not allowed here: ${(refused.stderr ?? 'no unshare').trim()}`)
  const setUp = [
    'set -e',
    'ip link set lo up',
    ...addresses.map((address) => `ip address add ${address}/32 dev lo`),
    'mount --bind /dev/null "$(readlink -f /etc/resolv.conf)"',
    'echo ready',
    // Until our end of the pipe closes.
    'exec cat',
  ]
  const holder = spawn('unshare', [...make, 'sh', '-c', setUp.join('\n')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [first] = await once(holder.stdout, 'data')
  if (String(first) !== 'ready\n') throw new Error(`the network could not be set up: ${first}`)
  const inside = (command: readonly string[]) => ['nsenter', '--target', String(holder.pid), ...enter, '--', ...command]
  return {
    inside,
    async wrap(program, path) {
      const quoted = inside([program]).map((word) => `'${word.replaceAll("'", "'\\''")}'`)
      await writeFile(path, `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`)
      await chmod(path, 0o755)
      return path
    },
    async end() {
      holder.stdin.end()
      await once(holder, 'exit')
    },
  }
}
