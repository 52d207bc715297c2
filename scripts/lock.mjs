// One set-up at a time, also between processes: the second waits, then finds the work done.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { cache } from './paths.mjs'

const retryMs = 50
const longestMs = 10 * 60_000

/**
 * Runs `work` while holding the lock `name`. A lock whose holder has died, or that is older than ten minutes, is taken over.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  const release = await acquire(name)
  try {
    return await work()
  } finally {
    release()
  }
}

async function acquire(name) {
  mkdirSync(cache, { recursive: true })
  const file = join(cache, `${name}.lock`)
  const release = () => rmSync(file, { force: true })
  while (!tryCreate(file)) {
    if (holderIsGone(file)) release()
    else await wait(retryMs)
  }
  return release
}

function tryCreate(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    // Windows says EPERM while the file of the previous holder is being deleted.
    if (error.code === 'EEXIST' || error.code === 'EPERM') return false
    throw error
  }
}

function holderIsGone(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    // Empty for the instant between creating and writing.
    if (!pid) return false
    process.kill(pid, 0)
    // Process ids are used again: no set-up lasts this long.
    return Date.now() - statSync(file).mtimeMs > longestMs
  } catch (error) {
    return error.code === 'ESRCH' || error.code === 'ENOENT'
  }
}
