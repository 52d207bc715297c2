/** What the window knows: copies of the engine's records, and where the person is looking. Changed by `reduce` alone. */
import type { EventName, EventPayload, Settings } from '../../../shared/contract/api.ts'
import type { BridgeState } from '../../../shared/contract/bridge.ts'
import type { BundleState } from '../../../shared/contract/bundle.ts'
import type { ChatId, ChatSummary, Message, MessageId, Self } from '../../../shared/contract/chat.ts'
import type { ErrorCode } from '../../../shared/contract/errors.ts'
import type { History } from '../../../shared/contract/history.ts'
import type { LabState } from '../../../shared/contract/lab.ts'
import type { PathState } from '../../../shared/contract/path.ts'
import type { Profile } from '../../../shared/contract/profile.ts'
import type { ProbeProgress } from '../../../shared/contract/why.ts'

export const views = ['chats', 'path', 'lab', 'relay'] as const
export type View = (typeof views)[number]

export type Sheet = 'settings' | 'add' | 'card' | 'account' | 'help' | 'search' | 'find'

/** The part of a chat that is on screen: at most `WINDOW_ROWS` messages, oldest first. */
export interface ChatWindow {
  readonly messages: readonly Message[]
  readonly hasOlder: boolean
  /** Newer messages exist that are not in here; what arrives then stays outside too. */
  readonly hasNewer: boolean
}

export interface AppState {
  readonly hello: EventPayload<'hello'> | null
  readonly self: Self | null
  readonly settings: Settings | null
  /** `null` until it was asked. While it is locked, nothing else of this state tells of the chats. */
  readonly profile: Profile | null
  readonly engine: 'running' | 'restarting' | 'stopped'
  /** `null` until the list came. */
  readonly chats: Readonly<Record<ChatId, ChatSummary>> | null
  readonly windows: Readonly<Record<ChatId, ChatWindow>>
  readonly typing: Readonly<Record<ChatId, boolean>>
  readonly path: PathState | null
  readonly history: History | null
  /** Of the check that the person asked for; `null` while none runs. */
  readonly probe: ProbeProgress | null
  readonly lab: LabState | null
  readonly users: EventPayload<'users.changed'>
  /** `null` where this shell runs none, and until it was asked. */
  readonly bridge: BridgeState | null
  readonly bundle: BundleState | null
  readonly view: View
  readonly openChat: ChatId | null
  /** A message to scroll to and mark, as from search. */
  readonly jumpTo: MessageId | null
  readonly sheet: Sheet | null
  /** The link the person clicked and has not dealt with. */
  readonly link: string | null
  /** What went wrong last and was not dismissed. */
  readonly failure: ErrorCode | null
}

export const initialState: AppState = {
  hello: null,
  self: null,
  settings: null,
  profile: null,
  engine: 'running',
  chats: null,
  windows: {},
  typing: {},
  path: null,
  history: null,
  probe: null,
  lab: null,
  users: [],
  bridge: null,
  bundle: null,
  view: 'chats',
  openChat: null,
  jumpTo: null,
  sheet: null,
  link: null,
  failure: null,
}

type ContractEvent = { [E in Exclude<EventName, 'lab.moved'>]: { type: E; payload: EventPayload<E> } }[Exclude<EventName, 'lab.moved'>]

/** What happens in this window alone. */
type WindowEvent =
  | { type: 'self.loaded'; self: Self }
  | { type: 'chats.loaded'; chats: readonly ChatSummary[] }
  | { type: 'window.loaded'; chatId: ChatId; messages: readonly Message[]; hasOlder: boolean; hasNewer: boolean }
  | { type: 'older.loaded'; chatId: ChatId; messages: readonly Message[]; hasOlder: boolean }
  | { type: 'view.opened'; view: View }
  | { type: 'chat.opened'; chatId: ChatId | null; jumpTo?: MessageId }
  | { type: 'jump.done' }
  | { type: 'sheet.opened'; sheet: Sheet | null }
  | { type: 'link.clicked'; url: string | null }
  | { type: 'lock.asked' }
  | { type: 'failure.shown'; code: ErrorCode | null }

export type AppEvent = ContractEvent | WindowEvent
