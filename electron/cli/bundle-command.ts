/** `bundle sign`, `shard`, `verify`, `show`, `link` and `txt`: endpoint bundles and their shards as files, as links, and as records of a name server. */
import { readFile, writeFile } from 'node:fs/promises'
import * as v from 'valibot'
import { Bundle, openBundle, type SignedBundle, signBundle } from '../../shared/protocol/bundle.ts'
import { openShard, Shard, signShard } from '../../shared/protocol/bundle-shard.ts'
import { fromBase64Url, toBase64Url } from '../../shared/util/bytes.ts'
import { KEY_BYTES, type SigningKey, signingKeyFromSeed } from '../../shared/util/signing.ts'
import { type Parcel, printLink, readParcel } from '../core/reach/bundle-parcel.ts'
import { publicationOf } from '../core/reach/bundle-publication.ts'
import { UsageError } from '../host/usage-error.ts'
import { complain, type ExitCode, print, printJson } from './answer.ts'
import { clock, existingFile } from './parts.ts'

interface JsonFlag {
  readonly json?: boolean
}

/** A relay's own key file also serves: its first signer is the active one. */
const RelayKeyFile = v.looseObject({ signers: v.pipe(v.array(v.string()), v.minLength(1)) })

/** Signs the content in `file`; refuses a key that the content does not name among its signers, for nobody could verify that. */
export async function bundleSignCommand(
  file: string,
  flags: { readonly key: string; readonly out?: string } & JsonFlag,
): Promise<ExitCode> {
  const parsed = v.safeParse(Bundle, await readJson(file))
  if (!parsed.success) throw new UsageError(`"${file}" is no bundle content: ${v.getDotPath(parsed.issues[0]) ?? 'the whole'} is wrong.`)
  const key = await readKey(flags.key)
  if (!parsed.output.signers.includes(toBase64Url(key.publicKey)))
    throw new UsageError(`--key: the content does not name this key among its signers.`)
  return give(signBundle(parsed.output, key), `version ${parsed.output.version}`, flags)
}

/** Signs a shard; which bundle's signer the key is, only who takes the shard can tell. */
export async function bundleShardCommand(
  file: string,
  flags: { readonly key: string; readonly out?: string } & JsonFlag,
): Promise<ExitCode> {
  const parsed = v.safeParse(Shard, await readJson(file))
  if (!parsed.success)
    throw new UsageError(`"${file}" is no shard: ${v.getDotPath(parsed.issues[0]) ?? parsed.issues[0].message} is wrong.`)
  const { shard, version } = parsed.output
  return give(signShard(parsed.output, await readKey(flags.key)), `shard ${shard}, version ${version},`, flags)
}

async function give(signed: SignedBundle, what: string, { out, json }: { readonly out?: string } & JsonFlag): Promise<ExitCode> {
  if (out === undefined) printJson(signed)
  else {
    await writeFile(out, `${JSON.stringify(signed)}\n`)
    if (json) printJson(signed)
    else print(`Signed ${what} into ${out}.`)
  }
  return 0
}

/**
 * Exit code 1 with the reason if it does not hold. `against`: a bundle held so far, whose signers and version count; shards need
 * one, in the same file or so.
 */
export async function bundleVerifyCommand(file: string, flags: { readonly against?: string } & JsonFlag): Promise<ExitCode> {
  const parcel = await readAny(file)
  const held = flags.against === undefined ? null : contentOf((await readAny(flags.against)).bundle, flags.against)
  const now = clock.now()
  const opened = parcel.bundle && openBundle(parcel.bundle, { signers: held?.signers ?? null, version: held?.version ?? 0, now })
  if (opened && !opened.ok) return refuse(opened.reason)
  const bundle = opened?.bundle ?? held
  if (!bundle) throw new UsageError('A shard holds only beside a bundle: name it with --against.')
  const shards: Shard[] = []
  for (const signed of parcel.shards ?? []) {
    const shard = openShard(signed, { signers: bundle.signers, now })
    if (!shard.ok) return refuse(shard.reason)
    shards.push(shard.shard)
  }
  if (flags.json) printJson(opened ? bundle : { shards })
  else if (opened) print(`Holds: version ${bundle.version}, until ${new Date(bundle.expires).toISOString()}.`)
  for (const { shard, version, expires } of flags.json ? [] : shards)
    print(`Holds: shard ${shard}, version ${version}, until ${new Date(expires).toISOString()}.`)
  return 0
}

function refuse(reason: string): ExitCode {
  complain(`The bundle does not hold: ${reason}.`)
  return 1
}

/** Shows the content without asking whether it is still in force. */
export async function bundleShowCommand(file: string, flags: JsonFlag): Promise<ExitCode> {
  const { bundle, shards = [], works } = await readAny(file)
  const shown =
    bundle && shards.length === 0 && works === undefined
      ? contentOf(bundle, file)
      : { bundle: bundle && contentOf(bundle, file), shards: shards.map(({ payload }) => parseJson(payload)), works }
  print(JSON.stringify(shown, null, flags.json ? 0 : 2))
  return 0
}

/** One link with all that is in the files. */
export async function bundleLinkCommand(files: readonly string[], flags: JsonFlag): Promise<ExitCode> {
  const parcels = await Promise.all(files.map(readAny))
  const [bundle, ...others] = parcels.flatMap((parcel) => parcel.bundle ?? [])
  if (others.length > 0) throw new UsageError('A link holds one bundle.')
  const shards = parcels.flatMap((parcel) => parcel.shards ?? [])
  const link = printLink({ ...(bundle && { bundle }), ...(shards.length > 0 && { shards }) })
  if (flags.json) printJson({ link })
  else print(link)
  return 0
}

/** The records of each name that the bundle gives, as lines of a zone file. */
export async function bundleTxtCommand(file: string, flags: JsonFlag): Promise<ExitCode> {
  const { bundle } = await readAny(file)
  if (!bundle) throw new UsageError(`"${file}" is no signed bundle.`)
  const { records } = publicationOf(bundle)
  if (records.length === 0) throw new UsageError(`"${file}" names nothing under "txt".`)
  if (flags.json) printJson({ records })
  else for (const { name, texts } of records) for (const text of texts) print(`${name}. 300 IN TXT "${text}"`)
  return 0
}

function contentOf(signed: SignedBundle | undefined, file: string): Bundle {
  const inner = signed && v.safeParse(Bundle, parseJson(signed.payload))
  if (!inner?.success) throw new UsageError(`"${file}" is no signed bundle.`)
  return inner.output
}

/** A file with a bundle, a shard or a link. */
async function readAny(file: string): Promise<Parcel> {
  const read = readParcel(await readFile(await existingFile(file, 'bundle'), 'utf8'))
  if (!read.ok) throw new UsageError(`"${file}" holds no signed bundle: ${read.reason}.`)
  return read.parcel
}

/** 32 bytes as base64url, alone in a file, or the key file of a relay. */
async function readKey(path: string): Promise<SigningKey> {
  const text = (await readFile(await existingFile(path, '--key'), 'utf8')).trim()
  const keyFile = v.safeParse(RelayKeyFile, parseJson(text))
  try {
    const seed = fromBase64Url(keyFile.success ? (keyFile.output.signers[0] ?? '') : text)
    if (seed.length === KEY_BYTES) return signingKeyFromSeed(seed)
  } catch {
    // Said below, without quoting a secret.
  }
  throw new UsageError('--key: the file holds neither 32 bytes as base64url nor the keys of a relay.')
}

async function readJson(file: string): Promise<unknown> {
  const value = parseJson(await readFile(await existingFile(file, 'bundle'), 'utf8'))
  if (value === undefined) throw new UsageError(`"${file}" is not JSON.`)
  return value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
