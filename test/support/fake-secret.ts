/** The secret half of the fake engine: it keeps states and rows as the real one would, and encrypts nothing. */
import type { CoreHandlers } from '../../shared/contract/api.ts'
import type { ChatId, ChatSummary, Contact, Handle, Message, MessageId } from '../../shared/contract/chat.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import type { AtRelay, Notice, SecretState } from '../../shared/contract/secret.ts'
import { emptyChat } from './chats.ts'

type SecretCalls = Pick<CoreHandlers, Extract<keyof CoreHandlers, `secret.${string}`>>

/** What the double needs of the engine around it. */
interface Around {
  readonly user: Handle
  readonly chats: Map<ChatId, ChatSummary>
  readonly messages: Map<MessageId, Message>
  changeChat(chat: ChatSummary): ChatSummary
  put(message: Message): void
  remove(id: MessageId): void
  nextOrder(): number
  atRelay(chatId: ChatId): AtRelay
}

export const justStarted: SecretState = { state: 'waiting', ended: null, compared: null, ttl: null, comparing: null }
const secured: SecretState = { ...justStarted, state: 'secured' }
/** Seven symbols, and the number both sides see. */
export const symbols = [0, 9, 18, 27, 36, 45, 63]
export const digits = Array.from({ length: 12 }, (_, index) => String(10_000 + index * 7_351).padStart(5, '0'))

export function secretChat(peer: Contact, secret: Partial<SecretState> = {}, more: Partial<ChatSummary> = {}): ChatSummary {
  return { ...emptyChat(peer), id: `secret:${peer.handle}`, kind: 'secret', secret: { ...secured, ...secret }, ...more }
}

export function notice(chatId: ChatId, order: number, body: Notice, mine = true, at = Date.now()): Message {
  const id = `40000000-0000-4000-8000-${String(order).padStart(12, '0')}`
  const from = mine ? 'alice' : (chatId.split(':')[1] ?? '')
  return { id, chatId, from, mine, body: { kind: 'notice', notice: body }, at, order, delivery: null }
}

export function secretCalls(around: Around): SecretCalls {
  const { chats, messages } = around
  const known = (chatId: ChatId): ChatSummary & { secret: SecretState } => {
    const chat = chats.get(chatId)
    if (!chat?.secret) throw new BackendError('no-such-chat')
    return { ...chat, secret: chat.secret }
  }
  const change = (chatId: ChatId, by: Partial<SecretState>) => {
    const chat = known(chatId)
    return around.changeChat({ ...chat, secret: { ...chat.secret, ...by } })
  }
  const say = (chatId: ChatId, body: Notice) => around.put({ ...notice(chatId, around.nextOrder(), body), from: around.user })

  return {
    'secret.start': async ({ handle }) => {
      const id: ChatId = `secret:${handle}`
      const cloud = chats.get(`cloud:${handle}`)
      if (!cloud) throw new BackendError('no-such-contact')
      const before = chats.get(id)
      if (before?.secret && before.secret.state !== 'ended') throw new BackendError('already-there')
      around.changeChat({ ...(before ?? secretChat(cloud.peer)), secret: justStarted })
      say(id, { code: 'started' })
      return known(id)
    },
    'secret.accept': async ({ chatId }) => {
      change(chatId, { state: 'secured' })
      say(chatId, { code: 'accepted' })
      return known(chatId)
    },
    'secret.decline': async ({ chatId }) => change(chatId, { state: 'ended', ended: 'declined' }),
    'secret.end': async ({ chatId }) => {
      change(chatId, { state: 'ended', ended: 'by-me' })
      say(chatId, { code: 'ended' })
      return known(chatId)
    },
    'secret.timer': async ({ chatId, ttl }) => {
      change(chatId, { ttl })
      say(chatId, { code: 'timer', ttl })
      return known(chatId)
    },
    'secret.seen': async ({ ids }) => {
      for (const id of ids) {
        const message = messages.get(id)
        const ttl = message?.vanish?.ttl
        if (message && ttl) around.put({ ...message, vanish: { ttl, at: Date.now() + ttl } })
      }
      return {}
    },
    'secret.viewed': async ({ id }) => {
      const message = messages.get(id)
      if (message?.body.kind === 'file') {
        const { body } = message
        around.put({ ...message, body: { ...body, transfer: { ...body.transfer, state: 'gone' } } })
      }
      return {}
    },
    'secret.remove': async ({ chatId, ids }) => {
      for (const id of ids) around.remove(id)
      say(chatId, { code: 'removed', count: ids.length })
      return {}
    },
    'secret.safety': async ({ chatId }) => ({ digits, compared: known(chatId).secret.compared }),
    'secret.compared': async ({ chatId, same }) => {
      say(chatId, { code: same ? 'compared' : 'compare-failed' })
      return change(chatId, same ? { state: 'secured', compared: Date.now(), comparing: null } : { compared: null, comparing: null })
    },
    'secret.compare': async ({ chatId }) =>
      change(chatId, {
        comparing: known(chatId).secret.comparing?.phase === 'asked' ? { phase: 'show', symbols } : { phase: 'waiting' },
      }),
    'secret.acceptKeys': async ({ chatId }) => {
      change(chatId, { state: 'secured', compared: null })
      say(chatId, { code: 'keys-accepted' })
      return known(chatId)
    },
    'secret.atRelay': async ({ chatId }) => around.atRelay(chatId),
  }
}
