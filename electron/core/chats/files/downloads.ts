/** Fetches files that only the relay has, on from where it broke off, a few at a time. What they are is decided by their bytes. */
import { BackendError } from '../../../../shared/contract/errors.ts'
import { errorFacts } from '../../log.ts'
import { createPauses } from '../../pauses.ts'
import type { HttpResponse } from '../../reach/relay-link.ts'
import { SNIFF_BYTES, sniffType } from './sniff.ts'
import { createStallGuard } from './stall.ts'
import type { TransferDeps } from './uploads.ts'

export interface Downloads {
  /** Throws `no-such-message`, `no-such-file`. Asking again for one that failed tries it again. */
  want(messageId: string): void
  poke(): void
  resume(): void
  close(): void
}

type Wanted = { id: string; ord: number; media: string; size: number; have: number }

const AT_ONCE = 2
/** Written in pieces of this size: each is one commit. */
const PIECE = 192 * 1024

export function createDownloads({ ledger, pieces, progress, link, clock, random, log, done }: TransferDeps): Downloads {
  const { store } = ledger
  const closing = new AbortController()
  const running = new Set<string>()
  const pauses = createPauses(clock, random, () => poke())

  const poke = () => {
    if (closing.signal.aborted || !link.online) return
    const wanted = store.all<Wanted>(
      `SELECT id, ord, media, size, have FROM file
       WHERE wanted = 1 AND lost = 0 AND have < size AND media IS NOT NULL AND ord IS NOT NULL ORDER BY ord DESC`,
    )
    for (const file of wanted) {
      if (running.size >= AT_ONCE) return
      if (!running.has(file.id) && !pauses.has(file.id)) void run(file)
    }
  }

  const run = async (file: Wanted) => {
    running.add(file.id)
    progress.set(file.id, file.have)
    try {
      await fetchRest(file)
    } catch (error) {
      if (closing.signal.aborted) return
      log.warn('download broke off', errorFacts(error))
      pauses.start(file.id)
    } finally {
      running.delete(file.id)
      if (!closing.signal.aborted) progress.end(file.id)
    }
    done()
    poke()
  }

  const fetchRest = async (file: Wanted) => {
    const guard = createStallGuard(clock, closing.signal)
    try {
      const headers: Record<string, string> = file.have > 0 ? { range: `bytes=${file.have}-` } : {}
      const response = await link.http({ plane: 'media', method: 'GET', path: `/m/${file.media}`, headers }, guard.signal)
      if (response.status === 404 || response.status === 410 || response.status === 416) {
        response.body.resume()
        return lose(file)
      }
      if (response.status !== 200 && response.status !== 206) {
        response.body.resume()
        return pauses.start(file.id)
      }
      if (response.status === 206 && !response.headers['content-range']?.startsWith(`bytes ${file.have}-`)) {
        response.body.resume()
        // Another piece than was asked for: from the start, then.
        store.transaction(() => pieces.clear(file.id))
        return pauses.start(file.id)
      }
      await take(file, response, guard.moved)
    } finally {
      guard.end()
    }
  }

  const take = async (file: Wanted, response: HttpResponse, moved: () => void) => {
    // Without 206 it is the whole file again (RFC 9110, section 15.3.7).
    if (response.status === 200 && file.have > 0) store.transaction(() => pieces.clear(file.id))
    let have = response.status === 206 ? file.have : 0
    let waiting: Uint8Array[] = []
    let held = 0
    const keep = () => {
      if (held === 0) return
      const bytes = Buffer.concat(waiting)
      waiting = []
      held = 0
      store.transaction(() => pieces.append(file.id, bytes))
    }
    try {
      for await (const chunk of response.body) {
        if (!(chunk instanceof Uint8Array)) throw new Error('a body is bytes')
        moved()
        have += chunk.length
        // More than was announced: not the file of this message.
        if (have > file.size) return lose(file)
        waiting.push(chunk)
        held += chunk.length
        if (held >= PIECE) keep()
        progress.set(file.id, have)
      }
    } finally {
      if (have <= file.size) keep()
    }
    if (have < file.size) return pauses.start(file.id)
    ledger.write(() => {
      store.run('UPDATE file SET type = ? WHERE id = ?', [sniffType(pieces.read(file.id, 0, SNIFF_BYTES)), file.id])
      ledger.touchMessage(file.ord)
    })
    pauses.clear(file.id)
  }

  const lose = (file: Wanted) => {
    ledger.write(() => {
      pieces.clear(file.id)
      store.run('UPDATE file SET lost = 1 WHERE id = ?', [file.id])
      ledger.touchMessage(file.ord)
    })
  }

  return {
    want(messageId) {
      const row = ledger.row({ id: messageId })
      if (row.file_id === null || row.media === null) throw new BackendError('no-such-file')
      const { file_id } = row
      ledger.write(() => {
        store.run('UPDATE file SET wanted = 1, lost = 0 WHERE id = ?', [file_id])
        ledger.touchMessage(row.ord)
      })
      pauses.clear(file_id)
      poke()
    },
    poke,
    resume() {
      pauses.clearAll()
      poke()
    },
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}
