/** What lies between a client's program and the first provider: its own computer and its own network, before any censor's box. */
import type { Judgement, Watch } from '../censor/judge.ts'
import type { Question } from './dns-message.ts'
import type { Connect, Origin, Target } from './engine.ts'
import type { Route } from './topology.ts'

/** What becomes of packets there; the id is that of the condition that does it. */
export type Detour =
  /** Somebody near answers in the other's name. `cuts`: connections that stood before are lost. */
  | { readonly t: 'divert'; readonly id: string; readonly connect: Connect; readonly cuts: boolean }
  | { readonly t: 'refuse'; readonly id: string; readonly code: 'ENETUNREACH' | 'EHOSTUNREACH' }
  | { readonly t: 'drop'; readonly id: string }

export interface Premises {
  /** `null`: the flow goes its way. */
  flow(from: Origin, to: Target): Detour | null
  /** `null`: the datagram goes its way; bytes: a near answer to the question. */
  datagram(from: Origin, to: Target, question: Question | null, bytes: Uint8Array): (Detour & { t: 'refuse' | 'drop' }) | Reply | null
  /** How packets from there fare, given how they would on a good line. */
  route(from: Origin, route: Route): Route
}

interface Reply {
  readonly t: 'reply'
  readonly id: string
  readonly bytes: Uint8Array
}

export const openPremises: Premises = { flow: () => null, datagram: () => null, route: (_from, route) => route }

/** A flow as its own premises and then the boxes on its way know it. */
export function watchPremises(premises: Premises, from: Origin, to: Target, beyond: Watch): Watch {
  let diverted = false
  const drop = (id: string): Judgement => ({ t: 'drop', rule: { id } })
  return {
    syn() {
      const detour = premises.flow(from, to)
      if (!detour) return beyond.syn()
      const rule = { id: detour.id }
      switch (detour.t) {
        case 'divert':
          diverted = true
          return { t: 'divert', rule, connect: detour.connect }
        case 'refuse':
          return { t: 'act', rule, act: { do: 'unreachable', code: detour.code } }
        case 'drop':
          return drop(detour.id)
      }
    },
    segment(direction, bytes) {
      const detour = premises.flow(from, to)
      if (detour && (detour.t !== 'divert' || (detour.cuts && !diverted))) return drop(detour.id)
      return diverted ? { t: 'pass' } : beyond.segment(direction, bytes)
    },
    end: () => beyond.end(),
  }
}
