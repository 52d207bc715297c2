/** What goes over the control pipe beside the contract's frames: the relay's side of the engine under test. */
import type { RequestName, StreamItem } from '../../../shared/protocol/relay.ts'
import type { Identified } from '../../unit/chats/fake-relay.ts'

export type FromChild =
  | { readonly relay: 'login'; readonly who: Identified; readonly cursor: number }
  | { readonly relay: 'request'; readonly id: number; readonly name: RequestName; readonly input: unknown }

export type ToChild =
  | { readonly relay: 'online'; readonly items: readonly StreamItem[]; readonly more: boolean }
  | { readonly relay: 'items'; readonly items: readonly StreamItem[] }
  | { readonly relay: 'answer'; readonly id: number; readonly answer: unknown }
