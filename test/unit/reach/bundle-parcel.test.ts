/** Bundles as text: every form that is meant, and a clear refusal of everything else, with nothing changed. */
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBundleHolder } from '../../../electron/core/reach/bundle-holder.ts'
import { packParcel, printLink, readParcel } from '../../../electron/core/reach/bundle-parcel.ts'
import { publicationOf } from '../../../electron/core/reach/bundle-publication.ts'
import { signBundle } from '../../../shared/protocol/bundle.ts'
import { signShard } from '../../../shared/protocol/bundle-shard.ts'
import { fromTxtRecords, toTxtRecords } from '../../../shared/protocol/bundle-txt.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { bundleOf, keys, shardOf } from './bundles.ts'
import { memoryValues } from './world.ts'

const bundle = signBundle(bundleOf({ version: 3 }), keys.ours)
const shard = signShard(shardOf({}), keys.ours)
const link = printLink({ bundle })

describe('a text with a bundle', () => {
  it.each<[string, string]>([
    ['a link', link],
    ['a link in a letter', `Look, it works for me:\n\n  <${link}>\n\nYours`],
    ['a link that was broken into lines and quoted', link.replaceAll(/(.{60})/g, '$1\n> ')],
    ['a link whose end mark a program dropped', link.slice(0, -1)],
    ['the content of a file', `${JSON.stringify(bundle, null, 2)}\n`],
  ])('is read as %s', (_what, text) => {
    expect(readParcel(text)).toEqual({ ok: true, parcel: { bundle } })
  })
  it('may hold shards and what works, or a shard alone', () => {
    const parcel = { bundle, shards: [shard], works: 'tcp 240.16.0.10:443 | tls sni=chat.test | ws' }
    expect(readParcel(printLink(parcel))).toEqual({ ok: true, parcel })
    expect(readParcel(JSON.stringify(shard))).toEqual({ ok: true, parcel: { shards: [shard] } })
  })
  it.each<[string, string, string]>([
    ['nothing', '', 'no-bundle'],
    ['words', 'hello there', 'no-bundle'],
    ['another link', 'wss://240.1.2.3:443/secret?pin=x', 'no-bundle'],
    ['half a link', link.slice(0, 200), 'cut-short'],
    ['a link with something else in it', 'throughline:bundle#AAAA~', 'malformed'],
    ['other JSON', '{"a":1}', 'malformed'],
    ['content that nobody signed', JSON.stringify(bundleOf({})), 'unsigned'],
    ['a text beyond measure', 'x'.repeat(300_000), 'too-large'],
    ['a payload beyond measure', JSON.stringify({ ...bundle, payload: 'x'.repeat(70_000) }), 'too-large'],
    ['a bomb', `throughline:bundle#${toBase64Url(deflateRawSync('0'.repeat(40_000_000)))}~`, 'too-large'],
  ])('is refused when it is %s', (_what, text, reason) => {
    expect(readParcel(text)).toEqual({ ok: false, reason })
  })
  it('is answered whatever it is, never thrown at anybody', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.base64String().map((data) => `throughline:bundle#${data.replaceAll(/[+/=]/g, '')}~`),
    )
    fc.assert(fc.property(anything, (text) => void readParcel(text)))
  })
})

it('one changed character of a link, or one changed byte of a file, changes nothing that is held', () => {
  const values = memoryValues()
  const holder = createBundleHolder(signBundle(bundleOf({ version: 2 }), keys.ours), values, new VirtualClock(1_000))
  const file = JSON.stringify(bundle)
  const replaced = (text: string, at: number, by: string) => text.slice(0, at) + by + text.slice(at + 1)
  const offer = (text: string) => {
    const read = readParcel(text)
    return read.ok ? holder.take(read.parcel, 'hand') : read
  }
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, by) => {
      // White space outside the strings says the same.
      fc.pre(file[at] !== by && JSON.stringify(safeParse(replaced(file, at, by))) !== file)
      expect(offer(replaced(file, at, by)).ok).toBe(false)
    }),
  )
  const data = packParcel({ bundle })
  fc.assert(
    fc.property(fc.nat(data.length - 1), fc.constantFrom(...'ABCDEFabcdef0123456789-_'), (at, by) => {
      fc.pre(data[at] !== by)
      const changed = `throughline:bundle#${replaced(data, at, by)}~`
      const read = readParcel(changed)
      // The last bits of a stream may say nothing: then it is the same bundle still.
      fc.pre(!read.ok || JSON.stringify(read.parcel) !== JSON.stringify({ bundle }))
      expect(offer(changed).ok).toBe(false)
    }),
  )
  expect(holder.current().version).toBe(2)
})

describe('in TXT records', () => {
  it('comes back from any order, beside the records of an older version and of strangers', () => {
    const [fresh, old] = [packParcel({ bundle }), packParcel({ bundle: signBundle(bundleOf({ version: 1 }), keys.ours) })]
    const records = [...toTxtRecords(fresh), 'v=spf1 -all', ...toTxtRecords(old)]
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (shuffled) => {
        expect(fromTxtRecords(shuffled).toSorted()).toEqual([fresh, old].toSorted())
      }),
    )
    expect(records.every((record) => record.length <= 255)).toBe(true)
  })
  it('is nothing while a record is missing, whatever the others say', () => {
    const records = toTxtRecords(packParcel({ bundle }))
    expect(records.length).toBeGreaterThan(1)
    for (const left of records) expect(fromTxtRecords(records.filter((record) => record !== left))).toEqual([])
    fc.assert(fc.property(fc.array(fc.string()), (texts) => void fromTxtRecords(texts)))
  })
  it('and at its mirrors lies the bundle as it was signed; what does not hold is not published', () => {
    const mirrors = [{ id: 'm', host: 'files.test', address: '240.52.0.1', port: 443, path: '/b.json', provider: 'cloud' }]
    const signed = signBundle(bundleOf({ mirrors, txt: ['bundle.test'] }), keys.ours)
    const { files, records } = publicationOf(signed)
    expect(files).toEqual([{ host: 'files.test', path: '/b.json', text: `${JSON.stringify(signed)}\n` }])
    expect(fromTxtRecords(records[0]?.texts ?? [])).toEqual([packParcel({ bundle: signed })])
    expect(() => publicationOf({ ...signed, signature: bundle.signature })).toThrow('bad-signature')
  })
})

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
