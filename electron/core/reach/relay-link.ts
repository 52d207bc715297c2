/**
 * What the rest of core sees of the connection to the relay: is there one, ask it something, hear what it pushes. How the
 * connection came about, and over which route, is the business of reach alone.
 */
import type { Readable } from 'node:stream'
import type { RelayHello, RequestInput, RequestName, RequestOutput, StreamItem } from '../../../shared/protocol/relay.ts'
import type { SealedPacket } from '../../../shared/protocol/secret.ts'
import type { SigningKey } from '../../../shared/util/signing.ts'

/** Who logs in. `device` is 16 random bytes made once per profile. */
export interface Identity {
  readonly handle: string
  readonly key: SigningKey
  readonly device: Uint8Array
}

export interface HttpRequest {
  readonly plane: 'media' | 'links'
  readonly method: 'GET' | 'PUT' | 'DELETE'
  /** Absolute path with query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readable | Uint8Array
  /** What it should take at the pace seen so far, ms: much longer than that, and the way is taken for dead. */
  readonly expectMs?: number
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable
  /** The recipe it came by. */
  readonly recipe: string
}

/** What comes with the beginning of a session. */
export interface Missed {
  readonly items: readonly StreamItem[]
  readonly more: boolean
  /** What waits in this device's mailbox. */
  readonly sealed: RelayHello['sealed']
  readonly relayNow: number
}

export interface RelayLink {
  readonly online: boolean
  /** A proven session began: what was missed comes with it, before any `onItems` or `onSealed`. */
  onOnline(listener: (missed: Missed) => void): () => void
  onOffline(listener: () => void): () => void
  onItems(listener: (items: readonly StreamItem[]) => void): () => void
  onSealed(listener: (packets: readonly SealedPacket[]) => void): () => void
  onTyping(listener: (from: string) => void): () => void
  /** Rejects with BackendError `not-connected` when there is no session, or it was lost before the answer: the caller asks again later with the same ids. */
  request<K extends RequestName>(name: K, input: RequestInput<K>, signal?: AbortSignal): Promise<RequestOutput<K>>
  /** Fire and forget; nothing happens while offline. */
  sendTyping(to: string): void
  /** HTTP to a host of the relay by whichever route works for that plane. Rejects `not-connected` when none does. */
  http(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>
}

/** What the link needs to know of the stream to log in. */
export interface CursorSource {
  /** `seq` of the last item durably applied; 0 at first. */
  cursor(): number
}
