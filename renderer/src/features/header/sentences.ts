/**
 * The one or two sentences always in sight: how we are connected, then the trouble that matters most. A pure function of the
 * path and the time; the words are in the catalogue (header.json).
 */
import { type ConfidenceWord, type PathState, type Plane, planes, type Verdict } from '../../../../shared/contract/path.ts'
import type en from '../../i18n/en/header.json'
import { type Cause, causeFound } from '../../ui/line/causes.ts'

type RawKey = keyof typeof en
/** i18next takes the key without its plural ending. */
export type HeaderKey = RawKey extends infer K ? (K extends `${infer Base}_${'one' | 'other'}` ? Base : K) : never

export interface HeaderSentence {
  readonly key: HeaderKey
  /** Durations in ms (`ms`, `holdMs`, `leftMs`, `skewMs`) and counts; the component puts them into the reader's language. */
  readonly params: Readonly<Record<string, number>>
  readonly confidence: ConfidenceWord
  /** What the person can do about it here. */
  readonly action: 'return' | 'retry' | 'details' | null
}

/** Looking for the relay is normal for this long. */
const PATIENCE_MS = 1_500
/** Then, without any finding, we say that we cannot tell. */
const PUZZLED_MS = 10_000
/** How long a switch is told. */
const SWITCH_TOLD_MS = 15_000

/** At most two, most important first. */
export function headerSentences(path: PathState, now: number): readonly HeaderSentence[] {
  if (path.status === 'connected' && path.route) return connected(path, path.route.kind, now)
  if (path.status === 'offline' || !path.network.up) return [say('offline')]
  return notConnected(path, now).slice(0, 2)
}

function connected(path: PathState, kind: NonNullable<PathState['route']>['kind'], now: number): readonly HeaderSentence[] {
  const chat = path.verdicts.find((verdict) => verdict.plane === 'chat')
  const trouble = worst(path)
  const { lastSwitch, returning } = path
  const pinned = path.routes.find(({ choice }) => choice === 'pinned')?.recipe
  if (path.isQuiet) return [say('quiet'), ...(trouble ? [trouble] : [])]
  if (lastSwitch && lastSwitch.kind !== 'plain' && now - lastSwitch.at < SWITCH_TOLD_MS && kind !== 'plain') {
    return [say(`switched.${lastSwitch.kind}`, { ms: lastSwitch.gapMs }), ...(trouble ? [trouble] : [])]
  }
  if (returning) {
    const params = { holdMs: returning.holdMs, leftMs: Math.max(0, returning.readyAt - now) }
    // What was found of the plain path itself is behind these tests.
    const elsewhere = worst({ ...path, verdicts: path.verdicts.filter(({ plane }) => plane !== 'chat') })
    return [say(pinned === undefined ? 'returning' : 'returningPinned', params, { action: 'return' }), ...(elsewhere ? [elsewhere] : [])]
  }
  if (pinned !== undefined && pinned === path.route?.recipe) return [say('pinnedInUse'), ...(trouble ? [trouble] : [])]
  const cause = chat && causeFound(chat)
  if (cause === 'lookupFalse' || cause === 'lookupDenies' || cause === 'lookupSilent') {
    if (kind === 'plain' || kind === 'address') return [say(`connected.${cause}`, {}, { confidence: chat?.word ?? 'none' })]
  }
  if (kind !== 'plain') {
    if (cause && trouble) return [say(`detour.${kind}`), trouble]
    // Left by choice, or free again and not yet tested: it is not said to fail.
    const usual = path.routes.find((route) => route.kind === 'plain')
    if (usual?.choice === 'banned') return [say('detour.banned', {}, { action: 'details' })]
    const isWell = chat?.kind === 'ok' && usual?.last?.ok
    return [say(isWell ? 'detour.testing' : 'detour.open', {}, { action: 'details' })]
  }
  if (!trouble) return [say('connected')]
  return cause ? [say('connected'), trouble] : [say('messagesWork'), trouble]
}

function notConnected(path: PathState, now: number): readonly HeaderSentence[] {
  const waited = now - path.since
  const bans = path.routes.filter(({ choice }) => choice === 'banned').length
  const leftMs = path.nextTryAt === null ? null : Math.max(0, path.nextTryAt - now)
  /** Between two tries: when the next is due. */
  const next = leftMs === null ? [] : [say('nextTry', { leftMs }, { action: 'retry' })]
  const trying = leftMs === null ? say('lookingLonger') : say('waiting', { leftMs }, { action: 'retry' })
  const banned = leftMs !== null && bans > 0 ? [say('bansInTheWay', { count: bans }, { action: 'details' })] : []
  const chat = path.verdicts.find((verdict) => verdict.plane === 'chat')
  switch (chat?.kind) {
    case 'offline':
      return [chat.place === null || chat.place === 'device' ? say('offline') : say('nothingBeyond')]
    case 'captive_portal':
      return [say('portal'), ...next]
    case 'local_filter':
      return [say('localFilter'), ...next]
    case 'clock_wrong':
      return [clock(chat, path.clockSkewMs), ...next]
    case 'service_fault':
      return [say('serviceFault'), ...next]
    case 'overload':
      return [say('overload'), ...next]
    case 'server_side_denial':
      return [say('denial'), ...next]
    case 'interference': {
      const cause = causeFound(chat)
      if (cause === 'domestic' || cause === 'nothingBeyond') return [say(cause, {}, { confidence: chat.word }), ...next]
      return [trying, ...banned, sentenceOf(chat, cause ?? 'blocked')]
    }
    default:
      if (waited < PATIENCE_MS) return [say('looking')]
      if (banned.length > 0) return [trying, ...banned]
      return waited < PUZZLED_MS ? [trying] : [say('unknown', { count: routesTried(path) }, { action: 'details' }), ...next]
  }
}

/** What holds for messages goes before what holds for another plane. */
function worst(path: PathState): HeaderSentence | null {
  for (const plane of ['chat', ...planes] as const) {
    const verdict = path.verdicts.find((candidate) => candidate.plane === plane)
    const cause = verdict && causeFound(verdict)
    if (verdict && cause) return sentenceOf(verdict, cause)
  }
  return null
}

function sentenceOf({ plane, word }: Verdict, cause: Cause): HeaderSentence {
  return say(`trouble.${plane}.${cause}` satisfies `trouble.${Plane}.${Cause}`, {}, { confidence: word })
}

function clock(verdict: Verdict, proven: number | null): HeaderSentence {
  const seen = verdict.evidence.find(({ code }) => code === 'clock-off')?.facts.skewMs
  const skewMs = proven ?? (typeof seen === 'number' ? seen : null)
  return skewMs === null ? say('clockUnknown') : say('clock', { skewMs: Math.abs(skewMs) })
}

function routesTried({ attempts }: PathState): number {
  return new Set(attempts.filter(({ outcome }) => outcome === 'failed').map(({ recipe }) => recipe)).size
}

function say(key: HeaderKey, params: HeaderSentence['params'] = {}, more: Partial<HeaderSentence> = {}): HeaderSentence {
  return { key, params, confidence: 'none', action: null, ...more }
}
