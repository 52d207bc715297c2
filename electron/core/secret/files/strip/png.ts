/** PNG (third edition): the chunks that make the picture, its colours and its animation stay. */
import { take, text, viewOf } from './view.ts'

const SIGNATURE_BYTES = 8
const CRITICAL = ['IHDR', 'PLTE', 'IDAT', 'IEND']
const KEPT = new Set([...CRITICAL, 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'cICP', 'pHYs', 'acTL', 'fcTL', 'fdAT'])
/** Section 5.4: a capital first letter means that without it the picture cannot be shown. */
const isCritical = (type: string) => type < 'a'

export function stripPng(bytes: Uint8Array): Uint8Array | null {
  const view = viewOf(bytes)
  const kept = [take(bytes, 0, SIGNATURE_BYTES)]
  let hasData = false
  for (let at = SIGNATURE_BYTES; ; ) {
    const length = view.getUint32(at)
    const type = text(bytes, at + 4, 4)
    const isFirst = at === SIGNATURE_BYTES
    if (!/^[A-Za-z]{4}$/.test(type) || isFirst !== (type === 'IHDR')) return null
    const chunk = take(bytes, at, at + 12 + length)
    if (KEPT.has(type)) kept.push(chunk)
    else if (isCritical(type)) return null
    hasData ||= type === 'IDAT'
    // What follows the end is not part of the picture.
    if (type === 'IEND') return hasData && length === 0 ? Buffer.concat(kept) : null
    at += chunk.length
  }
}
