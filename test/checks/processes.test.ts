/** The scripts start servers and browsers: whatever way they end, nothing of it may stay behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { skipLoudly } from '../support/skip.ts'

const scripts = new URL('../../scripts/', import.meta.url)
const script = (name: string) => JSON.stringify(new URL(name, scripts).href)

let folder = ''
let started: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'processes-'))
  started = []
})

afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A program that starts a server which starts a worker: three generations, of which only the first knows the rules. */
function startFamily() {
  const worker = write('worker.mjs', "console.log('pid', process.pid); setInterval(() => {}, 1000)")
  const server = write(
    'server.mjs',
    `import { spawn } from 'node:child_process'
     process.on('SIGTERM', () => {}) // too busy to listen
     spawn(process.execPath, [${JSON.stringify(worker)}], { stdio: 'inherit' })
     console.log('pid', process.pid); setInterval(() => {}, 1000)`,
  )
  const program = write(
    'program.mjs',
    `import { endTogether, run } from ${script('run.mjs')}
     endTogether({ asked: 500, orphaned: 500 })
     console.log('pid', process.pid)
     process.exitCode = await run([process.execPath, ${JSON.stringify(server)}], { leashed: true })`,
  )
  // As npm does it: a shell in between that passes nothing on.
  const starter = write(
    'starter.mjs',
    `import { spawn } from 'node:child_process'
     spawn(process.execPath, [${JSON.stringify(program)}], { stdio: 'inherit' })
     setInterval(() => {}, 1000)`,
  )
  const child = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  return { starter: child, pids: readPids(child, 3) }
}

async function readPids(child: ChildProcess, count: number): Promise<number[]> {
  const pids: number[] = []
  if (!child.stdout) throw new Error('no output to read from')
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('pid ')) pids.push(Number(line.slice(4)))
    if (pids.length === count) break
  }
  return pids
}

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** A process that has ended but that nobody has asked about yet still has its number, and counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
const survivors = (pids: readonly number[]) => pids.filter(isAlive)

describe('a script that runs servers', () => {
  beforeEach(() => {
    if (process.platform === 'win32') skipLoudly('Windows has no signals to send')
  })

  test('ends with all of them once it has lost its parent', async () => {
    const { starter, pids } = startFamily()
    const family = await pids
    expect(survivors(family)).toEqual(family)
    starter.kill('SIGKILL')
    await expect.poll(() => survivors(family), { interval: 50 }).toEqual([])
  })

  test('ends with all of them when it is told to, even if one does not listen', async () => {
    const { pids } = startFamily()
    const family = await pids
    process.kill(family[0] ?? Number.NaN, 'SIGTERM')
    await expect.poll(() => survivors(family), { interval: 50 }).toEqual([])
  })
})

test('a lock whose holder died is taken over', async () => {
  const code = `import { withLock } from ${script('lock.mjs')}
    if (process.argv[2] === 'hold') await withLock(process.argv[3], async () => process.kill(process.pid, 'SIGKILL'))
    else console.log(await withLock(process.argv[3], async () => 'mine'))`
  const path = write('lock-user.mjs', code)
  const name = `test-${process.pid}`
  const hold = spawn(process.execPath, [path, 'hold', name])
  await new Promise((resolve) => hold.once('exit', resolve))
  const take = spawn(process.execPath, [path, 'take', name], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(take)
  if (!take.stdout) throw new Error('no output to read from')
  let said = ''
  for await (const text of take.stdout.setEncoding('utf8')) said += text
  expect(said).toBe('mine\n')
})
