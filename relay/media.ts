/**
 * The media plane: PUT once with a token, GET as often as wanted by anyone who knows the id. Bytes are opaque here: never
 * looked into, never given a type a browser would act on. A sealed file does not stay: DELETE by who knows its id, or its time.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SAMPLE_BYTES } from '../shared/protocol/sample.ts'
import type { Clock } from '../shared/util/clock.ts'
import { syncDirectory } from './files.ts'
import { type Reply, refusal, send, withCommonHeaders } from './http.ts'
import { errorFacts, type Log } from './log.ts'
import { hashToken } from './requests.ts'
import type { MediaRecords } from './store/media-records.ts'

export const MEDIA_PATH = '/m/'
const TOKEN_VALID_MS = 10 * 60_000
/** Without a byte for this long, a transfer is over. */
const STALLED_MS = 60_000

/** To measure a way with (shared/protocol/sample.ts). Random, so that nobody on the way makes it smaller. */
const SAMPLE_ID = 'sample'
const sample = randomBytes(SAMPLE_BYTES)
const sampleHeaders = withCommonHeaders({ 'content-type': 'application/octet-stream', 'content-length': String(SAMPLE_BYTES) })

/** Each written by itself: whoever measures sees it come piece by piece, and where it stops. */
async function* samplePieces(): AsyncGenerator<Buffer> {
  const piece = 2048
  for (let at = 0; at < SAMPLE_BYTES; at += piece) {
    yield sample.subarray(at, at + piece)
    await nextTurn()
  }
}

export interface MediaParts {
  readonly directory: string
  readonly records: MediaRecords
  readonly clock: Clock
  readonly log: Log
}

export interface Media {
  handle(request: IncomingMessage, response: ServerResponse, id: string): void
  /** Forgets sealed files stored before this time, some at a time, bytes and all. */
  sweep(before: number): void
}

export function createMedia({ directory, records, clock, log }: MediaParts): Media {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  records.dropUnused(clock.now() - TOKEN_VALID_MS)
  // Uploads that a crash cut off; their senders will ask again.
  for (const name of readdirSync(directory)) if (!records.find(name)) rmSync(join(directory, name), { recursive: true })
  const uploads = new Map<string, AbortController>()

  const judge = (request: IncomingMessage, id: string): Reply | null => {
    const record = records.find(id)
    const token = /^Bearer ([\w-]{43})$/.exec(request.headers.authorization ?? '')?.[1]
    if (!record || token === undefined || !sameHash(hashToken(token), record.tokenHash)) return refusal(401, 'no leave')
    if (record.stored) return refusal(409, 'already there')
    if (clock.now() - record.grantedAt > TOKEN_VALID_MS) return refusal(401, 'leave has expired')
    if (request.headers['content-length'] === undefined) return refusal(411, 'length required')
    return Number(request.headers['content-length']) === record.size ? null : refusal(413, 'not the size that was asked for')
  }

  const put = async (request: IncomingMessage, response: ServerResponse, id: string): Promise<void> => {
    const refused = judge(request, id)
    if (refused) {
      send(request, response, refused)
      return
    }
    // Whoever has the token and comes again has given up on the connection before, even if it does not look closed from here.
    uploads.get(id)?.abort()
    const own = new AbortController()
    uploads.set(id, own)
    const part = join(directory, `${id}.${randomBytes(4).toString('hex')}.part`)
    try {
      await receive(request, part, Number(request.headers['content-length']), own.signal)
      own.signal.throwIfAborted()
      renameSync(part, join(directory, id))
      syncDirectory(directory)
      records.markStored(id, clock.now())
      send(request, response, { status: 201, headers: {}, body: '' })
    } catch (error) {
      await rm(part, { force: true })
      throw error
    } finally {
      if (uploads.get(id) === own) uploads.delete(id)
    }
  }

  const get = async (request: IncomingMessage, response: ServerResponse, id: string): Promise<void> => {
    if (!records.find(id)?.stored) {
      send(request, response, refusal(404, 'no such file'))
      return
    }
    const path = join(directory, id)
    const size = statSync(path, { throwIfNoEntry: false })?.size
    if (size === undefined) {
      send(request, response, refusal(404, 'no such file'))
      return
    }
    const etag = `"${id}"`
    const ifRange = request.headers['if-range']
    const range = ifRange === undefined || ifRange === etag ? parseRange(request.headers.range, size) : 'whole'
    if (range === 'unsatisfiable') {
      send(request, response, { ...refusal(416, 'no such range'), headers: { 'content-range': `bytes */${size}` } })
      return
    }
    const { first, last } = range === 'whole' ? { first: 0, last: size - 1 } : range
    response.writeHead(
      range === 'whole' ? 200 : 206,
      withCommonHeaders({
        'content-type': 'application/octet-stream',
        'content-disposition': 'attachment',
        'content-security-policy': "default-src 'none'; sandbox",
        // The content of an id never changes, and only the person who asked may keep it.
        'cache-control': 'private, max-age=31536000, immutable',
        'accept-ranges': 'bytes',
        etag,
        'content-length': String(last - first + 1),
        ...(range !== 'whole' && { 'content-range': `bytes ${first}-${last}/${size}` }),
      }),
    )
    if (request.method === 'HEAD') response.end()
    else await pipeline(createReadStream(path, { start: first, end: last }), response)
  }

  /** The bytes first: a crash in between leaves a row that the next sweep takes away, never bytes without one. */
  const forget = (ids: readonly string[]): void => {
    if (ids.length === 0) return
    for (const id of ids) rmSync(join(directory, id), { force: true })
    syncDirectory(directory)
    records.forget(ids)
  }
  const end = async (request: IncomingMessage, response: ServerResponse, id: string): Promise<void> => {
    const record = records.find(id)
    if (record?.stored && !record.sealed) {
      send(request, response, refusal(405, 'this file stays'))
      return
    }
    if (record?.stored) forget([id])
    send(request, response, record?.stored ? { status: 204, headers: {}, body: '' } : refusal(404, 'no such file'))
  }
  const actions: Readonly<Record<string, typeof get>> = { PUT: put, GET: get, HEAD: get, DELETE: end }

  return {
    sweep(before) {
      forget(records.expired(before))
      records.scrub()
    },
    handle(request, response, id) {
      if (id === SAMPLE_ID && request.method === 'GET') {
        response.setTimeout(STALLED_MS, () => request.socket.destroy())
        response.writeHead(200, sampleHeaders)
        pipeline(samplePieces(), response).catch(() => response.destroy())
        return
      }
      const action = actions[request.method ?? '']
      if (!action || !/^[\w-]{22}$/.test(id)) {
        send(request, response, action ? refusal(404, 'no such file') : refusal(405, 'PUT, GET or DELETE'))
        return
      }
      response.setTimeout(STALLED_MS, () => request.socket.destroy())
      action(request, response, id).catch((error: unknown) => {
        log.info(errorFacts(error), 'media transfer ended early')
        response.destroy()
      })
    },
  }
}

/** Writes exactly `size` bytes to `path`, on disk when it resolves. Rejects on any other length. */
async function receive(request: IncomingMessage, path: string, size: number, signal: AbortSignal): Promise<void> {
  let seen = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length
      done(seen > size ? new Error('longer than announced') : null, chunk)
    },
  })
  const file = await open(path, 'wx', 0o600)
  // `flush` syncs before the stream closes the file.
  await pipeline(request, count, file.createWriteStream({ flush: true }), { signal })
  if (seen !== size) throw new Error('shorter than announced')
}

/** RFC 9110 section 14.2. One range only: a list, or anything malformed, gets the whole file, as the section allows. */
export function parseRange(
  header: string | undefined,
  size: number,
): 'whole' | 'unsatisfiable' | { readonly first: number; readonly last: number } {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (!match) return 'whole'
  const [, from = '', to = ''] = match
  if (from === '' && to === '') return 'whole'
  if (from === '') return Number(to) === 0 ? 'unsatisfiable' : { first: Math.max(0, size - Number(to)), last: size - 1 }
  if (to !== '' && Number(to) < Number(from)) return 'whole'
  if (Number(from) >= size) return 'unsatisfiable'
  return { first: Number(from), last: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}

function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
