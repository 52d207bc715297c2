/** The chats that files belong to: all that handing over, uploading and fetching need to know of them. Cloud and secret chats each have one. */
import type { Message } from '../../../../shared/contract/chat.ts'
import type { Store } from '../../store/store.ts'
import type { Pieces } from './pieces.ts'

/** A file that lies at the relay, or is to. */
export type FileRow = { readonly id: string; readonly ord: number; readonly chatId: string; readonly size: number }

/** What goes to the relay: `pieces` are `size` bytes in all, made as they are asked for. */
export interface Parcel {
  readonly size: number
  /** The relay cannot open it, and is told to forget it in time. */
  readonly sealed: boolean
  readonly pieces: Iterable<Uint8Array>
  /** Inside a `write`, after the last piece: the relay has it under this id. */
  arrived(media: string): void
}

export interface FileHost {
  readonly store: Store
  /** The table of files. */
  readonly table: 'file' | 'secret_file'
  /** The bytes of the user. */
  readonly pieces: Pieces
  /** The bytes as they come from the relay. */
  readonly incoming: Pieces
  write<T>(work: () => T): T
  touchMessage(ord: number): void
  message(ord: number): Message
  has(messageId: string): boolean
  /** Throws `no-such-chat`, `refused`, `file-too-large`. */
  mayBegin(chatId: string, size: number): void
  /** Inside a `write`: the file is all here and becomes a message. `type` is what its bytes are. */
  append(file: { id: string; messageId: string; chatId: string; name: string }): { ord: number; type: string }
  /** Inside a `write`: it will never get there. */
  tooLarge(ord: number, chatId: string): void
  wrap(file: FileRow): Parcel
  /** Bytes that come from the relay for a file of this size. */
  incomingSize(size: number): number
  mayFetch(chatId: string): boolean
  /** Inside a `write`: all that was asked for is in `incoming`; it becomes the file. False when it is another one. */
  unwrap(file: FileRow): boolean
}
