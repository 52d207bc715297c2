/** What a bridge has carried this month, over restarts: one number in its folder. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Spent } from './allowance.ts'

const Kept = v.strictObject({ month: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}$/)), bytes: v.pipe(v.number(), v.minValue(0)) })

/** What cannot be read counts as nothing carried: the limit is a courtesy to the person, not a promise to others. */
export async function readSpent(folder: string): Promise<Spent | null> {
  try {
    return v.parse(Kept, JSON.parse(await readFile(fileIn(folder), 'utf8')))
  } catch {
    return null
  }
}

export async function writeSpent(folder: string, spent: Spent): Promise<void> {
  await writeFile(`${fileIn(folder)}.new`, JSON.stringify(spent), { mode: 0o600 })
  await rename(`${fileIn(folder)}.new`, fileIn(folder))
}

const fileIn = (folder: string) => join(folder, 'spent.json')
