/** Compact binary records for the store: written value after value, read back in the same order. */
import { fromUtf8, utf8 } from '../../../../shared/util/bytes.ts'

export interface Writer {
  u8(value: number): void
  u32(value: number): void
  /** A safe integer, or any other number, exactly. */
  f64(value: number): void
  /** Of a length that the reader knows. */
  raw(bytes: Uint8Array): void
  /** Of up to 65,535 bytes. */
  bytes(bytes: Uint8Array): void
  text(text: string): void
  finish(): Uint8Array
}

export function createWriter(expected: number): Writer {
  let buffer = new Uint8Array(expected)
  let view = new DataView(buffer.buffer)
  let at = 0
  const reserve = (length: number) => {
    const start = at
    at += length
    if (at > buffer.length) {
      const grown = new Uint8Array(at * 2)
      grown.set(buffer)
      buffer = grown
      view = new DataView(buffer.buffer)
    }
    return start
  }
  const u16 = (value: number) => {
    const start = reserve(2)
    view.setUint16(start, value)
  }
  const raw = (bytes: Uint8Array) => {
    const start = reserve(bytes.length)
    buffer.set(bytes, start)
  }
  const bytes = (value: Uint8Array) => {
    if (value.length > 0xffff) throw new RangeError('too long for a record')
    u16(value.length)
    raw(value)
  }
  return {
    u8(value) {
      const start = reserve(1)
      view.setUint8(start, value)
    },
    u32(value) {
      const start = reserve(4)
      view.setUint32(start, value)
    },
    f64(value) {
      const start = reserve(8)
      view.setFloat64(start, value)
    },
    raw,
    bytes,
    text: (text) => bytes(utf8(text)),
    finish: () => buffer.slice(0, at),
  }
}

/** Every read throws `RangeError` at the end of the record. What it gives are copies. */
export interface Reader {
  u8(): number
  u32(): number
  f64(): number
  raw(length: number): Uint8Array
  bytes(): Uint8Array
  text(): string
  isDone(): boolean
}

export function createReader(record: Uint8Array): Reader {
  const view = new DataView(record.buffer, record.byteOffset, record.length)
  let at = 0
  const skip = (length: number) => {
    const start = at
    at += length
    return start
  }
  const raw = (length: number) => {
    const start = skip(length)
    if (at > record.length) throw new RangeError('the record is too short')
    return record.slice(start, at)
  }
  const bytes = () => raw(view.getUint16(skip(2)))
  return {
    u8: () => view.getUint8(skip(1)),
    u32: () => view.getUint32(skip(4)),
    f64: () => view.getFloat64(skip(8)),
    raw,
    bytes,
    text: () => fromUtf8(bytes()),
    isDone: () => at === record.length,
  }
}
