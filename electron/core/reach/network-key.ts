/** By what a network is known in the store: a salted hash that never leaves this computer. Nothing in it tells where the user was. */
import { createHmac } from 'node:crypto'
import * as v from 'valibot'
import { fromBase64Url, toBase64Url } from '../../../shared/util/bytes.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { ValueStore } from '../store/values.ts'

const SALT_BYTES = 16

export const newSalt = (random: Random): string => toBase64Url(random.bytes(SALT_BYTES))

/** Throws for a salt that is not base64url. `network`: the id that the Network gives. */
export const networkKey = (salt: string, network: string): string =>
  createHmac('sha256', fromBase64Url(salt)).update(network).digest('base64url')

/** What was kept under `key`, with its salt; `null` where nothing was, or nothing that can be read. */
export function loadSalted<T extends { readonly salt: string }>(values: ValueStore, key: string, schema: v.GenericSchema<T>): T | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(values.get(key) ?? 'null'))
    if (!parsed.success) return null
    fromBase64Url(parsed.output.salt)
    return parsed.output
  } catch {
    return null
  }
}
