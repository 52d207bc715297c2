/** state + event -> state, without side effects. Events carry whole records, so applying one twice changes nothing. */
import type { ChatId, ChatSummary, Message } from '../../../shared/contract/chat.ts'
import type { LabChange, LabState } from '../../../shared/contract/lab.ts'
import type { Profile } from '../../../shared/contract/profile.ts'
import { assertNever } from '../../../shared/util/assert-never.ts'
import { type AppEvent, type AppState, type ChatWindow, initialState } from './state.ts'

/** Rows kept of a chat; the rest is loaded again when scrolled to. */
export const WINDOW_ROWS = 300

/** All that a locked window takes in: whatever else was on its way comes too late. */
const heardWhileLocked: readonly AppEvent['type'][] = ['hello', 'engine.lost', 'profile.changed', 'settings.changed']

export function reduce(state: AppState, event: AppEvent): AppState {
  if (state.profile?.locked && !heardWhileLocked.includes(event.type)) return state
  switch (event.type) {
    case 'hello':
      return { ...state, hello: event.payload, engine: 'running', probe: null }
    case 'engine.lost':
      return { ...state, engine: event.payload.restarting ? 'restarting' : 'stopped' }
    case 'self.loaded':
      return { ...state, self: event.self }
    case 'settings.changed':
      return { ...state, settings: event.payload }
    case 'profile.changed':
      return event.payload.locked ? emptied(state, event.payload) : { ...state, profile: event.payload }
    case 'lock.asked':
      return state.profile?.passphrase ? emptied(state, { ...state.profile, locked: true }) : state
    case 'chats.loaded':
      return withChats(state, event.chats)
    case 'chat.changed':
      return { ...state, chats: { ...state.chats, [event.payload.id]: event.payload } }
    case 'message.changed':
      return withWindow(state, event.payload.chatId, (window) => withMessage(window, event.payload))
    case 'message.removed':
      return withWindow(state, event.payload.chatId, (window) => ({
        ...window,
        messages: window.messages.filter((message) => message.id !== event.payload.id),
      }))
    case 'typing.changed':
      return { ...state, typing: { ...state.typing, [event.payload.chatId]: event.payload.typing } }
    case 'path.changed':
      return { ...state, path: event.payload }
    case 'history.changed':
      return { ...state, history: event.payload }
    case 'probe.changed':
      return { ...state, probe: event.payload.progress }
    case 'bundle.changed':
      return { ...state, bundle: event.payload }
    case 'lab.changed':
      return { ...state, lab: withScenarios(state.lab, event.payload) }
    case 'users.changed':
      return { ...state, users: event.payload }
    case 'bridge.changed':
      return { ...state, bridge: event.payload }
    case 'window.loaded':
      return { ...state, windows: { ...state.windows, [event.chatId]: windowOf(event) } }
    case 'older.loaded':
      return withWindow(state, event.chatId, (window) => withOlder(window, event.messages, event.hasOlder))
    case 'view.opened':
      return { ...state, view: event.view }
    case 'chat.opened':
      return { ...state, view: 'chats', openChat: event.chatId, jumpTo: event.jumpTo ?? null }
    case 'jump.done':
      return { ...state, jumpTo: null }
    case 'sheet.opened':
      return { ...state, sheet: event.sheet }
    case 'link.clicked':
      return { ...state, link: event.url }
    case 'failure.shown':
      return { ...state, failure: event.code }
    default:
      return assertNever(event)
  }
}

/** Before the first whole state, a change says too little. */
function withScenarios(before: LabState | null, { scenarios = before?.scenarios, ...now }: LabChange): LabState | null {
  return scenarios ? { ...now, scenarios } : before
}

/** What was on screen of a chat that is not there any more goes with it. */
function withChats(state: AppState, list: readonly ChatSummary[]): AppState {
  const chats = Object.fromEntries(list.map((chat) => [chat.id, chat]))
  const windows = Object.fromEntries(Object.entries(state.windows).filter(([id]) => chats[id]))
  return { ...state, chats, windows }
}

/** Nothing of any chat is left: how it looks and what the shell is has nothing to do with them. */
function emptied({ hello, settings, engine }: AppState, profile: Profile): AppState {
  return { ...initialState, hello, settings, engine, profile }
}

function withWindow(state: AppState, chatId: ChatId, change: (window: ChatWindow) => ChatWindow): AppState {
  const window = state.windows[chatId]
  return window ? { ...state, windows: { ...state.windows, [chatId]: change(window) } } : state
}

/** Puts a new or changed message in its place, if its place is inside this window. */
function withMessage(window: ChatWindow, message: Message): ChatWindow {
  const others = window.messages.filter((other) => other.id !== message.id)
  const first = others[0]
  const last = others.at(-1)
  if (window.hasOlder && first && message.order < first.order) return { ...window, messages: others }
  if (window.hasNewer && last && message.order > last.order) return { ...window, messages: others }
  const at = others.findLastIndex((other) => other.order < message.order) + 1
  return { ...window, messages: others.toSpliced(at, 0, message) }
}

function windowOf({ messages, hasOlder, hasNewer }: ChatWindow): ChatWindow {
  return { messages, hasOlder, hasNewer }
}

function withOlder(window: ChatWindow, older: readonly Message[], hasOlder: boolean): ChatWindow {
  const held = new Set(window.messages.map((message) => message.id))
  const messages = [...older.filter((message) => !held.has(message.id)), ...window.messages]
  return { messages: messages.slice(0, WINDOW_ROWS), hasOlder, hasNewer: window.hasNewer || messages.length > WINDOW_ROWS }
}
