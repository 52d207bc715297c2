// Where things are, whatever the working directory.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const dist = join(root, 'dist')
/** What scripts remember between runs; never in version control, safe to delete. */
export const cache = join(root, '.cache')
