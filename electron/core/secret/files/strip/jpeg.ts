/** JPEG (ISO/IEC 10918-1, annex B): its tables, frames and scans stay, of the application data only what changes how it looks. */
import { exifWith, orientationOf } from './orientation.ts'
import { take, text, viewOf } from './view.ts'

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const APP0 = 0xe0
const APP1 = 0xe1
const APP2 = 0xe2
const APP14 = 0xee
const EXIF = 'Exif\0\0'
const JFIF_BYTES = 14

/** Frames (SOF and its DHT, DAC), DQT, DNL, DRI, DHP, EXP, SOS. */
const isImage = (marker: number) => (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || (marker >= 0xda && marker <= 0xdf)

export function stripJpeg(bytes: Uint8Array): Uint8Array | null {
  const view = viewOf(bytes)
  if (view.getUint16(0) !== 0xff00 + SOI) return null
  let jfif: Uint8Array | null = null
  let orientation = 1
  const kept: Uint8Array[] = []
  let scans = 0
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null
    // Any number of fill bytes may stand before a marker (B.1.1.2).
    while (view.getUint8(at + 1) === 0xff) at += 1
    const marker = view.getUint8(at + 1)
    // What follows the end, such as a second picture, is not part of this one.
    if (marker === EOI) break
    if (marker === SOI || marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd7)) return null
    const length = view.getUint16(at + 2)
    if (length < 2) return null
    let end = at + 2 + length
    const body = take(bytes, at + 4, end)
    if (marker === SOS) {
      scans += 1
      end = endOfScan(bytes, end)
    }
    if (marker === APP0 && text(body, 0, 5) === 'JFIF\0') jfif ??= segment(APP0, withoutThumbnail(body))
    else if (marker === APP1 && text(body, 0, EXIF.length) === EXIF) orientation = orientationOf(body.subarray(EXIF.length)) ?? orientation
    else if (isImage(marker) || isLook(marker, body)) kept.push(take(bytes, at, end))
    at = end
  }
  if (scans === 0) return null
  const exif = orientation === 1 ? [] : [segment(APP1, Buffer.concat([Buffer.from(EXIF, 'latin1'), exifWith(orientation)]))]
  return Buffer.concat([Uint8Array.of(0xff, SOI), ...(jfif ? [jfif] : []), ...exif, Buffer.concat(kept), Uint8Array.of(0xff, EOI)])
}

/** A colour profile (ICC.1, annex B.4), and how the colours are stored (Adobe TN 5116). */
function isLook(marker: number, body: Uint8Array): boolean {
  return (marker === APP2 && text(body, 0, 12) === 'ICC_PROFILE\0') || (marker === APP14 && text(body, 0, 5) === 'Adobe')
}

/** JFIF 1.02, page 5: the last two bytes are the size of a small copy of the picture, which may be of an earlier version. */
function withoutThumbnail(body: Uint8Array): Uint8Array {
  const plain = take(body, 0, JFIF_BYTES).slice()
  plain.fill(0, JFIF_BYTES - 2)
  return plain
}

/** Coded data ends before the next marker that is neither a stuffed zero nor a restart (B.1.1.5). */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  throw new RangeError('no end')
}

function segment(marker: number, body: Uint8Array): Uint8Array {
  const head = Uint8Array.of(0xff, marker, (body.length + 2) >>> 8, (body.length + 2) & 255)
  return Buffer.concat([head, body])
}
