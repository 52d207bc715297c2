/** A text of base64url over several TXT records of one name. Resolvers give records in any order, and of two versions for a while. */

/** RFC 1035 section 3.3.14: a character string in a record holds 255 bytes; the rest is the head. */
const DATA_CHARS = 230
const MAX_RECORDS = 32
const TAG_CHARS = 6

const head = /^tl1 ([A-Za-z0-9_-]{6}) (\d{1,2})\/(\d{1,2}) ([A-Za-z0-9_-]{1,230})$/

/** Each to be one character string of one record. Throws `RangeError` for what is too long for any sensible name. */
export function toTxtRecords(text: string): string[] {
  const count = Math.ceil(text.length / DATA_CHARS)
  if (count === 0 || count > MAX_RECORDS) throw new RangeError(`${text.length} characters do not fit into TXT records`)
  // The end of what is signed differs with every version.
  const tag = text.slice(-TAG_CHARS).padStart(TAG_CHARS, '-')
  return Array.from({ length: count }, (_, i) => `tl1 ${tag} ${i + 1}/${count} ${text.slice(i * DATA_CHARS, (i + 1) * DATA_CHARS)}`)
}

/** Every text that is there as a whole; records that are none of ours count for nothing. */
export function fromTxtRecords(records: readonly string[]): string[] {
  const sets = new Map<string, Map<number, string>>()
  for (const record of records) {
    const match = head.exec(record)
    if (!match) continue
    const [, tag = '', at, of, data = ''] = match
    const name = `${tag} ${Number(of)}`
    const parts = sets.get(name) ?? new Map<number, string>()
    parts.set(Number(at), data)
    sets.set(name, parts)
  }
  return [...sets].flatMap(([name, parts]) => {
    const count = Number(name.slice(TAG_CHARS + 1))
    const text = Array.from({ length: Math.min(count, MAX_RECORDS) }, (_, i) => parts.get(i + 1))
    return count >= 1 && count <= MAX_RECORDS && text.every((part) => part !== undefined) ? [text.join('')] : []
  })
}
