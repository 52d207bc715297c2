/** What an observation is about, so that the same can be found in somebody else's file, and how it came out in a word. */
import type { Difference } from '../../../shared/contract/compare.ts'
import type { Observation } from '../diagnose/observation.ts'
import type { Context } from '../diagnose/scene.ts'

export interface Thing {
  readonly key: string
  readonly what: Difference['what']
  readonly about: string
  readonly outcome: Difference['mine']
}

/** `null` for what only one place can have: its own addresses, its own bridges, its own link. */
export function thingOf(o: Observation, context: Context): Thing | null {
  const thing = (what: Thing['what'], about: string, outcome: Thing['outcome']): Thing => ({
    key: `${what} ${about}`,
    what,
    about,
    outcome,
  })
  const isPublic = (address: string) =>
    context.endpoints.some(({ addresses }) => addresses.includes(address)) ||
    context.controls.some((control) => control.address === address)
  switch (o.t) {
    case 'dns':
      if (o.role === 'control' || o.madeUp || o.resolver === 'other') return null
      return thing(o.resolver === 'doh' ? 'other-lookup' : 'lookup', o.name, answerOf(o, context))
    case 'tcp':
      if (o.source === 'proxy' || !isPublic(o.address)) return null
      return thing(
        o.role === 'control' ? 'stranger' : 'connect',
        o.address,
        o.outcome.kind === 'connected' ? 'answers' : failureOf(o.outcome.kind),
      )
    case 'tls':
      if (o.source === 'proxy' || o.role === 'control' || !isPublic(o.address)) return null
      return thing(
        o.sni === null ? 'nameless' : 'handshake',
        o.address,
        o.outcome.kind === 'established' ? 'answers' : failureOf(o.outcome.kind),
      )
    case 'hello':
      if (o.source === 'proxy' || !isPublic(o.address)) return null
      return thing('hello', o.address, helloOf(o.outcome.kind))
    case 'status':
      return thing(
        'request',
        o.address,
        o.outcome.kind === 'status' ? (o.outcome.status < 400 ? 'answers' : 'turned-away') : failureOf(o.outcome.kind),
      )
    case 'vantage':
      if (o.outcome.kind === 'no-vantage') return null
      return thing('elsewhere', o.address, o.outcome.kind === 'established' ? 'answers' : failureOf(o.outcome.kind))
    case 'transfer':
      return o.role === 'control' || o.sni === null ? null : thing('transfer', o.address, transferOf(o.outcome.kind))
    case 'portal':
    case 'local':
      return null
  }
}

function answerOf(o: Extract<Observation, { t: 'dns' }>, context: Context): Thing['outcome'] {
  switch (o.outcome.kind) {
    case 'answer': {
      const { addresses } = o.outcome
      const isKnown = context.endpoints.some(
        (endpoint) => endpoint.host === o.name && endpoint.addresses.some((one) => addresses.includes(one)),
      )
      return isKnown ? 'true-answer' : 'other-answer'
    }
    case 'nxdomain':
      return 'no-such-name'
    case 'timeout':
      return 'silent'
    default:
      return 'failed'
  }
}

function failureOf(kind: string): Thing['outcome'] {
  switch (kind) {
    case 'timeout':
    case 'silent':
      return 'silent'
    case 'refused':
    case 'reset':
    case 'closed':
    case 'unreachable':
      return kind
    case 'cut':
      return 'reset'
    case 'certificate':
      return 'wrong-certificate'
    default:
      return 'failed'
  }
}

function helloOf(kind: Extract<Observation, { t: 'hello' }>['outcome']['kind']): Thing['outcome'] {
  if (kind === 'proven' || kind === 'unproven') return kind
  return kind === 'refused' || kind === 'status' ? 'turned-away' : failureOf(kind)
}

function transferOf(kind: Extract<Observation, { t: 'transfer' }>['outcome']['kind']): Thing['outcome'] {
  if (kind === 'whole' || kind === 'slow') return kind
  return kind === 'failed' ? 'failed' : 'stops'
}
