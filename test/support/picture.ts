/** A small PNG made from a drawing function, for messages with pictures. Stored, not compressed: RFC 1950, 1951 and PNG. */

type Pixel = readonly [red: number, green: number, blue: number]

export function png(width: number, height: number, draw: (x: number, y: number) => Pixel): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(height * (width * 3 + 1))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(draw(x, y), y * (width * 3 + 1) + 1 + x * 3)
  }
  const blocks: Uint8Array[] = [Uint8Array.of(0x78, 0x01)]
  for (let at = 0; at < rows.length; at += 65_535) {
    const part = rows.subarray(at, at + 65_535)
    const last = at + 65_535 >= rows.length ? 1 : 0
    blocks.push(Uint8Array.of(last, part.length & 255, part.length >>> 8, ~part.length & 255, (~part.length >>> 8) & 255), part)
  }
  blocks.push(bigEndian(adler32(rows)))
  const header = joined(bigEndian(width), bigEndian(height), Uint8Array.of(8, 2, 0, 0, 0))
  return joined(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('IDAT', joined(...blocks)),
    chunk('IEND', new Uint8Array()),
  )
}

/** A hillside at dusk: enough of a photo for a screenshot. */
export function hillside(width = 480, height = 320): Uint8Array<ArrayBuffer> {
  return png(width, height, (x, y) => {
    const ridge = height * (0.62 + 0.08 * Math.sin(x / 47) + 0.05 * Math.sin(x / 19 + 2))
    const nearer = height * (0.8 + 0.07 * Math.sin(x / 71 + 1))
    if (y > nearer) return [24, 44, 40]
    if (y > ridge) return [46, 84, 82]
    const height01 = y / height
    const sun = Math.hypot(x - width * 0.7, y - height * 0.45) < height * 0.09
    return sun ? [255, 226, 150] : [Math.round(120 + 120 * height01), Math.round(150 + 40 * height01), Math.round(185 - 40 * height01)]
  })
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const typed = joined(new TextEncoder().encode(type), body)
  return joined(bigEndian(body.length), typed, bigEndian(crc32(typed)))
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value >>> 0)
  return bytes
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc
}

function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return b * 65_536 + a
}
