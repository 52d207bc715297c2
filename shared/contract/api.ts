/**
 * The only list of what the screens may ask and be told. Types, the allow-list and the run-time checks all come from here.
 * Calls are `noun.verb` with one object; events are `noun.past` and carry whole records, so applying one twice is harmless.
 */
import * as v from 'valibot'
import { AdaptiveWish } from './adaptive.ts'
import { BridgeState, BridgeWish } from './bridge.ts'
import { BundleState, ImportOutcome, MAX_IMPORT_CHARS } from './bundle.ts'
import {
  ChatId,
  ChatSummary,
  Contact,
  ContactCard,
  FILE_CHUNK_BYTES,
  FileId,
  Handle,
  Holdings,
  LinkOutcome,
  MAX_FILE_BYTES,
  MAX_TEXT,
  Message,
  MessageId,
  Self,
} from './chat.ts'
import { Comparison } from './compare.ts'
import { MAX_DIAGNOSTICS_CHARS } from './diagnostics.ts'
import { History } from './history.ts'
import { Bead, CensorMove, LabChange, LabSpeed, LabState } from './lab.ts'
import { PathState, Plane, TryOutcome } from './path.ts'
import type { Client, EventNames, Handlers, Payload } from './port.ts'
import { AutoLock, Passphrase, Profile, SHORT_PASSPHRASE } from './profile.ts'
import { AtRelay, Safety, Ttl } from './secret.ts'
import { ProbeProgress, Why } from './why.ts'
import { workbenchCalls } from './workbench.ts'

/** Raised whenever a call or event changes shape, so that a stale page can say so. */
export const CONTRACT_VERSION = 1

const nothing = v.strictObject({})
const done = v.strictObject({})
const call = <const I extends v.GenericSchema, const O extends v.GenericSchema>(input: I, output: O) => ({ input, output })

/**
 * When a second connection is kept ready: never; on a network where a way was lost or a detour is needed; always. It costs a
 * connection that is seen.
 */
export const standbyChoices = ['off', 'auto', 'always'] as const
export const StandbyChoice = v.picklist(standbyChoices)
export type StandbyChoice = v.InferOutput<typeof StandbyChoice>

export const Settings = v.strictObject({
  theme: v.picklist(['system', 'light', 'dark']),
  language: v.picklist(['system', 'en', 'fa', 'pseudo']),
  enterSends: v.boolean(),
  typingShown: v.boolean(),
  receiptsShown: v.boolean(),
  autoLock: AutoLock,
  standby: StandbyChoice,
  tourStep: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(9)),
})
export type Settings = v.InferOutput<typeof Settings>

const RecipeText = v.pipe(v.string(), v.minLength(1), v.maxLength(1024))
const Url = v.pipe(v.string(), v.maxLength(2048), v.url())

export const calls = {
  'self.get': call(nothing, Self),
  /** This account for another computer: the text of a file that only the passphrase opens. Chats are not in it. */
  'account.export': call(
    v.strictObject({ passphrase: v.pipe(Passphrase, v.minLength(SHORT_PASSPHRASE)) }),
    v.strictObject({ text: v.string() }),
  ),
  'settings.get': call(nothing, Settings),
  'settings.set': call(v.partial(Settings), Settings),

  /** Answered also while the profile is locked, as are the next two; every other call then fails with `store-locked`. */
  'profile.get': call(nothing, Profile),
  /** `store-locked` for a wrong passphrase. Each try costs about a second of work. */
  'profile.unlock': call(v.strictObject({ passphrase: Passphrase }), Profile),
  /** Takes the screens away; the engine goes on receiving. `refused` where no passphrase is set. */
  'profile.lock': call(nothing, Profile),
  /** The person did something: the time until the screens lock by themselves begins anew. */
  'profile.active': call(nothing, done),
  /** Sets, changes, or (`next: null`) removes the passphrase, and encrypts the store anew. `store-locked` if `current` is not it. */
  'profile.setPassphrase': call(v.strictObject({ current: v.nullable(Passphrase), next: v.nullable(Passphrase) }), Profile),

  'contact.list': call(nothing, v.array(Contact)),
  /** Adds a person and their empty chat. `already-there`, `own-card`. */
  'contact.add': call(v.strictObject({ card: ContactCard }), ChatSummary),

  'chat.list': call(nothing, v.array(ChatSummary)),
  /** Everything up to `order` was really seen: row visible and window focused. */
  'chat.read': call(v.strictObject({ chatId: ChatId, order: v.number() }), done),
  'draft.set': call(v.strictObject({ chatId: ChatId, text: v.pipe(v.string(), v.maxLength(MAX_TEXT)) }), done),
  'typing.set': call(v.strictObject({ chatId: ChatId }), done),

  /** A window of the chat, oldest first: the newest `limit` rows below `before`, or around nothing if the chat is shorter. */
  'message.list': call(
    v.strictObject({
      chatId: ChatId,
      before: v.optional(v.number()),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(300)),
    }),
    v.strictObject({ messages: v.array(Message), hasOlder: v.boolean() }),
  ),
  /** Kept durably before it answers; `id` is chosen by the caller, so that asking twice sends once. */
  'message.send': call(
    v.strictObject({ id: MessageId, chatId: ChatId, text: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TEXT)) }),
    Message,
  ),
  'message.retry': call(v.strictObject({ id: MessageId }), Message),
  /** Removes a failed message of ours from this device. */
  'message.discard': call(v.strictObject({ id: MessageId }), done),
  'message.search': call(
    v.strictObject({ query: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)), chatId: v.optional(ChatId) }),
    v.array(Message),
  ),

  /** `once`: a picture of a secret chat that can be opened once; `refused` at the end for anything else. In secret chats a little below the limit: `file-too-large`. */
  'file.begin': call(
    v.strictObject({
      chatId: ChatId,
      messageId: MessageId,
      name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
      size: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_FILE_BYTES)),
      once: v.optional(v.boolean()),
    }),
    v.strictObject({ fileId: FileId }),
  ),
  'file.append': call(
    v.strictObject({ fileId: FileId, offset: v.number(), bytes: v.pipe(v.instance(Uint8Array), v.maxLength(FILE_CHUNK_BYTES)) }),
    done,
  ),
  /** All bytes are here: the message is queued. */
  'file.finish': call(v.strictObject({ fileId: FileId }), Message),
  'file.cancel': call(v.strictObject({ fileId: FileId }), done),
  /** Asks for a file that only the relay has; progress comes as `message.changed`. */
  'file.fetch': call(v.strictObject({ messageId: MessageId }), Message),
  'file.read': call(
    v.strictObject({ messageId: MessageId, offset: v.number(), length: v.pipe(v.number(), v.maxValue(FILE_CHUNK_BYTES)) }),
    v.strictObject({ bytes: v.instance(Uint8Array), total: v.number() }),
  ),

  /** Begins a secret chat, also while offline. `already-there` while one lives. */
  'secret.start': call(v.strictObject({ handle: Handle }), ChatSummary),
  'secret.accept': call(v.strictObject({ chatId: ChatId }), ChatSummary),
  'secret.decline': call(v.strictObject({ chatId: ChatId }), ChatSummary),
  /** Ends it on both sides; what was written stays until removed. */
  'secret.end': call(v.strictObject({ chatId: ChatId }), ChatSummary),
  /** The timer of what is written from now on; a row on both sides says so. */
  'secret.timer': call(v.strictObject({ chatId: ChatId, ttl: v.nullable(Ttl) }), ChatSummary),
  /** These rows were truly seen, files opened: their timers begin. A file that is not here yet is passed over. */
  'secret.seen': call(v.strictObject({ chatId: ChatId, ids: v.pipe(v.array(MessageId), v.maxLength(300)) }), done),
  /** A picture to be seen once was closed: its bytes go. */
  'secret.viewed': call(v.strictObject({ chatId: ChatId, id: MessageId }), done),
  'secret.remove': call(v.strictObject({ chatId: ChatId, ids: v.pipe(v.array(MessageId), v.minLength(1), v.maxLength(300)) }), done),
  'secret.safety': call(v.strictObject({ chatId: ChatId }), Safety),
  /** The user says that the numbers or symbols are the same, or not. */
  'secret.compared': call(v.strictObject({ chatId: ChatId, same: v.boolean() }), ChatSummary),
  /** Asks the other side to compare symbols now, or agrees to. */
  'secret.compare': call(v.strictObject({ chatId: ChatId }), ChatSummary),
  'secret.acceptKeys': call(v.strictObject({ chatId: ChatId }), ChatSummary),
  /** The newest message of this thread as the relay saw it. */
  'secret.atRelay': call(v.strictObject({ chatId: ChatId }), AtRelay),

  /** Publishes a small public page by this account and answers its address. */
  'link.publish': call(
    v.strictObject({
      title: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
      text: v.pipe(v.string(), v.minLength(1), v.maxLength(4000)),
    }),
    v.strictObject({ url: v.string() }),
  ),
  /** Follows a clicked link. Ours are checked first and fetched only from an address that proves itself; others come back as `external`. */
  'link.open': call(v.strictObject({ url: Url, bypass: v.boolean() }), LinkOutcome),

  'path.get': call(nothing, PathState),
  /** The log of troubles of the network in use. */
  'history.get': call(nothing, History),
  /** Moves back to the plain path now, without waiting out the hold. */
  'path.return': call(nothing, done),
  'path.retry': call(nothing, done),
  /** Runs the diagnosis again; how far it is comes as `probe.changed`. */
  'path.probe': call(nothing, done),
  /** Leaves the diagnosis that runs as it is. */
  'path.stopProbe': call(nothing, done),
  /** What somebody else's diagnostics file says beside our findings. Anything wrong with it is an answer, not a failure. */
  'path.compare': call(v.strictObject({ text: v.pipe(v.string(), v.maxLength(MAX_DIAGNOSTICS_CHARS)) }), Comparison),
  /** Which rule decided about a plane, and what would change what is said. */
  'path.why': call(v.strictObject({ plane: Plane }), Why),
  /** Path and findings as a JSON text for strangers, without what tells who or where the user is: `Diagnostics` (shared/contract/diagnostics.ts). */
  'path.export': call(nothing, v.strictObject({ text: v.string() })),
  /** One authenticated login by this way alone; what is in use is left alone. If nothing is and it worked, all are tried again at once. `no-such-route`; `refused` while it is banned. */
  'path.try': call(v.strictObject({ recipe: RecipeText }), TryOutcome),
  /** From now on this way is tried before all others, and moved to when it carries; also after a restart. One at a time. */
  'route.pin': call(v.strictObject({ recipe: RecipeText }), done),
  /** This way is never used again; one that leads through somebody's computer: that computer, for anything. Also after a restart. */
  'route.ban': call(v.strictObject({ recipe: RecipeText }), done),
  /** Neither pinned nor banned any more. */
  'route.clear': call(v.strictObject({ recipe: RecipeText }), done),
  /** What worked is forgotten, about the network in use or about all. What carries now goes on. */
  'path.forget': call(v.strictObject({ scope: v.picklist(['here', 'all']) }), done),
  /** `socks5://[user:password@]address:port` or `http://…`. */
  'proxy.add': call(v.strictObject({ url: v.pipe(v.string(), v.trim(), v.maxLength(512)) }), done),
  'proxy.remove': call(v.strictObject({ proxyId: v.string() }), done),

  'bundle.state': call(nothing, BundleState),
  /** Takes a bundle, a shard or what a friend shares, as link or as the content of a file, whatever stands around it. Anything wrong is an answer, not a failure. */
  'bundle.import': call(v.strictObject({ text: v.pipe(v.string(), v.maxLength(MAX_IMPORT_CHARS)) }), ImportOutcome),
  /** A link for a friend: what is signed here, and the recipe that works now if it is made of that alone. Nothing in it says whose it is. */
  'bundle.share': call(nothing, v.strictObject({ link: v.string(), works: v.nullable(v.string()), version: v.number() })),
  /** Asks mirrors and records now; what they say comes as `bundle.changed`. */
  'bundle.refresh': call(nothing, done),

  /** Asks the relay what it holds about this account. `not-connected`. */
  'relay.holdings': call(nothing, Holdings),
} as const

export const events = {
  /** The first frame. `groups` names the host abilities this shell has. */
  hello: v.strictObject({
    contract: v.number(),
    build: v.string(),
    shell: v.picklist(['electron', 'web', 'memory']),
    groups: v.array(v.picklist(['lab', 'users', 'openExternal', 'notify', 'captureGuard', 'bridge'])),
    user: v.string(),
  }),
  'message.changed': Message,
  'message.removed': v.strictObject({ id: MessageId, chatId: ChatId }),
  'chat.changed': ChatSummary,
  'typing.changed': v.strictObject({ chatId: ChatId, typing: v.boolean() }),
  'path.changed': PathState,
  'history.changed': History,
  /** `null`: none runs that the person asked for. */
  'probe.changed': v.strictObject({ progress: v.nullable(ProbeProgress) }),
  'bundle.changed': BundleState,
  'settings.changed': Settings,
  'profile.changed': Profile,
  /** The engine stopped and is being started again. */
  'engine.lost': v.strictObject({ restarting: v.boolean() }),
  'lab.changed': LabChange,
  'lab.moved': v.array(Bead),
  'bridge.changed': BridgeState,
  'users.changed': v.array(v.strictObject({ handle: Handle, card: v.nullable(ContactCard), hasWindow: v.boolean() })),
} as const

/** Answered by the shell where it has the group; `absent` elsewhere, and the screens then hide what needs it. */
export const hostCalls = {
  'lab.get': call(nothing, LabState),
  /** Puts `client` where the scenario happens, leaves the others elsewhere, and starts it. */
  'lab.play': call(v.strictObject({ scenario: v.string(), client: Handle }), done),
  'lab.stop': call(nothing, done),
  'lab.pause': call(v.strictObject({ paused: v.boolean() }), done),
  'lab.speed': call(v.strictObject({ speed: LabSpeed }), done),
  /** Makes the next move of the story at once; a paused story stays paused. */
  'lab.step': call(nothing, done),
  /** The lab as it stood so far into the story or free play, from its record; packets are not kept. `bad-input` while there is neither. */
  'lab.at': call(v.strictObject({ atMs: v.number() }), LabChange),
  /** What happened in the run that plays or the last one, both sides of it, as JSON lines. */
  'lab.events': call(nothing, v.strictObject({ text: v.string(), leftOut: v.number() })),
  'lab.place': call(v.strictObject({ client: Handle, vantage: v.string() }), done),
  /** The person as censor: acts on everybody at `vantage`. */
  'lab.censor': call(v.strictObject({ move: CensorMove, vantage: v.string() }), done),
  'lab.undo': call(nothing, done),
  /** A censor that learns by itself takes its place, instead of any story; `null`: it stops and lifts what it blocked. */
  'lab.adaptive': call(v.strictObject({ wish: v.nullable(AdaptiveWish) }), done),
  ...workbenchCalls,
  'users.list': call(nothing, v.array(v.strictObject({ handle: Handle, card: v.nullable(ContactCard), hasWindow: v.boolean() }))),
  /** Makes one more test user on this computer and answers the card to add. `name-taken`. */
  'users.add': call(v.strictObject({ handle: Handle }), v.strictObject({ card: ContactCard })),
  /** A test user goes on from a new computer: a fresh profile of the same account; the old one is put aside. `no-such-contact`. */
  'users.move': call(v.strictObject({ handle: Handle }), done),
  /** The diagnostics file of another test user, to compare with. `no-such-contact`; `refused` outside a rehearsal. */
  'users.diagnostics': call(v.strictObject({ handle: Handle }), v.strictObject({ text: v.string() })),
  /** Opens the window of a user of this computer; where the shell cannot open one, answers the address to open. */
  'users.open': call(v.strictObject({ handle: Handle }), v.strictObject({ url: v.nullable(v.string()) })),
  /** The bridge of this user's computer. It ends with the app. */
  'bridge.get': call(nothing, BridgeState),
  /** Switches it on, after the person agreed. What keeps it off comes as `fault`. */
  'bridge.start': call(BridgeWish, BridgeState),
  'bridge.stop': call(nothing, BridgeState),
  /** Leaves this window out of screenshots and recordings, or lets it in again. */
  'host.guardCapture': call(v.strictObject({ on: v.boolean() }), done),
  /** Opens an https address in the user's browser, after the user agreed. */
  'host.openExternal': call(v.strictObject({ url: v.pipe(v.string(), v.maxLength(2048), v.url(), v.startsWith('https://')) }), done),
} as const

/** Everything the screens may ask: core's calls and the shell's. */
export const contract = { calls: { ...calls, ...hostCalls }, events } as const
export type Contract = typeof contract

export type CoreCallName = keyof typeof calls
export type HostCallName = keyof typeof hostCalls
/** Answered at the door of a profile, also while it is locked. */
export type DoorCallName = Extract<CoreCallName, `profile.${string}`>
export type DoorHandlers = Handlers<Contract, DoorCallName>
export type CoreHandlers = Handlers<Contract, Exclude<CoreCallName, DoorCallName>>
export type EventName = EventNames<Contract>
export type EventPayload<E extends EventName> = Payload<Contract, E>
export type Backend = Client<Contract>
