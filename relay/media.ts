/**
 * The media plane: PUT with a token, whole or in pieces, GET as often as wanted by anyone who knows the id. Bytes are opaque here: never
 * looked into, never given a type a browser would act on. A sealed file does not stay: DELETE by who knows its id, or its time.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SAMPLE_BYTES } from '../shared/protocol/sample.ts'
import type { Clock } from '../shared/util/clock.ts'
import { syncDirectory } from './files.ts'
import { refusal, send, withCommonHeaders } from './http.ts'
import { errorFacts, type Log } from './log.ts'
import { createUploads, TOKEN_VALID_MS } from './media-uploads.ts'
import type { MediaRecords } from './store/media-records.ts'

export const MEDIA_PATH = '/m/'
/** Without a byte for this long, a transfer is over. */
const STALLED_MS = 60_000

/** To measure a way with (shared/protocol/sample.ts). Random, so that nobody on the way makes it smaller. */
const SAMPLE_ID = 'sample'
const sample = randomBytes(SAMPLE_BYTES)
/** Each written by itself: whoever measures sees it come piece by piece, and where it stops. */
async function* samplePieces(first: number, last: number): AsyncGenerator<Buffer> {
  const piece = 2048
  for (let at = first; at <= last; at += piece) {
    yield sample.subarray(at, Math.min(at + piece, last + 1))
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
  /** Forgets sealed files stored before this time, some at a time, bytes and all; and pieces that nobody may go on with. */
  sweep(before: number): void
}

export function createMedia({ directory, records, clock, log }: MediaParts): Media {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  records.dropUnused(clock.now() - TOKEN_VALID_MS)
  // Uploads that a crash cut off; their senders will ask again.
  for (const name of readdirSync(directory)) if (!records.find(name)) rmSync(join(directory, name), { recursive: true })
  const uploads = createUploads({ directory, records, clock })

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
  const actions: Readonly<Record<string, typeof get>> = { PUT: uploads.put, GET: get, HEAD: get, DELETE: end }

  return {
    sweep(before) {
      forget(records.expired(before))
      records.scrub()
      uploads.sweep()
    },
    handle(request, response, id) {
      if (id === SAMPLE_ID && request.method === 'GET') {
        response.setTimeout(STALLED_MS, () => request.socket.destroy())
        serveSample(request, response)
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

function serveSample(request: IncomingMessage, response: ServerResponse): void {
  const range = parseRange(request.headers.range, SAMPLE_BYTES)
  const { first, last } = typeof range === 'string' ? { first: 0, last: SAMPLE_BYTES - 1 } : range
  const isPart = typeof range !== 'string'
  const headers = withCommonHeaders({
    'content-type': 'application/octet-stream',
    'content-length': String(last - first + 1),
    ...(isPart && { 'content-range': `bytes ${first}-${last}/${SAMPLE_BYTES}` }),
  })
  response.writeHead(isPart ? 206 : 200, headers)
  pipeline(samplePieces(first, last), response).catch(() => response.destroy())
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
