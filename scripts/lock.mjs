// One set-up at a time, also between processes: the second waits, then finds the work done.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from './paths.mjs'

const retryMs = 50
const longestMs = 10 * 60_000

/**
 * Runs `work` while holding the lock `name`. A lock whose holder has died, or that is older than ten minutes, is taken over.
 * @template T
 * @param {string} name
 * @param {() => T} work sync
 * @returns {T}
 */
export function withLock(name, work) {
  const release = acquire(name)
  try {
    return work()
  } finally {
    release()
  }
}

function acquire(name) {
  mkdirSync(cache, { recursive: true })
  const file = join(cache, `${name}.lock`)
  const release = () => rmSync(file, { force: true })
  while (!tryCreate(file)) {
    if (holderIsGone(file)) release()
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs)
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
