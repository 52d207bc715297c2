/** Where a program lies that a shell would start. */
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** The first of `names` in a folder of PATH; `null` when none is there. Relative folders do not count. */
export function findProgram(names: readonly string[]): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute)
  const ending = process.platform === 'win32' ? '.exe' : ''
  const places = names.flatMap((name) => folders.map((folder) => join(folder, `${name}${ending}`)))
  return places.find(isProgram) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
