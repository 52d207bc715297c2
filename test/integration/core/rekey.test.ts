/** kill -9 in the midst of setting, changing and removing a passphrase: the store always opens one way, whole, and no clear key stays behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createVault } from '../../../electron/core/store/vault.ts'
import { systemRandom } from '../../../electron/core/system-random.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import { seededRandom } from '../../../shared/util/random.ts'

const KILLS = 40
/** Until each of the three states was met, also where a machine is slow to get from one to the next. */
const MOST_KILLS = 200
const ROWS = 400
const program = join(import.meta.dirname, '../../../.cache/test-processes/rekey-child.js')
const draw = seededRandom(11)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'throughline-rekey-'))
  mkdirSync(join(program, '..'), { recursive: true })
  buildSync({
    entryPoints: [join(import.meta.dirname, 'rekey-child.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

const vault = () => createVault({ profileDir: folder, keychainKey: null, random: systemRandom, cost: { passes: 1, memory: 8192 } })

/** Lets the child work for a moment, kills it, and answers the passphrases that may hold now. */
async function interrupted(passphrase: string | null, longestMs: number): Promise<(string | null)[]> {
  const child = spawn(process.execPath, [program, folder, passphrase ?? ''], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const opened = new Promise<void>((resolve) =>
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('to ')) resolve()
    }),
  )
  const ended = once(child, 'exit')
  await Promise.race([opened, ended])
  const [byte = 0] = draw.bytes(1)
  await new Promise((resolve) => setTimeout(resolve, (byte / 255) * longestMs))
  child.kill('SIGKILL')
  await ended
  const lines = said.split('\n').slice(0, -1)
  return lines.slice(-2).map((line) => line.slice(line.indexOf(' ') + 1) || null)
}

it('opens after every kill with the passphrase before or the one after, with everything that was in it', { timeout: 180_000 }, async () => {
  const first = vault().open(null)
  first?.transaction(() => {
    for (let i = 0; i < ROWS; i++) first.values.set(`word ${i}`, `${i} `.repeat(1000))
  })
  first?.close()
  let passphrase: string | null = null
  const seen = new Set<string | null>()
  for (let kill = 0; kill < KILLS || (seen.size < 3 && kill < MOST_KILLS); kill++) {
    const may: (string | null)[] = await interrupted(passphrase, 64 + kill)
    const fitting = [...new Set(may)].filter((candidate) => {
      try {
        const store = vault().open(candidate)
        if (!store) return false
        for (let i = 0; i < ROWS; i += 50) expect(store.values.get(`word ${i}`)).toBe(`${i} `.repeat(1000))
        store.close()
        return true
      } catch (error) {
        if (error instanceof BackendError && error.code === 'store-locked') return false
        throw error
      }
    })
    const locked = vault().hasPassphrase()
    expect(existsSync(join(folder, 'store.key'))).toBe(!locked)
    // Without a lock any passphrase opens: none is asked for.
    passphrase = locked ? (fitting[0] ?? null) : null
    if (locked) expect(fitting).toHaveLength(1)
    seen.add(passphrase)
  }
  expect(seen.size).toBe(3)
})
