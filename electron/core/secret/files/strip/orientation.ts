/** Which way up a photo is: the one thing of Exif that is kept, for without it photos lie on their side (Exif 2.32, section 4.6.2; TIFF 6.0). */
import { viewOf } from './view.ts'

const ORIENTATION = 0x0112
const SHORT = 3

/** 1 to 8; `null` where the TIFF does not say, or is not one. */
export function orientationOf(tiff: Uint8Array): number | null {
  try {
    const view = viewOf(tiff)
    const order = view.getUint16(0)
    if (order !== 0x4949 && order !== 0x4d4d) return null
    const little = order === 0x4949
    if (view.getUint16(2, little) !== 42) return null
    const directory = view.getUint32(4, little)
    const entries = view.getUint16(directory, little)
    for (let i = 0; i < entries; i++) {
      const entry = directory + 2 + 12 * i
      if (view.getUint16(entry, little) !== ORIENTATION) continue
      const value = view.getUint16(entry + 8, little)
      return view.getUint16(entry + 2, little) === SHORT && value >= 1 && value <= 8 ? value : null
    }
    return null
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** A TIFF that says this and nothing else. */
export function exifWith(orientation: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(26))
  view.setUint16(0, 0x4d4d)
  view.setUint16(2, 42)
  view.setUint32(4, 8)
  view.setUint16(8, 1)
  view.setUint16(10, ORIENTATION)
  view.setUint16(12, SHORT)
  view.setUint32(14, 1)
  view.setUint16(18, orientation)
  return new Uint8Array(view.buffer)
}
