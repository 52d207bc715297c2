/** What may be asked of the player, and what it tells. */
import type { AdaptiveWish } from '../../shared/contract/adaptive.ts'
import type { Bead, CensorMove } from '../../shared/contract/lab.ts'
import type { GatewayState, Offer } from '../../shared/protocol/processes.ts'
import type { Events } from '../../shared/util/events.ts'
import type { Deed, HandPlay } from './hand-play.ts'
import type { Recorder } from './recorder.ts'
import type { Scenario } from './scenario.ts'
import type { Tampering } from './tamper.ts'
import type { CheckResult } from './truth.ts'

/** Which scenarios are the person's own is not the player's to know. */
export type PlayState = Omit<GatewayState, 'workbench'>

export interface Player {
  /** Something that `state` shows has changed. */
  readonly changed: Events<void>
  readonly beads: Events<Bead[]>
  /** The service offers something else from now on. */
  readonly offered: Events<Offer>
  state(): PlayState
  /** Puts `client` where the scenario wants it and begins; what was playing is stopped first. `no-such-scenario`. */
  play(scenario: string, client: string): void
  /** Lifts every rule, the person's too, and puts the world back. No-op when nothing plays. */
  stop(): void
  pause(paused: boolean): void
  /** Multiple of normal speed. No-op when nothing plays. */
  setSpeed(speed: number): void
  /** Makes the next move at once. No-op when nothing plays. */
  step(): void
  /** The lab as it stood so far into the story or free play. `bad-input` when there is none. */
  at(atMs: number): Omit<PlayState, 'scenarios'>
  /** `bad-input` when there is no such place. */
  place(client: string, place: string): void
  censor(move: CensorMove, place: string): void
  /** What the person does as censor, beside or without a story. */
  readonly hand: Pick<HandPlay, 'standing' | 'deeds' | 'session' | 'impose' | 'lift' | 'nextId'>
  /** Lifts every rule of the person's, and ends the adaptive censor. */
  undo(): void
  /** Goes on from what was done another time; what plays or stands is lifted first. */
  resume(deeds: readonly Deed[], place: string): void
  /** What the service offers now. */
  readonly offer: Offer
  /** The stories there are from now on. */
  know(scenarios: readonly Scenario[]): void
  /** The adaptive censor begins at a place, instead of any story; `null`: it stops, and lifts what it blocked. */
  adaptive(wish: AdaptiveWish | null): void
  /** For the plays to come. */
  tamper(tampering: Tampering): void
  /** Of the last play; no checks before the first. */
  truth(): CheckResult[]
  scenario(id: string): Scenario
  /** What is kept of the run that plays, or of the last one. */
  readonly record: Pick<Recorder, 'events' | 'capture' | 'keepBytes'>
  close(): void
}
