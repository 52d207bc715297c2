/** Fetches files that only the relay has, on from where it broke off, a few at a time. What they are is decided by their bytes. */
import { BackendError } from '../../../../shared/contract/errors.ts'
import { errorFacts } from '../../log.ts'
import { createPauses } from '../../pauses.ts'
import type { HttpResponse } from '../../reach/relay-link.ts'
import { ANOTHER_FILE, NOT_AT_RELAY } from '../rows.ts'
import type { FileRow } from './host.ts'
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

/** `have` of `total` bytes have come from the relay. */
type Wanted = FileRow & { readonly media: string; readonly have: number; readonly total: number }

const AT_ONCE = 2
/** After a connection that brought something: on at once by the next. */
const SOON_MS = 100
/** Written in pieces of this size: each is one commit. */
const PIECE = 192 * 1024

export function createDownloads({ host, progress, link, clock, random, log, done }: TransferDeps): Downloads {
  const { store, table, incoming } = host
  const closing = new AbortController()
  const running = new Set<string>()
  const pauses = createPauses(clock, random, () => poke())

  const poke = () => {
    if (closing.signal.aborted || !link.online) return
    const wanted = store.all<Omit<Wanted, 'total'>>(
      `SELECT id, ord, chat_id AS chatId, size, media, ${incoming.counted} AS have FROM ${table}
       WHERE wanted = 1 AND lost = 0 AND type = '' AND media IS NOT NULL AND ord IS NOT NULL ORDER BY ord DESC`,
    )
    for (const file of wanted) {
      if (running.size >= AT_ONCE) return
      if (!running.has(file.id) && !pauses.has(file.id) && host.mayFetch(file.chatId)) {
        void run({ ...file, total: host.incomingSize(file.size) })
      }
    }
  }

  const here = (id: string) => store.get<{ have: number }>(`SELECT ${incoming.counted} AS have FROM ${table} WHERE id = ?`, [id])?.have ?? 0
  /** Longer each time where nothing comes. */
  const pause = ({ id, have }: Wanted) => {
    if (here(id) <= have) return pauses.start(id)
    pauses.clear(id)
    pauses.start(id, SOON_MS)
  }

  const run = async (file: Wanted) => {
    running.add(file.id)
    progress.set(file.id, file.have)
    try {
      if (file.have === file.total || (await fetchRest(file))) complete(file)
    } catch (error) {
      if (closing.signal.aborted) return
      log.warn('download broke off', errorFacts(error))
      pause(file)
    } finally {
      running.delete(file.id)
      if (!closing.signal.aborted) progress.end(file.id)
    }
    done()
    poke()
  }

  /** True when all of it is here. */
  const fetchRest = async (file: Wanted): Promise<boolean> => {
    const guard = createStallGuard(clock, closing.signal)
    try {
      const headers: Record<string, string> = file.have > 0 ? { range: `bytes=${file.have}-` } : {}
      const response = await link.http({ plane: 'media', method: 'GET', path: `/m/${file.media}`, headers }, guard.signal)
      const { status } = response
      const whole = status === 200 || status === 206 ? announced(response) : null
      if (status === 404 || status === 410) {
        response.body.resume()
        lose(file, NOT_AT_RELAY)
        return false
      }
      // Of another size than announced: not the file of this message.
      if (status === 416 || (whole !== null && whole !== file.total)) {
        if (status === 416) response.body.resume()
        else response.body.destroy()
        lose(file)
        return false
      }
      if (status !== 200 && status !== 206) {
        response.body.resume()
        pauses.start(file.id)
        return false
      }
      if (status === 206 && !response.headers['content-range']?.startsWith(`bytes ${file.have}-`)) {
        response.body.resume()
        // Another piece than was asked for: from the start, then.
        store.transaction(() => incoming.clear(file.id))
        pauses.start(file.id)
        return false
      }
      return await take(file, response, guard.moved)
    } finally {
      guard.end()
    }
  }

  const take = async (file: Wanted, response: HttpResponse, moved: () => void): Promise<boolean> => {
    // Without 206 it is the whole file again (RFC 9110, section 15.3.7).
    if (response.status === 200 && file.have > 0) store.transaction(() => incoming.clear(file.id))
    let have = response.status === 206 ? file.have : 0
    let waiting: Uint8Array[] = []
    let held = 0
    const keep = () => {
      if (held === 0) return
      const bytes = Buffer.concat(waiting)
      waiting = []
      held = 0
      store.transaction(() => incoming.append(file.id, bytes))
    }
    try {
      for await (const chunk of response.body) {
        if (!(chunk instanceof Uint8Array)) throw new Error('a body is bytes')
        moved()
        have += chunk.length
        // More than was announced: not the file of this message.
        if (have > file.total) {
          lose(file)
          return false
        }
        waiting.push(chunk)
        held += chunk.length
        if (held >= PIECE) keep()
        progress.set(file.id, have)
      }
    } finally {
      if (have <= file.total) keep()
    }
    if (have < file.total) pause(file)
    return have === file.total
  }

  const complete = (file: Wanted) => {
    const isIt = host.write(() => {
      if (!host.unwrap(file)) return false
      store.run(`UPDATE ${table} SET type = ? WHERE id = ?`, [sniffType(host.pieces.read(file.id, 0, SNIFF_BYTES)), file.id])
      host.touchMessage(file.ord)
      return true
    })
    if (!isIt) lose(file)
    pauses.clear(file.id)
  }

  const lose = (file: Wanted, why = ANOTHER_FILE) => {
    host.write(() => {
      incoming.clear(file.id)
      store.run(`UPDATE ${table} SET lost = ? WHERE id = ?`, [why, file.id])
      host.touchMessage(file.ord)
    })
  }

  return {
    want(messageId) {
      if (!host.has(messageId)) throw new BackendError('no-such-message')
      const file = store.get<{ id: string; ord: number; media: string | null }>(
        `SELECT id, ord, media FROM ${table} WHERE message_id = ?`,
        [messageId],
      )
      if (!file || file.media === null) throw new BackendError('no-such-file')
      host.write(() => {
        store.run(`UPDATE ${table} SET wanted = 1, lost = 0 WHERE id = ?`, [file.id])
        host.touchMessage(file.ord)
      })
      pauses.clear(file.id)
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

/** How many bytes the relay has of it; `null` where it does not say. */
function announced({ status, headers }: HttpResponse): number | null {
  const text = status === 206 ? /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length']
  return text === undefined || !/^\d+$/.test(text) ? null : Number(text)
}
