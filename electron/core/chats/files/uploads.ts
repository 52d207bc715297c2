/**
 * Brings our own files to the relay, so that the message that names them can be sent. Begun again from the start after
 * anything that broke it; the leave to upload is good once and asked for anew each time.
 */
import { Readable } from 'node:stream'
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { errorFacts, type Log } from '../../log.ts'
import { createPauses } from '../../pauses.ts'
import type { RelayLink } from '../../reach/relay-link.ts'
import type { FileHost, FileRow, Parcel } from './host.ts'
import type { Progress } from './progress.ts'
import { createStallGuard } from './stall.ts'

export interface Uploads {
  /** Brings the file of this message there; `done` is called when what waits for it may go on. Harmless while it runs. */
  start(ord: number): void
  /** The relay no longer has it. False when it was brought there often enough. */
  again(ord: number): boolean
  resume(): void
  close(): void
}

export interface TransferDeps {
  readonly host: FileHost
  readonly progress: Progress
  readonly link: RelayLink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The state of this message's file changed for good: it arrived there, or here, or failed. */
  done(): void
}

const MOST_UPLOADS = 3

export function createUploads({ host, progress, link, clock, random, log, done }: TransferDeps): Uploads {
  const { store, table } = host
  const closing = new AbortController()
  const running = new Set<number>()
  // Whoever needs it asks again.
  const pauses = createPauses(clock, random, done)

  const put = async (ord: number, fileId: string, { size, sealed, pieces }: Parcel): Promise<{ media: string } | 'later' | 'too-large'> => {
    const grant = await link.request('media.grant', { size, ...(sealed && { sealed }) }, closing.signal)
    if (!grant.ok) {
      if (grant.code === 'too-large') return 'too-large'
      pauses.start(String(ord), grant.retryMs)
      return 'later'
    }
    const guard = createStallGuard(clock, closing.signal)
    try {
      const body = function* () {
        let at = 0
        for (const piece of pieces) {
          guard.moved()
          progress.set(fileId, at)
          yield piece
          at += piece.length
        }
        progress.set(fileId, at)
      }
      const headers = { authorization: `Bearer ${grant.token}`, 'content-type': 'application/octet-stream', 'content-length': String(size) }
      const response = await link.http(
        { plane: 'media', method: 'PUT', path: `/m/${grant.media}`, headers, body: Readable.from(body(), { objectMode: false }) },
        guard.signal,
      )
      // Read to its end, or the connection is never given back.
      response.body.resume()
      if (response.status === 413) return 'too-large'
      if (response.status < 200 || response.status > 299) {
        pauses.start(String(ord))
        return 'later'
      }
      return { media: grant.media }
    } finally {
      guard.end()
    }
  }

  const run = async (ord: number) => {
    if (running.has(ord) || pauses.has(String(ord)) || closing.signal.aborted || !link.online) return
    const file = store.get<FileRow & { media: string | null }>(
      `SELECT id, ord, chat_id AS chatId, size, media FROM ${table} WHERE ord = ?`,
      [ord],
    )
    if (!file || file.media !== null) return
    running.add(ord)
    progress.set(file.id, 0)
    try {
      const parcel = host.wrap(file)
      const outcome = await put(ord, file.id, parcel)
      if (outcome === 'too-large') host.write(() => host.tooLarge(ord, file.chatId))
      else if (outcome !== 'later') {
        host.write(() => {
          // It may have been removed meanwhile.
          if (store.run(`UPDATE ${table} SET media = ?, uploads = uploads + 1 WHERE id = ?`, [outcome.media, file.id]) === 0) return
          parcel.arrived(outcome.media)
          host.touchMessage(ord)
        })
      }
    } catch (error) {
      if (!closing.signal.aborted) {
        log.warn('upload broke off', errorFacts(error))
        pauses.start(String(ord))
      }
    } finally {
      running.delete(ord)
      if (!closing.signal.aborted) progress.end(file.id)
    }
    if (!closing.signal.aborted) done()
  }

  return {
    start: (ord) => void run(ord),
    again(ord) {
      const uploads = store.get<{ uploads: number }>(`SELECT uploads FROM ${table} WHERE ord = ?`, [ord])?.uploads ?? MOST_UPLOADS
      if (uploads >= MOST_UPLOADS) return false
      host.write(() => {
        store.run(`UPDATE ${table} SET media = NULL WHERE ord = ?`, [ord])
        host.touchMessage(ord)
      })
      return true
    },
    resume: () => pauses.clearAll(),
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}
