/** File names from elsewhere: what could mislead the eye or a file system is taken out; the rest stays as written. */

// Unicode bidirectional formatting (UAX 9, section 2): turns "exe.gpj" around before the reader's eyes.
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
// Zero width: two names that look the same.
const INVISIBLE = /[\u200b-\u200d\u2060\ufeff]/gu
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/gu
// Separators everywhere, and what Windows refuses.
const UNSAFE = /[/\\:*?"<>|]/gu
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/iu

const LONGEST = 255

/** Never empty, at most 255 code units, no path, not hidden. */
export function cleanName(raw: string): string {
  const plain = raw.replace(BIDI, '').replace(INVISIBLE, '').replace(CONTROL, '').replace(UNSAFE, '_').trim()
  const visible = plain.replace(/^\.+/u, '').replace(/[. ]+$/u, '')
  const named = WINDOWS_DEVICE.test(visible) ? `_${visible}` : visible
  return shorten(named) || 'file'
}

/** Keeps the ending, by which people tell what it is. Cuts between characters. */
function shorten(name: string): string {
  if (name.length <= LONGEST) return name
  const dot = name.lastIndexOf('.')
  const ending = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : ''
  const stem = name.slice(0, LONGEST - ending.length)
  return (/[\ud800-\udbff]$/.test(stem) ? stem.slice(0, -1) : stem) + ending
}
