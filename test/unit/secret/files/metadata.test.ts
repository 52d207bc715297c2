/** What pictures say beside themselves stays here: real pictures of each format, with everything put in that must not leave. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sniffType } from '../../../../electron/core/chats/files/sniff.ts'
import { stripMetadata } from '../../../../electron/core/secret/files/strip/index.ts'
import { exifWith, orientationOf } from '../../../../electron/core/secret/files/strip/orientation.ts'
import { secured } from '../engine/pair.ts'
import { handOver, readAll, until } from './sending.ts'

const pictureOf = (name: string) => new Uint8Array(readFileSync(new URL(`pictures/${name}`, import.meta.url)))
const jpeg = pictureOf('photo.jpg')
const png = pictureOf('drawing.png')
const webp = pictureOf('clear.webp')
const gif = pictureOf('moving.gif')

const MARK = 'MARKED'
const ascii = (text: string) => Buffer.from(text, 'latin1')
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const strip = (bytes: Uint8Array) => stripMetadata(bytes, sniffType(bytes))
const hasMark = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).includes(MARK)
/** `inside` put in at `at`. */
const put = (bytes: Uint8Array, at: number, inside: Uint8Array) => join(bytes.subarray(0, at), inside, bytes.subarray(at))
const find = (bytes: Uint8Array, text: string) => Buffer.from(bytes).indexOf(ascii(text))
const bytesOf = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString('hex')

const u16 = (value: number) => Uint8Array.of(value >>> 8, value & 255)
const u32 = (value: number) => join(u16(value >>> 16), u16(value & 0xffff))
const u32le = (value: number) => u32(value).reverse()

describe('a JPEG', () => {
  const segment = (marker: number, body: Uint8Array) => join(Uint8Array.of(0xff, marker), u16(body.length + 2), body)
  const exif = (tiff: Uint8Array) => segment(0xe1, join(ascii('Exif\0\0'), tiff, ascii(MARK)))
  const HEAD = 2 + 18

  it('that has nothing to lose stays as it is', () => {
    expect(bytesOf(strip(jpeg))).toBe(bytesOf(jpeg))
    expect(find(jpeg, 'ICC_PROFILE')).toBeGreaterThan(0)
  })

  it('loses Exif, XMP, Photoshop data, comments, unknown data, its small copy, and all that stands behind its end', () => {
    const small = jpeg.slice(0, HEAD)
    small.set(u16(16 + 3 * 6), 4)
    small.set([3, 2], HEAD - 2)
    const dressed = join(
      small,
      ascii('MARKEDMARKEDMARKED'),
      segment(0xe0, ascii(`JFXX\0\x13${MARK}`)),
      exif(exifWith(1)),
      segment(0xe1, ascii(`http://ns.adobe.com/xap/1.0/\0${MARK}`)),
      segment(0xe2, ascii(`MPF\0${MARK}`)),
      segment(0xed, ascii(`Photoshop 3.0\0${MARK}`)),
      segment(0xfe, ascii(MARK)),
      Uint8Array.of(0xff, 0xff, 0xff),
      segment(0xef, ascii(MARK)).subarray(1),
      jpeg.subarray(HEAD, -2),
      segment(0xfe, ascii(MARK)),
      Uint8Array.of(0xff, 0xd9),
      jpeg,
      ascii(MARK),
    )
    expect(hasMark(dressed)).toBe(true)
    expect(bytesOf(strip(dressed))).toBe(bytesOf(jpeg))
  })

  it('keeps which way up it is, and of its Exif nothing else', () => {
    for (const little of [false, true]) {
      const tiff = exifWith(6)
      if (little) {
        tiff.set(ascii('II'))
        tiff.set([42, 0], 2)
        tiff.set(u32le(8), 4)
        tiff.set([1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0], 8)
      }
      expect(orientationOf(tiff)).toBe(6)
      const stripped = strip(put(jpeg, HEAD, exif(tiff)))
      expect(bytesOf(stripped)).toBe(bytesOf(put(jpeg, HEAD, segment(0xe1, join(ascii('Exif\0\0'), exifWith(6))))))
      // And again the same.
      expect(bytesOf(strip(stripped ?? jpeg))).toBe(bytesOf(stripped))
    }
    for (const wrong of [0, 9]) expect(bytesOf(strip(put(jpeg, HEAD, exif(exifWith(wrong)))))).toBe(bytesOf(jpeg))
    expect(bytesOf(strip(put(jpeg, HEAD, exif(ascii('II*\0\xff\xff\xff\xff')))))).toBe(bytesOf(jpeg))
  })

  it('keeps every scan of a progressive one, and how its colours are stored', () => {
    const progressive = join(
      Uint8Array.of(0xff, 0xd8),
      segment(0xee, ascii('Adobe\0\x64\0\0\0\0\x01')),
      segment(0xc2, new Uint8Array(17)),
      segment(0xda, new Uint8Array(6)),
      Uint8Array.of(1, 0xff, 0, 2, 0xff, 0xd0, 3),
      segment(0xc4, new Uint8Array(20)),
      segment(0xda, new Uint8Array(6)),
      Uint8Array.of(4, 5, 0xff, 0xd9),
    )
    expect(bytesOf(strip(progressive))).toBe(bytesOf(progressive))
  })

  it('that is cut off is not taken for a picture', () => {
    for (let end = 3; end < jpeg.length; end++) expect(strip(jpeg.subarray(0, end))).toBeNull()
  })
})

describe('a PNG', () => {
  // Sums are not looked at: what is kept is kept with its own.
  const chunk = (type: string, body: Uint8Array) => join(u32(body.length), ascii(type), body, u32(0))
  const AFTER_HEADER = 8 + 25

  it('that has nothing to lose stays as it is', () => expect(bytesOf(strip(png))).toBe(bytesOf(png)))

  it('loses texts, times, Exif, unknown chunks and all that stands behind its end', () => {
    const types = ['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'prVt', 'caBX']
    const dressed = join(put(png, AFTER_HEADER, join(...types.map((type) => chunk(type, ascii(MARK))))), ascii(MARK))
    expect(bytesOf(strip(dressed))).toBe(bytesOf(png))
  })

  it('keeps its colours, transparency and animation', () => {
    const types = ['gAMA', 'cHRM', 'sRGB', 'iCCP', 'pHYs', 'tRNS', 'acTL', 'fcTL', 'fdAT', 'PLTE']
    const looks = put(png, AFTER_HEADER, join(...types.map((type) => chunk(type, ascii('look')))))
    expect(bytesOf(strip(looks))).toBe(bytesOf(looks))
  })

  it('that is cut off, has no header or needs what nobody knows is not taken for a picture', () => {
    for (let end = 8; end < png.length; end++) expect(strip(png.subarray(0, end))).toBeNull()
    expect(strip(put(png, 8, chunk('tEXt', ascii('x'))))).toBeNull()
    expect(strip(put(png, AFTER_HEADER, chunk('QQQQ', ascii('x'))))).toBeNull()
    expect(strip(put(png, AFTER_HEADER, u32(0xffff_fff0)))).toBeNull()
  })
})

describe('a WebP', () => {
  const chunk = (type: string, body: Uint8Array) => join(ascii(type), u32le(body.length), body, new Uint8Array(body.length % 2))
  const file = (...chunks: Uint8Array[]) => join(ascii('RIFF'), u32le(4 + join(...chunks).length), ascii('WEBP'), ...chunks)
  const inside = webp.subarray(12)
  const FLAGS = 20

  it('that has nothing to lose stays as it is', () => expect(bytesOf(strip(webp))).toBe(bytesOf(webp)))

  it('loses Exif, XMP, unknown chunks and what stands behind its end, and no longer speaks of them', () => {
    const dressed = join(
      file(inside, chunk('EXIF', ascii(`${MARK}!`)), chunk('XMP ', ascii(MARK)), chunk('mark', ascii(MARK))),
      ascii(MARK),
    )
    dressed[FLAGS] = (dressed[FLAGS] ?? 0) | 0x0c
    expect(bytesOf(strip(dressed))).toBe(bytesOf(webp))
  })

  it('keeps its frames, without what is hidden in them', () => {
    const header = chunk('VP8X', Uint8Array.of(2, 0, 0, 0, 7, 0, 0, 7, 0, 0))
    const frame = (...chunks: Uint8Array[]) => chunk('ANMF', join(new Uint8Array(16).fill(1), ...chunks))
    const image = chunk('VP8L', new Uint8Array(9).fill(2))
    const plain = file(
      header,
      chunk('ANIM', new Uint8Array(6)),
      frame(image),
      frame(chunk('ALPH', new Uint8Array(3)), chunk('VP8 ', new Uint8Array(8))),
    )
    const dressed = file(
      header,
      chunk('ANIM', new Uint8Array(6)),
      frame(image, chunk('mark', ascii(MARK))),
      frame(chunk('ALPH', new Uint8Array(3)), chunk('VP8 ', new Uint8Array(8))),
    )
    expect(bytesOf(strip(plain))).toBe(bytesOf(plain))
    expect(bytesOf(strip(dressed))).toBe(bytesOf(plain))
  })

  it('that is cut off or holds no picture is not taken for one', () => {
    for (let end = 12; end < webp.length; end++) expect(strip(webp.subarray(0, end))).toBeNull()
    expect(strip(file())).toBeNull()
    expect(strip(file(chunk('EXIF', ascii(MARK))))).toBeNull()
    expect(strip(file(chunk('VP8X', new Uint8Array(4))))).toBeNull()
  })
})

describe('a GIF', () => {
  const blocks = (...parts: string[]) => join(...parts.map((part) => join(Uint8Array.of(part.length), ascii(part))), Uint8Array.of(0))
  const extension = (label: number, ...parts: string[]) => join(Uint8Array.of(0x21, label), blocks(...parts))
  const START = 13 + 12

  it('that has nothing to lose stays as it is, with its pace and how often it repeats', () => {
    expect(bytesOf(strip(gif))).toBe(bytesOf(gif))
    expect(find(gif, 'NETSCAPE2.0')).toBeGreaterThan(0)
  })

  it('loses comments, texts, the data of applications and what stands behind its end', () => {
    const dressed = join(
      put(
        gif,
        START,
        join(
          extension(0xfe, MARK, MARK),
          extension(0xff, 'XMP DataXMP', MARK),
          extension(0xff, 'NETSCAPE2.0', `\x02${MARK}`),
          extension(0xf9, '\0\0\0\0'),
          extension(0x01, MARK.padEnd(12), MARK),
          extension(0x77, MARK),
        ),
      ),
      ascii(MARK),
    )
    expect(bytesOf(strip(dressed))).toBe(bytesOf(gif))
    const longLoop = put(gif, find(gif, 'NETSCAPE2.0') + 15, blocks(MARK).subarray(0, -1))
    expect(bytesOf(strip(longLoop))).toBe(bytesOf(gif))
  })

  it('that is cut off or holds no picture is not taken for one', () => {
    for (let end = 6; end < gif.length; end++) expect(strip(gif.subarray(0, end))).toBeNull()
    expect(strip(join(gif.subarray(0, START), Uint8Array.of(0x3b)))).toBeNull()
  })
})

describe('any bytes', () => {
  const types = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'] as const

  it('are a picture or none, soon said, and what was stripped has nothing more to lose', () => {
    const picture = fc.constantFrom(jpeg, png, webp, gif)
    const hurt = fc.tuple(picture, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat(), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(fc.constantFrom(...types), hurt, (type, [bytes, changes, at, more]) => {
        const hostile = put(bytes, at % bytes.length, more)
        for (const [where, value] of changes) hostile[where % hostile.length] = value
        for (const each of [type, sniffType(hostile)]) {
          const stripped = stripMetadata(hostile, each)
          if (stripped) expect(bytesOf(stripMetadata(stripped, each))).toBe(bytesOf(stripped))
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('that never were a picture are none', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.uint8Array({ maxLength: 300 }),
        (type, bytes) => stripMetadata(bytes, type) === null || sniffType(bytes) === type,
      ),
    )
    expect(stripMetadata(ascii('<svg/>'), 'image/svg+xml')).toBeNull()
  })

  it('of many tiny parts are gone through at once', () => {
    const tiny = join(Uint8Array.of(0, 0, 0, 0), ascii('IDAT'), u32(0))
    const many = put(png, 8 + 25, new Uint8Array(Buffer.alloc(1_000_000 * tiny.length, tiny)))
    expect(strip(many)?.length).toBe(many.length)
  })
})

describe('a picture in a secret chat', () => {
  it('arrives without its metadata, whoever looks for them', async () => {
    const { clock, alice, bob } = await secured()
    const dressed = put(jpeg, 2 + 18, join(Uint8Array.of(0xff, 0xfe), u16(2 + MARK.length), ascii(MARK)))
    await handOver(alice, 'bob', 'photo.jpg', dressed)
    const there = await until(clock, bob, 'alice', 'ready')
    expect(there).toMatchObject({ type: 'image/jpeg', size: jpeg.length })
    expect(bytesOf(await readAll(bob, there?.id ?? ''))).toBe(bytesOf(jpeg))
  })

  it('that is not whole goes as it is, as a plain file', async () => {
    const { clock, alice, bob } = await secured()
    await handOver(alice, 'bob', 'photo.jpg', jpeg.subarray(0, 500))
    const there = await until(clock, bob, 'alice', 'remote')
    expect(there).toMatchObject({ type: 'application/octet-stream', size: 500, transfer: { state: 'remote' } })
  })
})
