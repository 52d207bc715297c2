/** `bundle sign`, `verify` and `show`: endpoint bundles as files. */
import { readFile, writeFile } from 'node:fs/promises'
import * as v from 'valibot'
import { Bundle, openBundle, SignedBundle, signBundle } from '../../shared/protocol/bundle.ts'
import { fromBase64Url, toBase64Url } from '../../shared/util/bytes.ts'
import { KEY_BYTES, type SigningKey, signingKeyFromSeed } from '../../shared/util/signing.ts'
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
  const signed = signBundle(parsed.output, key)
  if (flags.out === undefined) printJson(signed)
  else {
    await writeFile(flags.out, `${JSON.stringify(signed)}\n`)
    if (flags.json) printJson(signed)
    else print(`Signed version ${parsed.output.version} into ${flags.out}.`)
  }
  return 0
}

/** Exit code 1 with the reason if it does not hold. `against`: a bundle held so far, whose signers and version count. */
export async function bundleVerifyCommand(file: string, flags: { readonly against?: string } & JsonFlag): Promise<ExitCode> {
  const held = flags.against === undefined ? null : contentOf(await readJson(flags.against), flags.against)
  const opened = openBundle(await readJson(file), { signers: held?.signers ?? null, version: held?.version ?? 0, now: clock.now() })
  if (!opened.ok) {
    complain(`The bundle does not hold: ${opened.reason}.`)
    return 1
  }
  if (flags.json) printJson(opened.bundle)
  else print(`Holds: version ${opened.bundle.version}, until ${new Date(opened.bundle.expires).toISOString()}.`)
  return 0
}

/** Shows the content without asking whether it is still in force. */
export async function bundleShowCommand(file: string, flags: JsonFlag): Promise<ExitCode> {
  const bundle = contentOf(await readJson(file), file)
  print(JSON.stringify(bundle, null, flags.json ? 0 : 2))
  return 0
}

function contentOf(raw: unknown, file: string): Bundle {
  const outer = v.safeParse(SignedBundle, raw)
  const inner = outer.success ? v.safeParse(Bundle, parseJson(outer.output.payload)) : null
  if (!inner?.success) throw new UsageError(`"${file}" is no signed bundle.`)
  return inner.output
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
