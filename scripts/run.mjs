// Runs other programs so that none outlives us: each gets a process group of its own, and the groups end when we do.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { leash } from './leash.mjs'
import { root } from './paths.mjs'

const hasGroups = process.platform !== 'win32'
/** Programs that are running now. */
const running = new Set()
let ending = false

/**
 * Runs a program with our standard streams.
 * @param {readonly string[]} command
 * @param {{ env?: Record<string, string | undefined>, stdin?: 'ignore' | 'inherit', output?: 'inherit' | 'stderr', leashed?: boolean }} [options]
 *   `output: 'stderr'` keeps our standard output clean; `leashed`: with an IPC channel whose close tells the program that we are gone
 * @returns {Promise<number>} its exit code; 128 and more for a signal, as shells do
 */
export function run(command, { env = {}, stdin = 'ignore', output = 'inherit', leashed = false } = {}) {
  const stdio = [stdin, output === 'stderr' ? 2 : 'inherit', 'inherit', ...(leashed ? ['ipc'] : [])]
  return untilExit(start(command, { env: { ...process.env, ...env }, stdio }))
}

/**
 * Runs a program and keeps what it says.
 * @param {readonly string[]} command
 * @returns {Promise<{ code: number, output: string }>} standard output and error as they came
 */
export async function capture(command) {
  const child = start(command, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const collect = (text) => {
    output += text
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', collect)
  const [code] = await Promise.all([untilExit(child), once(child, 'close')])
  return { code, output: output.trimEnd() }
}

/**
 * From now on Ctrl+C, a TERM or the end of our parent ends what is running, by force after a grace time, and then us.
 * @param {{ asked: number, orphaned: number }} graceMs when a person asked, and when nobody is left to wait
 */
export function endTogether(graceMs) {
  const end = (signal, grace) => {
    if (ending) return
    ending = true
    process.exitCode = 128 + constants.signals[signal]
    for (const child of running) signalGroup(child, signal)
    setTimeout(() => {
      for (const child of running) signalGroup(child, 'SIGKILL')
      process.exit()
    }, grace).unref()
    if (running.size === 0) process.exit()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal, graceMs.asked))
  leash(() => end('SIGTERM', graceMs.orphaned))
}

function start([program, ...args], options) {
  const child = spawn(program, args, { cwd: root, detached: hasGroups, ...options })
  running.add(child)
  return child
}

async function untilExit(child) {
  try {
    const [code, signal] = await once(child, 'exit')
    return code ?? 128 + (constants.signals[signal] ?? 0)
  } finally {
    running.delete(child)
    // What it started and did not wait for.
    signalGroup(child, 'SIGKILL')
    // Nobody is to go on with the next step.
    if (ending && running.size === 0) process.exit()
  }
}

function signalGroup(child, signal) {
  if (child.pid === undefined) return
  try {
    if (hasGroups) process.kill(-child.pid, signal)
    else if (signal === 'SIGKILL') spawnSync('taskkill', ['/T', '/F', '/PID', String(child.pid)], { stdio: 'ignore' })
    // Windows has no TERM that can be heard; the close of the channel is one.
    else if (child.connected) child.disconnect()
  } catch (error) {
    // ESRCH: it has ended already. EPERM: macOS says so of a group whose processes have all ended.
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error
  }
}
