/** The tour's steps as facts about the window: where each points, and when the person has done it. */
import type { AppState } from '../../state/state.ts'

export const steps = ['hello', 'secret', 'break', 'end'] as const
export type Step = (typeof steps)[number]

/** The setting's value once the tour is over or skipped. */
export const TOUR_OVER = 9
export const BOB = 'cloud:bob'
const SECRET = 'secret:bob'
const STORY = 'russia-2018'

/** Only the first window of a rehearsal has the tour. */
export function tourStep({ hello, settings, self }: AppState): Step | null {
  if (hello?.user !== 'alice' || !hello.groups.includes('lab') || !self || !settings) return null
  return steps[settings.tourStep] ?? null
}

/** When the person last wrote to Bob, epoch ms; `null` before the first time, and until the chats are loaded. */
export function saidHelloAt({ chats }: AppState): number | null {
  const last = chats?.[BOB]?.last
  return last?.mine ? last.at : null
}

/** `helloBefore`: what `saidHelloAt` was when the step began; who takes the tour again says hello again. */
export function isDone(step: Step, state: AppState, helloBefore: number | null): boolean {
  switch (step) {
    case 'hello': {
      const said = saidHelloAt(state)
      return said !== null && said !== helloBefore
    }
    case 'secret':
      return state.view === 'relay' && secretPhase(state) === 'secured'
    case 'break': {
      const { path, lab } = state
      // A detour from before the story is not the one it was to bring, and before the block there is nothing to go around.
      const isNew = (path?.route?.since ?? 0) >= (lab?.running?.startedAt ?? Number.POSITIVE_INFINITY)
      const isBlocked = lab?.moves.some(({ side }) => side === 'censor') ?? false
      return isStarted(state) && isNew && isBlocked && path?.status === 'connected' && path.route?.kind !== 'plain'
    }
    case 'end':
      return false
  }
}

/** How far the second step is: before the switch, until Bob accepted, and then. */
export function secretPhase({ chats }: AppState): 'before' | 'waiting' | 'secured' {
  const state = chats?.[SECRET]?.secret?.state
  return state === 'waiting' || state === 'secured' ? state : 'before'
}

/** Whether the story of the third step runs for this window's person. */
export function isStarted({ lab, hello }: AppState): boolean {
  return lab?.running?.client === hello?.user && (lab?.running?.scenario.startsWith(STORY) ?? false)
}

export function storyId({ lab }: AppState): string | null {
  return lab?.scenarios.find(({ id }) => id.startsWith(STORY))?.id ?? null
}

/** What the step is about, first choice first. */
export function targetsOf(step: Step, state: AppState): readonly string[] {
  const composer = '[data-tour="composer"]'
  const line = '[data-tour="line"]'
  switch (step) {
    case 'hello':
      return [composer, `[data-chat="${BOB}"]`]
    case 'secret':
      return secretPhase(state) === 'secured' ? ['[data-view="relay"]'] : ['[data-tour="switch"]', `[data-chat="${BOB}"]`]
    case 'break':
      return isStarted(state) ? [line] : ['[data-view="lab"]']
    case 'end':
      return [line]
  }
}

export interface Outcome {
  readonly lost: number
  readonly detourMs: number | null
}

/** The figures of the end card, measured in this run. */
export function outcomeOf({ windows, path, lab }: AppState): Outcome {
  const since = lab?.running?.startedAt ?? Number.POSITIVE_INFINITY
  const written = windows[BOB]?.messages.filter(({ mine, at }) => mine && at >= since) ?? []
  return {
    lost: written.filter(({ delivery }) => delivery?.state === 'failed').length,
    detourMs: path?.lastSwitch?.gapMs ?? path?.route?.connectMs ?? null,
  }
}
