/** What a file is, decided by its first bytes alone. Anything that is not one of four picture formats is just bytes, whatever its name says. */

export const OTHER_TYPE = 'application/octet-stream'
/** As many first bytes as `sniffType` looks at. */
export const SNIFF_BYTES = 16

const starts = (bytes: Uint8Array, at: number, magic: readonly number[]) => magic.every((byte, i) => bytes[at + i] === byte)
const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0))

export function sniffType(bytes: Uint8Array): string {
  // PNG 3rd edition, section 5.2.
  if (starts(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  // ISO/IEC 10918-1, annex B: start of image, then a marker.
  if (starts(bytes, 0, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  // GIF89a, section 17, and its predecessor.
  if (starts(bytes, 0, ascii('GIF87a')) || starts(bytes, 0, ascii('GIF89a'))) return 'image/gif'
  // RFC 9649, section 2.4.
  if (starts(bytes, 0, ascii('RIFF')) && starts(bytes, 8, ascii('WEBP'))) return 'image/webp'
  return OTHER_TYPE
}

export const isPicture = (type: string) => ['image/png', 'image/jpeg', 'image/gif', 'image/webp'].includes(type)
