/** Secret chats put together: what the calls of the contract ask of them, fed by one relay link. Knows nothing of routes. */
import type { ChatSummary, Message } from '../../../shared/contract/chat.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { AtRelay, Safety } from '../../../shared/contract/secret.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { createProgress } from '../chats/files/progress.ts'
import type { Owner } from '../chats/ledger.ts'
import type { Emit } from '../emit.ts'
import type { Log } from '../log.ts'
import type { Identity, RelayLink } from '../reach/relay-link.ts'
import type { Store } from '../store/store.ts'
import type { Witness } from '../store/witness.ts'
import { createAsking } from './asking.ts'
import { createBook, type SecretBook, secretIdOf } from './book.ts'
import { createComparer } from './comparing.ts'
import { createDeadlineClock } from './deadline-clock.ts'
import { createSecretFiles, type SecretFiles } from './files/index.ts'
import { createGaps } from './gaps.ts'
import { createGeneration } from './generation.ts'
import { createIncoming } from './incoming.ts'
import { createItems } from './items.ts'
import { createMail } from './mail.ts'
import { createPostbox, type Postbox } from './postbox.ts'
import { createPrekeyKeeper } from './prekey-keeper.ts'
import { createReceipts } from './receipts.ts'
import { createRemoving, type Removing } from './removing.ts'
import { createRepeating } from './repeating.ts'
import { createResetting } from './resetting.ts'
import { selectSecretMessages } from './rows.ts'
import { createSessions } from './sessions.ts'
import { createThreads, type Threads } from './threads.ts'
import { createVanishing } from './vanish.ts'
import { createWriting, type Writing } from './writing.ts'

export interface SecretDeps {
  readonly store: Store
  readonly witness: Witness
  readonly owner: Owner
  readonly identity: Identity
  readonly link: RelayLink
  readonly emit: Emit
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Makes sure that this person is a contact. False when the relay names another key than the one we have. */
  met(handle: string, key: string): boolean
  readingShown(): boolean
}

export interface Secret extends Writing, Pick<Threads, 'accept' | 'decline' | 'acceptKeys' | 'end' | 'setTimer'>, Pick<Removing, 'remove'> {
  readonly files: SecretFiles
  chats(): ChatSummary[]
  summary(chatId: string): ChatSummary
  start(handle: string): ChatSummary
  seen(chatId: string, ids: readonly string[]): void
  viewed(chatId: string, id: string): void
  safety(chatId: string): Safety
  compare(chatId: string): void
  compared(chatId: string, same: boolean): void
  atRelay(chatId: string): AtRelay
  search(words: readonly string[], chatId?: string): Message[]
  close(): void
}

const MOST_RESULTS = 100

/** What was due while the app was closed is gone when this returns, before any screen can ask. */
export function createSecret({ store, witness, owner, identity, link, emit, clock, random, log, met, readingShown }: SecretDeps): Secret {
  const deadlines = createDeadlineClock(store.values, clock)
  const generation = createGeneration({ values: store.values, witness, clock, log })
  const sessions = createSessions(store, clock, log)
  const keeper = createPrekeyKeeper({ store, identity, link, clock, random, log })
  let scrubbing: Timer | null = null
  /** After the transaction that removed something: within it the log cannot be emptied. */
  const scrub = () => {
    scrubbing ??= clock.after(0, () => {
      scrubbing = null
      store.scrub()
    })
  }
  const comparer = createComparer({
    book: (): SecretBook => book,
    sessions,
    postbox: (): Postbox => postbox,
    random,
    device: keeper.device,
  })
  const progress = createProgress(clock, (fileId) => {
    const row = store.get<{ ord: number | null }>('SELECT ord FROM secret_file WHERE id = ?', [fileId])
    if (row && row.ord !== null) emit('message.changed', book.message(book.row({ ord: row.ord })))
  })
  const repeating = createRepeating({ book: (): SecretBook => book, postbox: (): Postbox => postbox, clock, deadlines })
  const receipts = createReceipts({ book: (): SecretBook => book, postbox: (): Postbox => postbox, clock })
  const book = createBook({ store, owner, emit, clock, random, comparing: comparer.view, moving: progress, forgot: repeating.forgot })
  const threads = createThreads({
    book,
    sessions,
    postbox: (): Postbox => postbox,
    repeating,
    receipts,
    comparingOver: comparer.finish,
    scrub,
  })
  const postbox = createPostbox({
    book,
    sessions,
    link,
    clock,
    random,
    log,
    repeating,
    sealed: generation.used,
    nobodyHears: () => resetting.soon(),
    deviceGone: threads.deviceGone,
  })
  const vanishing = createVanishing({ book, postbox, receipts, clock, deadlines, readingShown })
  const asking = createAsking({ book, sessions, postbox, link, clock, random, log, device: keeper.device })
  const writing = createWriting({ book, postbox, clock, random, deadlines, written: () => written() })
  const files = createSecretFiles({ book, postbox, writing, progress, link, clock, random, log, scrub })
  const written = () => {
    vanishing.plan()
    files.poke()
  }
  const resetting = createResetting({
    book,
    threads,
    link,
    clock,
    deadlines,
    random,
    log,
    device: keeper.device,
    renewed() {
      postbox.poke()
      written()
    },
  })
  const removing = createRemoving({ book, postbox, repeating, scrub })
  const gaps = createGaps({ book, postbox, clock, deadlines })
  const take = createItems({ book, threads, comparer, vanishing, repeating, receipts, removing, gaps, files, clock })
  const receive = createIncoming({ book, sessions, threads, postbox, keeper, resetting, receipts, gaps, take, clock, log, met })
  const mail = createMail({
    link,
    receive,
    clock,
    random,
    log,
    received() {
      postbox.poke()
      asking.poke()
      keeper.poke()
      written()
    },
  })

  // Before anything can be sealed with keys that were used already.
  if (generation.isOlder) book.write(threads.wentBack)
  generation.begin()
  vanishing.sweep()
  gaps.plan()

  const undo = [
    link.onOnline(({ sealed }) => {
      book.write(() => {
        sessions.prune()
        // What was to be told when the program ended.
        for (const { id } of book.chats()) receipts.tell(id, 'kept', [])
      })
      mail.began(sealed)
      postbox.resume()
      asking.resume()
      resetting.resume()
      keeper.resume()
      files.resume()
      vanishing.sweep()
    }),
    link.onOffline(mail.ended),
    link.onSealed(mail.pushed),
  ]

  return {
    ...writing,
    files,
    chats: book.chats,
    summary: book.summary,
    start(handle) {
      const chatId = secretIdOf(handle)
      threads.start(chatId, handle)
      asking.poke()
      return book.summary(chatId)
    },
    accept(chatId) {
      threads.accept(chatId)
      files.poke()
    },
    decline: threads.decline,
    acceptKeys(chatId) {
      threads.acceptKeys(chatId)
      files.poke()
    },
    end: threads.end,
    setTimer: threads.setTimer,
    remove: removing.remove,
    seen: vanishing.seen,
    viewed: vanishing.viewed,
    safety: comparer.safety,
    compare: comparer.compare,
    compared(chatId, same) {
      const { state } = book.chat(chatId)
      if (state !== 'secured' && state !== 'changed') throw new BackendError('refused', 'nobody to compare with yet')
      book.write(() => {
        comparer.finish(chatId)
        book.setChat(chatId, { compared: same ? clock.now() : null })
        book.notice(chatId, { code: same ? 'compared' : 'compare-failed' }, 'me')
      })
      // Who has compared has also looked at the new keys.
      if (same && state === 'changed') threads.acceptKeys(chatId)
    },
    atRelay(chatId) {
      book.chat(chatId)
      const row = selectSecretMessages(store, 'WHERE m.chat_id = ? AND m.packet_bytes IS NOT NULL ORDER BY m.ord DESC LIMIT 1', [chatId])[0]
      if (!row?.packet_head) return null
      const head = Buffer.from(row.packet_head).toString('hex')
      return { kind: 'secret', bytes: row.packet_bytes ?? 0, head, at: row.at, mine: row.mine === 1 }
    },
    search(words, chatId) {
      if (chatId !== undefined) book.chat(chatId)
      const conditions = words.map(() => "m.text LIKE ? ESCAPE '\\'")
      const params = words.map((word) => `%${word.replace(/[\\%_]/gu, '\\$&')}%`)
      const where = [
        "m.kind <> 'notice'",
        "m.chat_id NOT IN (SELECT id FROM secret_chat WHERE state = 'asked')",
        ...conditions,
        ...(chatId === undefined ? [] : ['m.chat_id = ?']),
      ]
      const rows = selectSecretMessages(store, `WHERE ${where.join(' AND ')} ORDER BY m.at DESC LIMIT ?`, [
        ...params,
        ...(chatId === undefined ? [] : [chatId]),
        MOST_RESULTS,
      ])
      return rows.map(book.message)
    },
    close() {
      for (const stop of undo) stop()
      mail.ended()
      for (const part of [postbox, asking, resetting, gaps, receipts, generation, keeper, vanishing, files]) part.close()
      scrubbing?.cancel()
    },
  }
}
