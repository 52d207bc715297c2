import { toBase64Url } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'

/** 128 random bits: nobody guesses a file of somebody else's. */
export const newFileId = (random: Random) => toBase64Url(random.bytes(16))
