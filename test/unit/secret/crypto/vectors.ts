/** Public test vectors, where they are: beside the checkout, or in the folder that THROUGHLINE_VECTORS names. Hexadecimal throughout. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { skipLoudly } from '../../../support/skip.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = process.env.THROUGHLINE_VECTORS ?? join(root, '../shared/reference/vectors')

/** The file as `schema` reads it. Skips the current test, with the reason, where it is not there. */
export function vectors<const S extends v.GenericSchema>(file: string, schema: S): v.InferOutput<S> {
  const path = join(folder, file)
  if (!existsSync(path)) skipLoudly(`the public test vectors are not here (${file}): set THROUGHLINE_VECTORS to their folder`)
  return v.parse(schema, JSON.parse(readFileSync(path, 'utf8')))
}

/** A Wycheproof file: groups with what they share, and tests with what each says of itself. */
export const wycheproof = <const G extends v.ObjectEntries, const T extends v.ObjectEntries>(group: G, test: T) =>
  v.object({
    testGroups: v.array(
      v.object({
        ...group,
        tests: v.array(v.object({ tcId: v.number(), result: v.picklist(['valid', 'invalid', 'acceptable']), ...test })),
      }),
    ),
  })

export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
