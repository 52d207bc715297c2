/** By what a network is known in the store: a salted hash that never leaves this computer. Nothing in it tells where the user was. */
import { createHmac } from 'node:crypto'
import { fromBase64Url, toBase64Url } from '../../../shared/util/bytes.ts'
import type { Random } from '../../../shared/util/random.ts'

const SALT_BYTES = 16

export const newSalt = (random: Random): string => toBase64Url(random.bytes(SALT_BYTES))

/** Throws for a salt that is not base64url. `network`: the id that the Network gives. */
export const networkKey = (salt: string, network: string): string =>
  createHmac('sha256', fromBase64Url(salt)).update(network).digest('base64url')
