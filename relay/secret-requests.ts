/** Answers what secret chats ask of the relay: public keys to begin with, and mailboxes of sealed packets (docs/PROTOCOL-SECRET.md). */
import * as v from 'valibot'
import { type RequestInput, type RequestName, requests } from '../shared/protocol/relay.ts'
import { MAX_PACKET_BYTES } from '../shared/protocol/secret.ts'
import type { Clock } from '../shared/util/clock.ts'
import type { CommitQueue } from './commit-queue.ts'
import { findRecipient, type Handler, notKept, refusal } from './handler.ts'
import { PrekeyAllowance } from './prekey-allowance.ts'
import type { MailEntry, MailWritten, PacketEntry } from './store/mailbox.ts'
import type { Store } from './store/store.ts'
import type { Message } from './turns.ts'

type SecretName = Extract<RequestName, `prekeys.${string}` | `sealed.${string}`>

export interface SecretParts {
  readonly store: Store
  readonly mail: CommitQueue<MailEntry, MailWritten>
  readonly clock: Clock
}

/** A mailbox empties when its owner is there, and is swept once a minute. */
const FULL_RETRY_MS = 60_000

const isCanonical = (text: string) => Buffer.from(text, 'base64url').toString('base64url') === text

/** As the protocol has it, but checked natively: a long packet would keep everybody waiting. The key is compared with the one on record. */
export const SealedInput = v.strictObject({
  ...requests['sealed.send'].input.entries,
  toKey: v.string(),
  packet: v.pipe(v.string(), v.nonEmpty(), v.maxLength(Math.ceil((MAX_PACKET_BYTES * 4) / 3)), v.check(isCanonical)),
})

/** Order is kept for each device of a recipient; no handle has a slash, so it never meets that of cloud messages. */
export const sealedTurn = ({ to, toDevice, turn }: RequestInput<'sealed.send'>): Message => ({ to: `${to}/${toDevice}`, turn })

export function createSecretHandlers({ store, mail, clock }: SecretParts): { readonly [K in SecretName]: Handler<K> } {
  const { accounts, prekeys, mailboxes } = store
  const allowance = new PrekeyAllowance()

  return {
    'prekeys.publish': (session, keys, answer) => {
      answer(prekeys.publish(session.device, keys, clock.now()) ? { ok: true } : refusal('overloaded'))
    },
    'prekeys.left': (session, _input, answer) => answer({ ok: true, ...prekeys.left(session.device, clock.now()) }),
    'prekeys.take': (session, { handle, key }, answer) => {
      const target = findRecipient(accounts, handle, key)
      if (typeof target === 'string') {
        answer(refusal(target))
        return
      }
      const now = clock.monotonic()
      const oneTime = allowance.allows(session.account.id, target.id, now)
      const devices = prekeys.take(target, { except: session.device, oneTime }, clock.now())
      if (devices.some(({ x25519, mlkem768 }) => x25519 || mlkem768)) allowance.note(session.account.id, target.id, now)
      answer({ ok: true, devices })
    },
    'sealed.send': (session, input, answer) => {
      const over = session.turns.over(sealedTurn(input))
      if (over) {
        answer(refusal(over))
        return
      }
      const recipient = findRecipient(accounts, input.to, input.toKey)
      if (typeof recipient === 'string') {
        answer(refusal(recipient))
        return
      }
      const toDevice = mailboxes.find(recipient, input.toDevice)
      if (toDevice === null) {
        answer(refusal('unknown-device'))
        return
      }
      const { cid, packet } = input
      const entry: PacketEntry = { kind: 'packet', sender: session.account, fromDevice: session.device, cid, recipient, toDevice, packet }
      // Decided here and not at the commit, so that what comes right behind is refused too.
      if (!mailboxes.reserve(entry)) {
        answer({ ok: false, code: 'mailbox-full', retryMs: FULL_RETRY_MS })
        return
      }
      mail.add(entry, (written) => {
        if (written) answer({ ok: true, at: written.at })
        else notKept(session, answer)
      })
    },
    'sealed.read': (session, { after }, answer) => {
      const page = mailboxes.read(session.device, after)
      // In the same turn as the read, so that nothing can slip in between the page and the first push.
      if (!page.more) session.mailCaughtUp = true
      answer({ ok: true, ...page })
    },
    'sealed.done': (session, { upTo }, answer) => {
      mail.add({ kind: 'done', toDevice: session.device, upTo }, (written) => {
        if (written) answer({ ok: true })
        else notKept(session, answer)
      })
    },
  }
}
