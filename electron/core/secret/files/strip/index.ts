/**
 * Takes out of pictures what is not needed to show them: places, times, devices, names, earlier versions. The picture itself is
 * not encoded anew. Lists say what stays, so that what nobody has heard of goes too.
 */
import { stripGif } from './gif.ts'
import { stripJpeg } from './jpeg.ts'
import { stripPng } from './png.ts'
import { stripWebp } from './webp.ts'

const strippers: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array | null>> = {
  'image/jpeg': stripJpeg,
  'image/png': stripPng,
  'image/webp': stripWebp,
  'image/gif': stripGif,
}

/** `null`: not a whole picture of this type, so nothing can be promised of what is in it. */
export function stripMetadata(bytes: Uint8Array, type: string): Uint8Array | null {
  try {
    return strippers[type]?.(bytes) ?? null
  } catch (error) {
    // Reading beyond the end.
    if (error instanceof RangeError) return null
    throw error
  }
}
