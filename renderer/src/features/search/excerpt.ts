/** The words around what was found, on one line. */

const BEFORE = 40
const AFTER = 120

export function excerpt(text: string, query: string): { before: string; found: string; after: string } {
  const line = text.replaceAll(/\s+/gu, ' ')
  const at = line.toLowerCase().indexOf(query.toLowerCase())
  if (at < 0) return { before: line.slice(0, BEFORE + AFTER), found: '', after: '' }
  const start = Math.max(0, at - BEFORE)
  const end = at + query.length
  return {
    before: (start > 0 ? '…' : '') + line.slice(start, at),
    found: line.slice(at, end),
    after: line.slice(end, end + AFTER) + (end + AFTER < line.length ? '…' : ''),
  }
}
