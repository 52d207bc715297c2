/**
 * Brings our own files to the relay, so that the message that names them can be sent. What broke off goes on where it was; only a
 * program or a relay that was started anew begins from the start, with leave asked for anew.
 */
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { errorFacts, type Log } from '../../log.ts'
import { createPauses } from '../../pauses.ts'
import type { RelayLink } from '../../reach/relay-link.ts'
import type { FileHost, FileRow } from './host.ts'
import type { Progress } from './progress.ts'
import { createSending, type Outcome, type Sending } from './sending.ts'

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
/** After a connection that brought nothing on; one that did is followed by the next at once. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 30_000

export function createUploads({ host, progress, link, clock, random, log, done }: TransferDeps): Uploads {
  const { store, table } = host
  const closing = new AbortController()
  const running = new Set<number>()
  // Whoever needs it asks again.
  const pauses = createPauses(clock, random, done)

  /** Of this run of the program: a file goes on by whatever connection there is. */
  const sendings = new Map<number, Sending>()
  const fruitless = new Map<number, number>()

  /** Leave for a file that has none yet; `null` where there is none now. */
  const begin = async (ord: number, file: FileRow): Promise<Sending | 'too-large' | null> => {
    const parcel = host.wrap(file)
    const { size, sealed } = parcel
    const grant = await link.request('media.grant', { size, ...(sealed && { sealed }) }, closing.signal)
    if (grant.ok) return createSending(parcel, grant, clock, (at) => progress.set(file.id, at))
    if (grant.code === 'too-large') return 'too-large'
    pauses.start(String(ord), grant.retryMs)
    return null
  }
  const goOn = async (ord: number, sending: Sending): Promise<Outcome> => {
    try {
      return await sending.go(link, closing.signal)
    } finally {
      if (sending.hasMoved()) fruitless.delete(ord)
    }
  }
  const pause = (ord: number) => {
    const tries = fruitless.get(ord) ?? 0
    fruitless.set(ord, tries + 1)
    pauses.start(String(ord), Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries))
  }
  const forget = (ord: number) => {
    sendings.delete(ord)
    fruitless.delete(ord)
  }

  /** Best effort: the relay forgets what is sealed in time by itself. */
  const remove = (media: string) =>
    link.http({ plane: 'media', method: 'DELETE', path: `/m/${media}`, headers: {} }, closing.signal).then(
      ({ body }) => void body.resume(),
      (error: unknown) => log.warn('not removed at the relay', errorFacts(error)),
    )

  const run = async (ord: number) => {
    if (running.has(ord) || pauses.has(String(ord)) || closing.signal.aborted || !link.online) return
    const file = store.get<FileRow & { media: string | null }>(
      `SELECT id, ord, chat_id AS chatId, size, media FROM ${table} WHERE ord = ?`,
      [ord],
    )
    if (!file || file.media !== null) return forget(ord)
    running.add(ord)
    try {
      const sending = sendings.get(ord) ?? (await begin(ord, file))
      if (sending === 'too-large') host.write(() => host.tooLarge(ord, file.chatId))
      else if (sending) await settle(ord, file, sending)
    } catch (error) {
      if (!closing.signal.aborted) {
        log.warn('upload broke off', errorFacts(error))
        pause(ord)
      }
    } finally {
      running.delete(ord)
      if (!closing.signal.aborted) progress.end(file.id)
    }
    if (!closing.signal.aborted) done()
  }
  const settle = async (ord: number, file: FileRow, sending: Sending) => {
    sendings.set(ord, sending)
    const outcome = await goOn(ord, sending)
    if (outcome === 'later') return pause(ord)
    if (outcome === 'gone') {
      sendings.delete(ord)
      return pause(ord)
    }
    forget(ord)
    host.write(() => {
      if (outcome === 'too-large') return host.tooLarge(ord, file.chatId)
      // It may have been removed meanwhile.
      if (store.run(`UPDATE ${table} SET media = ?, uploads = uploads + 1 WHERE id = ?`, [sending.media, file.id]) === 0) {
        if (sending.parcel.sealed) void remove(sending.media)
        return
      }
      sending.parcel.arrived(sending.media)
      host.touchMessage(ord)
    })
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
    resume() {
      fruitless.clear()
      pauses.clearAll()
    },
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}
