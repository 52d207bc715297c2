/** A file's name made safe to show and to save under: no direction tricks, no hidden characters, no path. */

// Bidi controls can make "gpj.exe" read as "exe.jpg".
const hidden = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

export function safeFileName(name: string): string {
  const plain = name
    .replaceAll(hidden, '')
    .replaceAll(/[/\\:*?"<>|]/gu, '_')
    .replace(/^[. ]+/u, '')
    .trim()
  return plain || 'file'
}
