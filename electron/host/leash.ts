/** A shell ends when whoever started it is gone: npm hands a TERM only to its own shell, so nobody tells us. */

const LOOK_EVERY_MS = 500

/** Calls `onGone` once: the parent ended, or closed the IPC channel it started us with. Keeps no process alive by itself. */
export function watchParent(onGone: () => void): () => void {
  const parent = process.ppid
  const gone = () => {
    stop()
    onGone()
  }
  const timer = setInterval(() => {
    if (process.ppid !== parent || !isAlive(parent)) gone()
  }, LOOK_EVERY_MS)
  timer.unref()
  process.once('disconnect', gone)
  const stop = () => {
    clearInterval(timer)
    process.off('disconnect', gone)
  }
  return stop
}

// On Windows the parent's id stays what it was after its end.
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
