/**
 * Files on their way to the media plane: whole in one request, or in pieces that may come by different connections. What arrived
 * of a piece that broke off is kept, and the next is told where to go on; nobody can read any of it before all of it is here.
 */
import { timingSafeEqual } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { addAbortSignal } from 'node:stream'
import type { Clock } from '../shared/util/clock.ts'
import { syncDirectory } from './files.ts'
import { type Reply, refusal, send } from './http.ts'
import { hashToken } from './requests.ts'
import type { MediaRecord, MediaRecords } from './store/media-records.ts'

/** Since the leave was given, or since the last piece came. */
export const TOKEN_VALID_MS = 10 * 60_000

export interface UploadParts {
  readonly directory: string
  readonly records: MediaRecords
  readonly clock: Clock
}

export interface Uploads {
  /** Rejects when the upload ends early; the response is then unanswered. */
  put(request: IncomingMessage, response: ServerResponse, id: string): Promise<void>
  /** Forgets pieces of files that nobody may go on with. */
  sweep(): void
}

/** What is here of one file. */
interface Part {
  have: number
  /** When the last of it came. */
  at: number
  /** Ends the request that adds to it. */
  stop: AbortController | null
  /** Resolves when that has ended. */
  ended: Promise<void>
}
type Range = { readonly first: number; readonly length: number; readonly isWhole: boolean }

export function createUploads({ directory, records, clock }: UploadParts): Uploads {
  const parts = new Map<string, Part>()
  const partPath = (id: string) => join(directory, `${id}.part`)

  const judge = (request: IncomingMessage, id: string): Reply | null => {
    const record = records.find(id)
    const token = /^Bearer ([\w-]{43})$/.exec(request.headers.authorization ?? '')?.[1]
    if (!record || token === undefined || !sameHash(hashToken(token), record.tokenHash)) return refusal(401, 'no leave')
    if (record.stored) return offset(409, record.size)
    if (clock.now() - Math.max(record.grantedAt, parts.get(id)?.at ?? 0) > TOKEN_VALID_MS) return refusal(401, 'leave has expired')
    if (request.headers['content-length'] === undefined) return refusal(411, 'length required')
    return rangeOf(request, record) ? null : refusal(413, 'not the size that was asked for')
  }

  const put = async (request: IncomingMessage, response: ServerResponse, id: string): Promise<void> => {
    const refused = judge(request, id)
    if (refused) return send(request, response, refused)
    const part = parts.get(id) ?? { have: 0, at: clock.now(), stop: null, ended: Promise.resolve() }
    parts.set(id, part)
    // Whoever has the token and comes again has given up on the connection before, even if it does not look closed from here.
    const before = part.ended
    part.stop?.abort()
    const own = new AbortController()
    part.stop = own
    addAbortSignal(own.signal, request)
    const work = before.then(() => add(request, response, id, part, own.signal))
    part.ended = work.catch(() => {})
    try {
      await work
    } finally {
      if (part.stop === own) part.stop = null
    }
  }

  const add = async (request: IncomingMessage, response: ServerResponse, id: string, part: Part, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    // It may have been completed meanwhile.
    const record = records.find(id)
    const range = record && !record.stored ? rangeOf(request, record) : null
    if (!record || !range) return send(request, response, offset(409, record?.size ?? 0))
    if (range.isWhole) part.have = 0
    if (range.first > part.have) return send(request, response, offset(409, part.have))
    const file = await open(partPath(id), part.have === 0 ? 'w' : 'r+', 0o600)
    try {
      await write(file, request, range, part)
      if (part.have === record.size) await file.sync()
    } catch (error) {
      if (range.isWhole) {
        part.have = 0
        await rm(partPath(id), { force: true })
      }
      throw error
    } finally {
      await file.close()
    }
    if (part.have < record.size) return send(request, response, offset(202, part.have))
    renameSync(partPath(id), join(directory, id))
    syncDirectory(directory)
    records.markStored(id, clock.now())
    parts.delete(id)
    send(request, response, { status: 201, headers: {}, body: '' })
  }

  /** Behind what is here; what is here already is passed over. */
  const write = async (file: FileHandle, request: IncomingMessage, { first, length }: Range, part: Part): Promise<void> => {
    let at = first
    for await (const chunk of request) {
      if (!(chunk instanceof Uint8Array)) throw new Error('a body is bytes')
      let fresh = chunk.subarray(Math.max(0, part.have - at))
      at += chunk.length
      while (fresh.length > 0) {
        const { bytesWritten } = await file.write(fresh, 0, fresh.length, part.have)
        part.have += bytesWritten
        part.at = clock.now()
        fresh = fresh.subarray(bytesWritten)
      }
    }
    if (at !== first + length) throw new Error('shorter than announced')
  }

  return {
    put,
    sweep() {
      for (const [id, { at, stop }] of parts) {
        if (stop || clock.now() - at <= TOKEN_VALID_MS) continue
        parts.delete(id)
        rmSync(partPath(id), { force: true })
      }
    },
  }
}

/** How much of the file is here: where to go on. */
function offset(status: 202 | 409, have: number): Reply {
  return { status, headers: { 'upload-offset': String(have) }, body: '' }
}

/** What a request brings: all of the file, or what `content-range` says (RFC 9110 section 14.4); `null` where that is not of this file. */
function rangeOf({ headers }: IncomingMessage, { size }: MediaRecord): Range | null {
  const length = Number(headers['content-length'])
  const text = headers['content-range']
  if (text === undefined) return length === size ? { first: 0, length, isWhole: true } : null
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(text)
  const [first, last, whole] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])]
  return match && whole === size && last < size && length > 0 && last - first + 1 === length ? { first, length, isWhole: false } : null
}

function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
