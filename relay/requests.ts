/** Answers the requests of a session that has proved itself. Every payload is checked; nothing a client sends may throw. */
import { createHash, randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { type RefusalCode, type RequestInput, type RequestName, requests, STREAM_PAGE } from '../shared/protocol/relay.ts'
import type { Clock } from '../shared/util/clock.ts'
import type { CommitQueue } from './commit-queue.ts'
import { type Answer, findRecipient, type Handler, notKept, refusal } from './handler.ts'
import type { Session } from './presence.ts'
import type { RateLimiter } from './rate-limit.ts'
import { createSecretHandlers, SealedInput, sealedTurn } from './secret-requests.ts'
import type { Entry, Written } from './store/journal.ts'
import type { MailEntry, MailWritten } from './store/mailbox.ts'
import type { Store } from './store/store.ts'
import type { Message } from './turns.ts'

/** A page of the stream stops at this size, so that one flight stays small on a bad line. */
export const PAGE_BYTES = 262_144

/** What a request weighs against the device's rate: about what it costs the relay. */
const costs: Readonly<Record<RequestName, number>> = {
  'message.send': 1,
  'receipt.set': 1,
  'stream.read': 10,
  'media.grant': 20,
  'link.publish': 50,
  'account.holdings': 500,
  'prekeys.publish': 50,
  'prekeys.left': 2,
  'prekeys.take': 20,
  'sealed.send': 1,
  'sealed.read': 10,
  'sealed.done': 1,
  'session.take': 10,
  echo: 1,
}

export interface RequestParts {
  readonly store: Store
  readonly queue: CommitQueue<Entry, Written>
  readonly mail: CommitQueue<MailEntry, MailWritten>
  readonly limiter: RateLimiter
  readonly clock: Clock
  readonly onBug: (request: RequestName, error: unknown) => void
}

export interface Requests {
  readonly names: readonly RequestName[]
  /** Answers exactly once. */
  handle(name: RequestName, session: Session, input: unknown, answer: (output: unknown) => void): void
}

// The key is compared with the one on record, which is well-formed; checking its spelling too would cost more than the rest.
const SendInput = v.strictObject({ ...requests['message.send'].input.entries, toKey: v.string() })

/** Refused for the moment: the same may be taken later. */
const passing: ReadonlySet<RefusalCode> = new Set(['internal', 'rate-limited', 'overloaded', 'mailbox-full'])

export function createRequests({ store, queue, mail, limiter, clock, onBug }: RequestParts): Requests {
  const handlers: { readonly [K in RequestName]: Handler<K> } = {
    'message.send': (session, { cid, turn, to, toKey, body }, answer) => {
      const over = session.turns.over({ to, turn })
      if (over) {
        answer(refusal(over))
        return
      }
      const recipient = findRecipient(store.accounts, to, toKey)
      if (typeof recipient === 'string') {
        answer(refusal(recipient))
        return
      }
      const entry: Entry = { kind: 'message', sender: session.account, device: session.device, cid, recipient, body }
      queue.add(entry, (written) => {
        if (written) answer({ ok: true, seq: written.seq, at: written.at })
        else notKept(session, answer)
      })
    },
    'receipt.set': (session, { peer: handle, state, upTo }, answer) => {
      const peer = store.accounts.byHandle(handle)
      if (!peer) {
        answer(refusal('unknown-handle'))
        return
      }
      const entry: Entry = { kind: 'mark', owner: session.account, device: session.device, peer, state, upTo }
      queue.add(entry, (written) => {
        if (written) answer({ ok: true })
        else notKept(session, answer)
      })
    },
    'stream.read': (session, { after }, answer) => {
      const page = store.journal.read(session.account, after, { items: STREAM_PAGE, bytes: PAGE_BYTES })
      // In the same turn as the read, so that nothing can slip in between the page and the first push.
      if (!page.more) session.caughtUp = true
      answer({ ok: true, ...page })
    },
    'media.grant': (session, { size, sealed = false }, answer) => {
      const media = randomBytes(16).toString('base64url')
      const token = randomBytes(32).toString('base64url')
      store.media.grant({ id: media, owner: session.account.id, size, tokenHash: hashToken(token), sealed }, clock.now())
      answer({ ok: true, media, token })
    },
    'link.publish': (session, { title, text }, answer) => {
      const slug = randomBytes(9).toString('base64url')
      store.pages.publish(slug, session.account.id, title, text, clock.now())
      answer({ ok: true, slug })
    },
    'account.holdings': (session, _input, answer) =>
      answer({ ok: true, holdings: store.disclosure.holdings(session.account, clock.now()) }),
    ...createSecretHandlers({ store, mail, clock }),
    'session.take': (session, { race }, answer) => {
      if (session.takeOver(race)) answer({ ok: true })
    },
    echo: (_session, { n }, answer) => answer({ ok: true, n, at: clock.now() }),
  }

  /** The answer of a message also says whether those behind it may still be taken. */
  const inTurn = <K extends 'message.send' | 'sealed.send'>(session: Session, message: Message, answer: Answer<K>): Answer<K> => {
    return (output) => {
      const isInOrder = output.ok || !passing.has(output.code) || session.turns.end(message, output.code)
      answer(output)
      if (!isInOrder) session.drop()
    }
  }

  const run = <K extends RequestName>(name: K, session: Session, input: RequestInput<K>, answer: Answer<K>): void => {
    const wait = limiter.take(session.device, costs[name], clock.monotonic())
    if (wait > 0) {
      answer({ ok: false, code: 'rate-limited', retryMs: wait })
      return
    }
    try {
      handlers[name](session, input, answer)
    } catch (error) {
      onBug(name, error)
      answer(refusal('internal'))
    }
  }

  return {
    names: Object.keys(handlers) as RequestName[], // Its keys are the request names, by its type.
    handle(name, session, input, answer) {
      if (name === 'message.send') {
        const message = v.safeParse(SendInput, input)
        if (message.success) run(name, session, message.output, inTurn(session, message.output, answer))
        else answer(refusal(badInput(message.issues)))
        return
      }
      if (name === 'sealed.send') {
        const sealed = v.safeParse(SealedInput, input)
        if (sealed.success) run(name, session, sealed.output, inTurn(session, sealedTurn(sealed.output), answer))
        else answer(refusal(badInput(sealed.issues)))
        return
      }
      const parsed = v.safeParse(requests[name].input, input)
      // Checked just now by the schema of this very name; types cannot follow that through a variable.
      if (parsed.success) run(name, session, parsed.output as RequestInput<typeof name>, answer)
      else answer(refusal(badInput(parsed.issues)))
    },
  }
}

/** Tokens are kept as fingerprints: a copied database gives no leave to upload. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** What is only too big is called so. */
function badInput(issues: readonly v.BaseIssue<unknown>[]): RefusalCode {
  const isOverlong = issues.every(
    (issue) => (issue.type === 'max_length' || issue.type === 'max_value') && !/^(cid|turn|after|upTo|n)$/.test(v.getDotPath(issue) ?? ''),
  )
  return isOverlong ? 'too-large' : 'bad-input'
}
