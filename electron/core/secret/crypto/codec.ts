/** Compact binary records for the store: written value after value, read back in the same order. */
import { fromUtf8, utf8 } from '../../../../shared/util/bytes.ts'

export class Writer {
  private buffer: Uint8Array<ArrayBuffer>
  private view: DataView
  private at = 0

  constructor(expected: number) {
    this.buffer = new Uint8Array(expected)
    this.view = new DataView(this.buffer.buffer)
  }

  u8(value: number): void {
    const start = this.reserve(1)
    this.view.setUint8(start, value)
  }

  u32(value: number): void {
    const start = this.reserve(4)
    this.view.setUint32(start, value)
  }

  /** Any number, exactly. */
  f64(value: number): void {
    const start = this.reserve(8)
    this.view.setFloat64(start, value)
  }

  /** Of a length that the reader knows. */
  raw(bytes: Uint8Array): void {
    const start = this.reserve(bytes.length)
    this.buffer.set(bytes, start)
  }

  /** Of up to 65,535 bytes. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length > 0xffff) throw new RangeError('too long for a record')
    const start = this.reserve(2)
    this.view.setUint16(start, bytes.length)
    this.raw(bytes)
  }

  text(text: string): void {
    this.bytes(utf8(text))
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.at)
  }

  /** Where `length` bytes may go. It may change `view`, so it comes before every use of it. */
  private reserve(length: number): number {
    const start = this.at
    this.at += length
    if (this.at > this.buffer.length) {
      const grown = new Uint8Array(this.at * 2)
      grown.set(this.buffer)
      this.buffer = grown
      this.view = new DataView(grown.buffer)
    }
    return start
  }
}

/** Every read throws `RangeError` at the end of the record. What it gives are copies. */
export class Reader {
  private readonly record: Uint8Array
  private readonly view: DataView
  private at = 0

  constructor(record: Uint8Array) {
    this.record = record
    this.view = new DataView(record.buffer, record.byteOffset, record.length)
  }

  u8(): number {
    return this.view.getUint8(this.skip(1))
  }

  u32(): number {
    return this.view.getUint32(this.skip(4))
  }

  f64(): number {
    return this.view.getFloat64(this.skip(8))
  }

  raw(length: number): Uint8Array {
    const start = this.skip(length)
    if (this.at > this.record.length) throw new RangeError('the record is too short')
    return this.record.slice(start, this.at)
  }

  bytes(): Uint8Array {
    return this.raw(this.view.getUint16(this.skip(2)))
  }

  text(): string {
    return fromUtf8(this.bytes())
  }

  isDone(): boolean {
    return this.at === this.record.length
  }

  private skip(length: number): number {
    const start = this.at
    this.at += length
    return start
  }
}
