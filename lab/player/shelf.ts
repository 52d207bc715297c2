/**
 * The scenarios a person made or imported, kept as files of one folder: their own words, byte for byte. Nothing is ever deleted: what is
 * removed, replaced or cannot be read lies in a folder beside them.
 */
import { mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_OWN, MAX_SCENARIO_BYTES } from '../../shared/contract/workbench.ts'
import { readOwn } from './library.ts'
import type { Scenario } from './scenario.ts'
import { faultLines } from './scenario-file.ts'

export interface Kept {
  readonly text: string
  readonly scenario: Scenario
}

export interface Shelf {
  /** In the order they came. */
  readonly all: readonly Kept[]
  /** Files that could not be read when it was opened, and why. */
  readonly setAside: readonly { readonly file: string; readonly reason: string }[]
  readonly isFull: boolean
  find(id: string): Kept | null
  /** On disk when it resolves. What was there under this id lies beside it then. */
  keep(kept: Kept): Promise<void>
  /** It does not fit beside the others: it lies aside from now on, with the reason. */
  reject(id: string, reason: string): Promise<void>
  /** Resolves with what it was, which lies beside the others from then on; `null`: there is none. */
  remove(id: string): Promise<Kept | null>
}

const ASIDE = 'set-aside'
const ending = '.json'

/** `dir: null` keeps nothing beyond this process. `given`: those that come with the lab, beside which these must fit. */
export async function openShelf(dir: string | null, given: readonly Scenario[]): Promise<Shelf> {
  const setAside: { file: string; reason: string }[] = []
  let all: Kept[] = []

  const fileOf = (id: string) => join(dir ?? '', `${id}${ending}`)
  /** Under a name that nothing has there. */
  const putAside = async (file: string) => {
    if (dir === null) return
    const aside = join(dir, ASIDE)
    await mkdir(aside, { recursive: true, mode: 0o700 })
    const taken = new Set(await readdir(aside))
    let name = file
    for (let i = 2; taken.has(name); i++) name = `${file.slice(0, -ending.length)}.${i}${ending}`
    await rename(join(dir, file), join(aside, name))
  }
  const load = async (file: string): Promise<void> => {
    const path = join(dir ?? '', file)
    const { size } = await stat(path)
    const found = size > MAX_SCENARIO_BYTES ? null : readOwn(await readFile(path, 'utf8'), given)
    const isNamed = found?.ok && `${found.scenario.card.id}${ending}` === file
    if (found?.ok && isNamed) {
      all.push({ text: await readFile(path, 'utf8'), scenario: found.scenario })
      return
    }
    const reason = !found ? 'the file is too large.' : found.ok ? 'the name of the file is not its id.' : (faultLines(found)[0] ?? '')
    await putAside(file)
    setAside.push({ file, reason })
  }

  if (dir !== null) {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const there = await readdir(dir)
    // Whoever stopped between the two renames left the new one whole and none of the old name.
    for (const file of there.filter((each) => each.endsWith(`${ending}.new`))) {
      const name = file.slice(0, -'.new'.length)
      if (!there.includes(name)) await rename(join(dir, file), join(dir, name))
    }
    const files = (await readdir(dir)).filter((file) => file.endsWith(ending))
    const dated = await Promise.all(files.map(async (file) => ({ file, at: (await stat(join(dir, file))).mtimeMs })))
    for (const { file } of dated.sort((a, b) => a.at - b.at)) await load(file)
  }

  const take = async (id: string): Promise<Kept | null> => {
    const found = all.find(({ scenario }) => scenario.card.id === id)
    if (!found) return null
    if (dir !== null) await putAside(`${id}${ending}`)
    all = all.filter((each) => each !== found)
    return found
  }

  return {
    get all() {
      return all
    },
    setAside,
    get isFull() {
      return all.length >= MAX_OWN
    },
    find: (id) => all.find(({ scenario }) => scenario.card.id === id) ?? null,
    async keep(kept) {
      const { id } = kept.scenario.card
      const at = all.findIndex(({ scenario }) => scenario.card.id === id)
      if (dir !== null) {
        // Whole on the disk before the old one goes: whatever happens, one of the two can be read.
        const fresh = `${fileOf(id)}.new`
        const handle = await open(fresh, 'w', 0o600)
        try {
          await handle.writeFile(kept.text)
          await handle.sync()
        } finally {
          await handle.close()
        }
        if (at >= 0) await putAside(`${id}${ending}`)
        await rename(fresh, fileOf(id))
      }
      all = at >= 0 ? all.with(at, kept) : [...all, kept]
    },
    remove: take,
    async reject(id, reason) {
      if (await take(id)) setAside.push({ file: `${id}${ending}`, reason })
    },
  }
}
