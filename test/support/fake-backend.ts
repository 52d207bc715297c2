/**
 * An engine made of memory: the whole contract served over a memory port with a few people, chats and a lab in it.
 * For tests of the screens and for looking at them; it delivers nothing to anybody.
 */

import { defaultSettings } from '../../electron/core/settings.ts'
import { type Backend, CONTRACT_VERSION, contract, type Settings } from '../../shared/contract/api.ts'
import type { BridgeState } from '../../shared/contract/bridge.ts'
import type { ChatId, ChatSummary, Contact, Holdings, LinkOutcome, Message, MessageId, Self } from '../../shared/contract/chat.ts'
import type { Comparison } from '../../shared/contract/compare.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import type { History } from '../../shared/contract/history.ts'
import type { LabState } from '../../shared/contract/lab.ts'
import { memoryPortPair } from '../../shared/contract/memory-port.ts'
import type { PathState, TryOutcome } from '../../shared/contract/path.ts'
import { connect, type Port, type Served, serve } from '../../shared/contract/port.ts'
import type { Profile } from '../../shared/contract/profile.ts'
import type { AtRelay } from '../../shared/contract/secret.ts'
import type { Why } from '../../shared/contract/why.ts'
import { bridgeOff, bridgeOn } from './bridge-states.ts'
import { believable, emptyChat, holdings, people, wordsOf } from './chats.ts'
import { fakeBundles } from './fake-bundles.ts'
import { secretCalls } from './fake-secret.ts'
import { labAtRest } from './lab-states.ts'
import { fine } from './path-states.ts'

const unreadable: Comparison = { outcome: 'refused', reason: 'not-json' }
const noHistory: History = { network: 'simulated', lines: [] }

export interface FakeOptions {
  user?: string
  path?: PathState
  history?: History
  /** Of every plane. */
  why?: Why
  comparison?: Comparison
  lab?: LabState | null
  settings?: Partial<Settings>
  /** Nobody there yet. */
  empty?: boolean
  /** Bob is a contact; nothing was written yet. */
  fresh?: boolean
  /** More chats than the world has, as secret ones. */
  chats?: readonly ChatSummary[]
  /** Instead of the believable ones, for the chats there are. */
  messages?: readonly Message[]
  contractVersion?: number
  /** What following a link comes to. */
  link?: (url: string, bypass: boolean) => LinkOutcome
  holdings?: Holdings | 'not-connected'
  /** The shell can run a bridge; this is how it stands. */
  bridge?: BridgeState
  /** The shell can leave its window out of screenshots. */
  captureGuard?: boolean
  /** `passphraseIs`: what opens it. */
  profile?: Partial<Profile> & { passphraseIs?: string }
  /** How a route goes that is tried by itself. */
  tried?: TryOutcome
  /** No setting can be changed. */
  settingsStuck?: boolean
}

export interface FakeBackend {
  /** The end for the screens. */
  port: Port
  emit: Served<typeof contract>['emit']
  /** Every call so far, by name and input. */
  calls: { name: string; input: unknown }[]
  /** Puts a message into a chat as if it had arrived or been sent. */
  put(message: Message): void
  /** Says hello again, as after a restart; the first time it does so by itself. */
  hello(): void
}

export function createFakeBackend(options: FakeOptions = {}): FakeBackend {
  const [port, engine] = memoryPortPair()
  const bundles = fakeBundles()
  const user = options.user ?? 'alice'
  const self: Self = { handle: user, key: people.alice.key, card: `${user}:${people.alice.key}`, practice: true }
  let settings: Settings = { ...defaultSettings, tourStep: 9, ...options.settings }
  let path = options.path ?? fine
  let { passphraseIs: secretWords = '', ...lockState } = {
    locked: false,
    bringing: false,
    passphrase: false,
    keeper: 'keychain' as const,
    ...options.profile,
  }
  const profile = (change: Partial<Profile>) => {
    lockState = { ...lockState, ...change }
    served.emit('profile.changed', lockState)
    return lockState
  }
  const lab = options.lab === undefined ? labAtRest : options.lab
  const nobody = { chats: [], messages: [], files: new Map<MessageId, Uint8Array>() }
  const world = options.empty ? nobody : options.fresh ? { ...nobody, chats: [emptyChat(people.bob)] } : believable()
  const chats = new Map([...world.chats, ...(options.chats ?? [])].map((chat) => [chat.id, chat]))
  const messages = new Map((options.messages ?? world.messages).map((message) => [message.id, message]))
  const uploads = new Map<string, { id: MessageId; chatId: ChatId; name: string; bytes: Uint8Array }>()
  const users = [
    { handle: 'alice', card: self.card, hasWindow: true },
    { handle: 'bob', card: `bob:${people.bob.key}`, hasWindow: true },
  ]
  const calls: FakeBackend['calls'] = []
  let bridge = options.bridge ?? bridgeOff
  const setBridge = (next: BridgeState) => {
    bridge = next
    served.emit('bridge.changed', next)
    return next
  }
  let nextOrder = 10_000

  const chatOf = (id: ChatId): ChatSummary => {
    const chat = chats.get(id)
    if (!chat) throw new BackendError('no-such-chat')
    return chat
  }
  const changeChat = (chat: ChatSummary) => {
    chats.set(chat.id, chat)
    served.emit('chat.changed', chat)
    return chat
  }
  const put = (message: Message) => {
    messages.set(message.id, message)
    served.emit('message.changed', message)
    const { body, mine, at, delivery } = message
    const chat = chatOf(message.chatId)
    if (body.kind === 'notice') return message
    const last = { preview: message.vanish?.ttl ? '' : wordsOf(body), isFile: body.kind === 'file', mine, at, delivery }
    const unread = mine ? 0 : chat.unread + 1
    changeChat({ ...chat, last, unread, firstUnread: unread ? (chat.firstUnread ?? message.order) : null, draft: mine ? '' : chat.draft })
    return message
  }
  const mine = (id: MessageId, chatId: ChatId, body: Message['body']): Message => ({
    id,
    chatId,
    from: user,
    mine: true,
    body,
    at: Date.now(),
    order: nextOrder++,
    delivery: { state: 'queued' },
    ...(chatId.startsWith('secret:') && { vanish: { ttl: chatOf(chatId).secret?.ttl ?? null, at: null } }),
  })
  /** Kept at once, sent a moment later if there is a connection. */
  const send = (message: Message) => {
    if (path.status === 'connected') setTimeout(() => put({ ...message, delivery: { state: 'sent' } }))
    return put(message)
  }
  const known = (id: MessageId): Message => {
    const message = messages.get(id)
    if (!message) throw new BackendError('no-such-message')
    return message
  }

  const remove = (id: MessageId) => {
    const { chatId } = known(id)
    messages.delete(id)
    served.emit('message.removed', { id, chatId })
  }
  const atRelay = (chatId: ChatId): AtRelay => {
    const last = [...messages.values()].filter((message) => message.chatId === chatId && message.body.kind === 'text').at(-1)
    if (last?.body.kind !== 'text') return null
    const { at, mine: isMine } = last
    return chatId.startsWith('cloud:')
      ? { kind: 'cloud', text: last.body.text, at, mine: isMine }
      : { kind: 'secret', bytes: 512, head: '0102a417f3c8805e9b21d46f7710c2e5', at, mine: isMine }
  }

  const none = async () => ({})
  const served = serve(
    contract,
    recorded(engine, calls),
    {
      'self.get': async () => self,
      'account.export': async ({ passphrase }) => ({ text: `sealed with ${passphrase}` }),
      'settings.get': async () => settings,
      'settings.set': async (change) => {
        if (options.settingsStuck) throw new BackendError('store-damaged')
        settings = { ...settings, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) }
        served.emit('settings.changed', settings)
        return settings
      },
      'profile.get': async () => lockState,
      'profile.unlock': async ({ passphrase }) => {
        if (passphrase !== secretWords) throw new BackendError('store-locked')
        return profile({ locked: false })
      },
      'profile.lock': async () => profile({ locked: true }),
      'profile.active': none,
      'profile.setPassphrase': async ({ current, next }) => {
        if (lockState.passphrase && current !== secretWords) throw new BackendError('store-locked')
        secretWords = next ?? ''
        return profile({ passphrase: next !== null })
      },
      'contact.list': async () => [...chats.values()].map((chat) => chat.peer),
      'contact.add': async ({ card }) => {
        const [handle = '', key = ''] = card.split(':')
        if (handle === user) throw new BackendError('own-card')
        if (chats.has(`cloud:${handle}`)) throw new BackendError('already-there')
        const peer: Contact = { handle, key, source: 'card' }
        return changeChat(emptyChat(peer))
      },
      'chat.list': async () => [...chats.values()],
      'chat.read': async ({ chatId }) => {
        changeChat({ ...chatOf(chatId), unread: 0, firstUnread: null })
        return {}
      },
      'draft.set': async ({ chatId, text }) => {
        changeChat({ ...chatOf(chatId), draft: text })
        return {}
      },
      'typing.set': none,
      'message.list': async ({ chatId, before, limit }) => {
        const all = [...messages.values()].filter((message) => message.chatId === chatId).sort((a, b) => a.order - b.order)
        const below = before === undefined ? all : all.filter((message) => message.order < before)
        return { messages: below.slice(-limit), hasOlder: below.length > limit }
      },
      'message.send': async ({ id, chatId, text }) => {
        chatOf(chatId)
        return messages.get(id) ?? send(mine(id, chatId, { kind: 'text', text }))
      },
      'message.retry': async ({ id }) => put({ ...known(id), delivery: { state: 'queued' } }),
      'message.discard': async ({ id }) => {
        remove(id)
        return {}
      },
      'message.search': async ({ query, chatId }) =>
        [...messages.values()].filter(
          ({ body, chatId: at }) =>
            body.kind === 'text' && body.text.toLowerCase().includes(query.toLowerCase()) && (!chatId || at === chatId),
        ),
      'file.begin': async ({ chatId, messageId, name, size }) => {
        const fileId = messageId.replaceAll('-', '').slice(0, 22)
        uploads.set(fileId, { id: messageId, chatId, name, bytes: new Uint8Array(size) })
        return { fileId }
      },
      'file.append': async ({ fileId, offset, bytes }) => {
        uploads.get(fileId)?.bytes.set(bytes, offset)
        return {}
      },
      'file.finish': async ({ fileId }) => {
        const file = uploads.get(fileId)
        if (!file) throw new BackendError('no-such-file')
        world.files.set(file.id, file.bytes)
        const total = file.bytes.length
        const type = file.bytes[0] === 0x89 ? 'image/png' : 'application/octet-stream'
        return send(
          mine(file.id, file.chatId, {
            kind: 'file',
            name: file.name,
            type,
            size: total,
            transfer: { state: 'ready', done: total, total },
          }),
        )
      },
      'file.cancel': none,
      'file.fetch': async ({ messageId }) => known(messageId),
      'file.read': async ({ messageId, offset, length }) => {
        const bytes = world.files.get(messageId) ?? (options.messages && new Uint8Array(3))
        if (!bytes) throw new BackendError('no-such-file')
        return { bytes: bytes.slice(offset, offset + length), total: bytes.length }
      },
      ...secretCalls({ user, chats, messages, changeChat, put, remove, atRelay, nextOrder: () => nextOrder++ }),
      'link.publish': async () => ({ url: 'https://pages.throughline.test/bob/lunch' }),
      'link.open': async ({ url, bypass }): Promise<LinkOutcome> => options.link?.(url, bypass) ?? { outcome: 'external', url },
      'path.get': async () => path,
      'history.get': async () => options.history ?? noHistory,
      'path.return': async () => {
        path = fine
        served.emit('path.changed', path)
        return {}
      },
      'path.retry': none,
      'path.probe': none,
      'path.stopProbe': none,
      'path.compare': async () => options.comparison ?? unreadable,
      'path.why': async () => options.why ?? { rule: null, changes: [] },
      'path.forget': none,
      'path.export': async () => ({ text: '{"test_name":"throughline"}' }),
      'path.try': async () => options.tried ?? { ok: true, ms: 420, step: null, reason: null },
      'route.pin': none,
      'route.ban': none,
      'route.clear': none,
      'proxy.add': none,
      'proxy.remove': none,
      'bundle.state': async () => bundles.state(),
      'bundle.import': async () => bundles.take(),
      'bundle.share': async () => bundles.share(),
      'bundle.refresh': none,
      'relay.holdings': async () => {
        if (options.holdings === 'not-connected') throw new BackendError('not-connected')
        return options.holdings ?? holdings
      },
      'lab.get': async () => lab ?? labAtRest,
      'lab.play': none,
      'lab.stop': none,
      'lab.pause': none,
      'lab.speed': none,
      'lab.step': none,
      'lab.events': async () => ({ text: '{"t":"run"}\n', leftOut: 0 }),
      'lab.at': async ({ atMs }) => {
        const now = lab ?? labAtRest
        const until = <T extends { readonly atMs: number }>(all: readonly T[]) => all.filter((each) => each.atMs <= atMs)
        return { ...now, moves: until(now.moves), truth: until(now.truth) }
      },
      'lab.place': none,
      'lab.censor': none,
      'lab.undo': none,
      'lab.adaptive': none,
      'users.list': async () => users,
      'users.move': none,
      'users.diagnostics': async ({ handle }) => ({ text: `the file of ${handle}` }),
      'users.add': async ({ handle }) => {
        if (users.some((other) => other.handle === handle)) throw new BackendError('name-taken')
        const card = `${handle}:${people.carol.key}`
        users.push({ handle, card, hasWindow: false })
        served.emit('users.changed', users)
        return { card }
      },
      'users.open': async ({ handle }) => ({ url: `http://127.0.0.1:4000/#window-of-${handle}` }),
      'host.openExternal': none,
      'host.guardCapture': none,
      'bridge.get': async () => bridge,
      'bridge.start': async ({ limits }) => setBridge({ ...bridgeOn, limits }),
      'bridge.stop': async () => setBridge(bridgeOff),
    },
    (name, error) => {
      throw new Error(`the fake engine failed at ${name}`, { cause: error })
    },
  )
  const hello = () =>
    served.emit('hello', {
      contract: options.contractVersion ?? CONTRACT_VERSION,
      build: 'fake',
      shell: 'memory',
      groups: [
        ...(lab === null ? [] : ['lab' as const]),
        'users',
        'openExternal',
        ...(options.captureGuard ? ['captureGuard' as const] : []),
        ...(options.bridge ? ['bridge' as const] : []),
      ],
      user,
    })
  const greeting: Port = {
    send: (frame) => port.send(frame),
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
    onFrame(listener) {
      port.onFrame(listener)
      // After the listeners that the caller adds once it is connected.
      setTimeout(hello)
    },
  }
  return { port: greeting, emit: served.emit, calls, put: (message) => void put(message), hello }
}

/** The same port, writing down what is asked. */
function recorded(port: Port, calls: FakeBackend['calls']): Port {
  return {
    ...port,
    send: (frame) => port.send(frame),
    close: () => port.close(),
    onFrame: (listener) =>
      port.onFrame((raw) => {
        if (typeof raw === 'object' && raw !== null && 'name' in raw && 'input' in raw)
          calls.push({ name: String(raw.name), input: raw.input })
        listener(raw)
      }),
  }
}

/** For tests that need the calling end alone. */
export function connectFake(options: FakeOptions = {}): FakeBackend & { backend: Backend } {
  const fake = createFakeBackend(options)
  return { ...fake, backend: connect(contract, fake.port) }
}
