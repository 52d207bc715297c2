/** Small files that must be whole or absent, readable by their owner alone. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Replaces `path` in one step; the old content stands until the new one is on the disk. */
export function writeFileDurably(path: string, text: string): void {
  const unfinished = `${path}.new`
  writeThrough(unfinished, 'w', text)
  renameSync(unfinished, path)
  syncFolder(path)
}

/** Overwrites in place, then removes; durable when it returns. A solid-state disk may keep the old bytes all the same. */
export function eraseFile(path: string): void {
  if (!existsSync(path)) return
  writeThrough(path, 'r+', '0'.repeat(statSync(path).size))
  rmSync(path)
  syncFolder(path)
}

function writeThrough(path: string, how: 'w' | 'r+', text: string): void {
  const file = openSync(path, how, 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Makes what was created, renamed or removed beside `path` last. */
export function syncFolder(path: string): void {
  // Windows has no handle for a folder; there a rename is durable by itself.
  if (process.platform === 'win32') return
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
