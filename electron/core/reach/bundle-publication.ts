/** What an operator leaves elsewhere of a bundle, so that it is found where no relay is reached: a file for its mirrors, texts for its TXT records. */
import { openBundle, type SignedBundle } from '../../../shared/protocol/bundle.ts'
import { toTxtRecords } from '../../../shared/protocol/bundle-txt.ts'
import { packParcel } from './bundle-parcel.ts'

export interface Publication {
  readonly files: { readonly host: string; readonly path: string; readonly text: string }[]
  readonly records: { readonly name: string; readonly texts: string[] }[]
}

/** Throws `RangeError` for a bundle that does not hold by itself, or that is too large for records although it names some. */
export function publicationOf(signed: SignedBundle): Publication {
  // Old ones are published as well as new ones: no time is before or after NaN.
  const opened = openBundle(signed, { signers: null, version: 0, now: Number.NaN })
  if (!opened.ok) throw new RangeError(`the bundle does not hold: ${opened.reason}`)
  const { mirrors = [], txt = [] } = opened.bundle
  const texts = txt.length > 0 ? toTxtRecords(packParcel({ bundle: signed })) : []
  return {
    files: mirrors.map(({ host, path }) => ({ host, path, text: `${JSON.stringify(signed)}\n` })),
    records: txt.map((name) => ({ name, texts })),
  }
}
