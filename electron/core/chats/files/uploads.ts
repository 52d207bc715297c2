/**
 * Brings our own files to the relay, so that the outbox can send the message that names them. Begun again from the start
 * after anything that broke it; the leave to upload is good once and asked for anew each time.
 */
import { Readable } from 'node:stream'
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { errorFacts, type Log } from '../../log.ts'
import { createPauses } from '../../pauses.ts'
import type { RelayLink } from '../../reach/relay-link.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageRow } from '../rows.ts'
import type { Pieces } from './pieces.ts'
import type { Progress } from './progress.ts'
import { createStallGuard } from './stall.ts'

export interface Uploads {
  /** Brings the file of this message there; `done` is called when the outbox may go on. Harmless while it runs. */
  start(ord: number): void
  /** The relay no longer has it. False when it was brought there often enough. */
  again(ord: number): boolean
  resume(): void
  close(): void
}

export interface TransferDeps {
  readonly ledger: Ledger
  readonly pieces: Pieces
  readonly progress: Progress
  readonly link: RelayLink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The state of this message's file changed for good: it arrived there, or here, or failed. */
  done(): void
}

const PIECE = 64 * 1024
const MOST_UPLOADS = 3

export function createUploads({ ledger, pieces, progress, link, clock, random, log, done }: TransferDeps): Uploads {
  const { store } = ledger
  const closing = new AbortController()
  const running = new Set<number>()
  // The outbox asks again for what it needs.
  const pauses = createPauses(clock, random, done)

  const put = async (row: MessageRow, fileId: string, size: number): Promise<'there' | 'later' | 'too-large'> => {
    const grant = await link.request('media.grant', { size }, closing.signal)
    if (!grant.ok) {
      if (grant.code === 'too-large') return 'too-large'
      pauses.start(String(row.ord), grant.retryMs)
      return 'later'
    }
    const guard = createStallGuard(clock, closing.signal)
    try {
      const body = function* () {
        for (let at = 0; at < size; at += PIECE) {
          guard.moved()
          progress.set(fileId, at)
          yield pieces.read(fileId, at, PIECE)
        }
        progress.set(fileId, size)
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
        pauses.start(String(row.ord))
        return 'later'
      }
      store.run('UPDATE file SET media = ?, uploads = uploads + 1 WHERE id = ?', [grant.media, fileId])
      return 'there'
    } finally {
      guard.end()
    }
  }

  const run = async (ord: number) => {
    if (running.has(ord) || pauses.has(String(ord)) || closing.signal.aborted || !link.online) return
    const row = ledger.row({ ord })
    if (row.file_id === null || row.size === null || row.media !== null) return
    running.add(ord)
    progress.set(row.file_id, 0)
    try {
      const outcome = await put(row, row.file_id, row.size)
      if (outcome === 'too-large') {
        ledger.write(() => {
          store.run("UPDATE message SET failure = 'too-large' WHERE ord = ?", [ord])
          ledger.touchMessage(ord)
          ledger.touchChat(row.chat_id)
        })
      } else if (outcome === 'there') ledger.write(() => ledger.touchMessage(ord))
    } catch (error) {
      if (!closing.signal.aborted) {
        log.warn('upload broke off', errorFacts(error))
        pauses.start(String(ord))
      }
    } finally {
      running.delete(ord)
      if (!closing.signal.aborted) progress.end(row.file_id)
    }
    if (!closing.signal.aborted) done()
  }

  return {
    start: (ord) => void run(ord),
    again(ord) {
      const uploads = store.get<{ uploads: number }>('SELECT uploads FROM file WHERE ord = ?', [ord])?.uploads ?? MOST_UPLOADS
      if (uploads >= MOST_UPLOADS) return false
      ledger.write(() => {
        store.run('UPDATE file SET media = NULL WHERE ord = ?', [ord])
        ledger.touchMessage(ord)
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
