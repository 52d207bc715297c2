/**
 * Reads the server name of a TLS ClientHello from the bytes of a flow, as a box on the way would: with or without putting
 * TCP segments and TLS records together. It never sees more than the first flight and gives up on anything else.
 */

export interface HelloBox {
  /** Joins TCP segments. Without: each segment is read by itself. */
  readonly segments: boolean
  /** Joins a handshake message that spans TLS records. Without: only the first record is read. */
  readonly records: boolean
}

/** `undecided`: more bytes may tell. `none`: this is not a ClientHello, or names nobody, or the box cannot read it. */
export type HelloFinding = { readonly t: 'undecided' } | { readonly t: 'none' } | { readonly t: 'sni'; readonly name: string }

const MAX_HELLO = 65_536
const undecided: HelloFinding = { t: 'undecided' }
const none: HelloFinding = { t: 'none' }

export function createHelloReader(box: HelloBox): { read(segment: Uint8Array): HelloFinding } {
  let held: Buffer = Buffer.alloc(0)
  let finding: HelloFinding = undecided
  return {
    read(segment) {
      if (finding.t !== 'undecided') return finding
      if (!box.segments) {
        // Each segment by itself; a later one may start a record of its own.
        const alone = readRecords(Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength), box.records)
        if (alone.t === 'sni') finding = alone
        return alone.t === 'sni' ? alone : none
      }
      held = Buffer.concat([held, segment])
      finding = held.length > MAX_HELLO ? none : readRecords(held, box.records)
      // Nothing of it is needed any more.
      if (finding.t !== 'undecided') held = Buffer.alloc(0)
      return finding
    },
  }
}

// RFC 8446 section 5.1: type, legacy version, length; a handshake message may span records.
function readRecords(bytes: Buffer, join: boolean): HelloFinding {
  const parts: Buffer[] = []
  let at = 0
  let whole = true
  while (at < bytes.length) {
    if (bytes[at] !== 22 || (at + 1 < bytes.length && bytes[at + 1] !== 3)) {
      if (at === 0) return none
      break
    }
    if (at + 5 > bytes.length) {
      whole = false
      break
    }
    const length = bytes.readUInt16BE(at + 3)
    parts.push(bytes.subarray(at + 5, at + 5 + length))
    whole = at + 5 + length <= bytes.length
    at += 5 + length
    if (!join) break
  }
  const finding = readHello(Buffer.concat(parts))
  // A box that reads one record and has all of it will never learn more.
  return finding.t === 'undecided' && !join && whole ? none : finding
}

class Short extends Error {}

// RFC 8446 section 4.1.2 and RFC 6066 section 3. A field that is not there yet is no fault: `undecided`.
function readHello(bytes: Buffer): HelloFinding {
  let at = 0
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Short()
    at += length
    return bytes.subarray(at - length, at)
  }
  try {
    if (take(1)[0] !== 1) return none
    const end = 4 + take(3).readUIntBE(0, 3)
    take(2 + 32)
    take(take(1).readUInt8())
    take(take(2).readUInt16BE())
    take(take(1).readUInt8())
    if (at >= end) return none
    take(2)
    while (at < end) {
      const type = take(2).readUInt16BE()
      const length = take(2).readUInt16BE()
      if (type !== 0) {
        take(length)
        continue
      }
      take(2)
      if (take(1)[0] !== 0) return none
      return { t: 'sni', name: take(take(2).readUInt16BE()).toString('latin1').toLowerCase() }
    }
    return none
  } catch (error) {
    if (error instanceof Short) return undecided
    throw error
  }
}
