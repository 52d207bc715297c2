// Notices that whoever started us is gone. npm passes a TERM only to its shell, and a kill not even that, so a script that
// keeps servers running has to look for itself.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const lookEveryMs = 250

/**
 * Calls `onGone` once, at most a quarter of a second after the parent ended, or, when npm runs us through a shell, npm itself.
 * Does not keep the process running.
 * @param {() => void} onGone
 */
export function leash(onGone) {
  const parent = process.ppid
  const watched = [parent, process.env.npm_lifecycle_event ? parentOf(parent) : undefined].filter((pid) => pid > 1)
  const timer = setInterval(() => {
    if (process.ppid === parent && watched.every(isAlive)) return
    clearInterval(timer)
    onGone()
  }, lookEveryMs)
  timer.unref()
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, as another user.
    return error.code === 'EPERM'
  }
}

/** The parent of another process, or undefined where that cannot be learned cheaply (Windows). */
function parentOf(pid) {
  try {
    // The name in brackets may hold spaces and brackets itself; after its last bracket come state and parent.
    if (process.platform === 'linux') return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
    if (process.platform === 'darwin') return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))
  } catch {
    // The parent ended in this very moment; process.ppid will tell.
  }
  return undefined
}
