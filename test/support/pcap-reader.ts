/** Reads a capture file as strictly as its format says: a second opinion that shares nothing with the code that writes it. */
export interface ReadPacket {
  readonly at: number
  readonly from: string
  readonly to: string
  readonly protocol: 'tcp' | 'udp'
  readonly ports: readonly [number, number]
  readonly flags: string
  readonly seq: number
  readonly ack: number
  readonly payload: Buffer
}

/** Throws where a length or a sum is wrong. */
export function readPcap(file: Buffer): ReadPacket[] {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 101) throw new Error('not a raw IP capture')
  const packets: ReadPacket[] = []
  for (let at = 24; at < file.length; ) {
    const [seconds, micros, kept, length] = [0, 4, 8, 12].map((offset) => file.readUInt32LE(at + offset))
    if (seconds === undefined || micros === undefined || kept === undefined || kept !== length) throw new Error('cut short')
    packets.push(readIp(file.subarray(at + 16, at + 16 + kept), seconds * 1000 + micros / 1000))
    at += 16 + kept
  }
  return packets
}

function readIp(packet: Buffer, at: number): ReadPacket {
  const version = packet.readUInt8(0) >> 4
  const headLength = version === 4 ? (packet.readUInt8(0) & 15) * 4 : 40
  const length = version === 4 ? packet.readUInt16BE(2) : 40 + packet.readUInt16BE(4)
  if (length !== packet.length) throw new Error('wrong IP length')
  if (version === 4 && onesSum(packet.subarray(0, headLength)) !== 0xffff) throw new Error('wrong IP sum')
  const protocol = packet.readUInt8(version === 4 ? 9 : 6)
  const addresses = version === 4 ? packet.subarray(12, 20) : packet.subarray(8, 40)
  const body = packet.subarray(headLength)
  const pseudo = Buffer.concat([addresses, Buffer.from([0, protocol, body.length >> 8, body.length & 255])])
  if (onesSum(pseudo) + onesSum(body) !== 0xffff && fold(onesSum(pseudo) + onesSum(body)) !== 0xffff) throw new Error('wrong sum')
  if (protocol === 17 && body.readUInt16BE(4) !== body.length) throw new Error('wrong UDP length')
  const size = addresses.length / 2
  const text = (from: number) =>
    version === 4
      ? [...addresses.subarray(from, from + size)].join('.')
      : Array.from({ length: 8 }, (_, i) => addresses.readUInt16BE(from + i * 2).toString(16)).join(':')
  const isTcp = protocol === 6
  const bits = isTcp ? body.readUInt8(13) : 0
  return {
    at,
    from: text(0),
    to: text(size),
    protocol: isTcp ? 'tcp' : 'udp',
    ports: [body.readUInt16BE(0), body.readUInt16BE(2)],
    flags: ['F', 'S', 'R', 'P', 'A'].filter((_, i) => bits & (1 << i)).join(''),
    seq: isTcp ? body.readUInt32BE(4) : 0,
    ack: isTcp ? body.readUInt32BE(8) : 0,
    payload: body.subarray(isTcp ? (body.readUInt8(12) >> 4) * 4 : 8),
  }
}

function onesSum(bytes: Buffer): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum = fold(sum + (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0))
  return sum
}

function fold(sum: number): number {
  return sum > 0xffff ? sum - 0xffff : sum
}
