/**
 * Sends what is still to go, in order within a lane; lanes do not wait for each other. Several jobs of a lane are under way
 * at once, which keeps their order because the relay reads a connection in order and, once it refuses a job for the moment,
 * refuses all others of the same turn. After any such failure nothing new goes until all answers are here, and then the next
 * turn begins with the first that is left. Asking again after a lost answer must be harmless: jobs carry their own number.
 */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import { errorFacts, type Log } from './log.ts'
import { within } from './net/deadline.ts'
import { createPauses } from './pauses.ts'

/** `done`: never again by itself. The others: refused for the moment, for this lane or for all of this connection. */
export type Sent = 'done' | { readonly again: 'lane' | 'all'; readonly ms?: number | undefined }

export interface LanesDeps<Job extends { readonly number: number }, Answer> {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  online(): boolean
  /** The lanes that have something to go. */
  waiting(): readonly string[]
  /** The first of the `limit` oldest jobs of this lane that is not under way. */
  next(lane: string, flying: ReadonlySet<number>, limit: number): Job | null
  /** Whether it may go now. Whatever it waits for pokes. */
  ready?(job: Job): boolean
  /** It may be refused for its own sake: nothing goes before it has landed, and it goes when all before it have. */
  alone?(job: Job): boolean
  ask(job: Job, turn: number, signal: AbortSignal): Promise<Answer>
  /** Takes note of the answer, durably. */
  settle(job: Job, answer: Answer): Sent
}

export interface Lanes {
  /** Something new is to go, or can go now. */
  poke(): void
  /** A connection began: no pause from before counts any more. */
  resume(): void
  close(): void
}

/** Long past the time in which a live connection answers; reach usually notices a dead one before. */
const ANSWER_MS = 20_000
const EVERYTHING = 'everything'
/** Jobs of one lane under way at once: 200 a second at a round trip of 80 ms. */
const WINDOW = 16

interface Lane {
  readonly flying: Set<number>
  /** Counts how often this lane began again on this connection; the relay takes nothing of a turn it has refused. */
  turn: number
  /** Something failed for the moment: nothing new until all under way have landed. */
  halted: boolean
  alone: boolean
}

export function createLanes<Job extends { readonly number: number }, Answer>(deps: LanesDeps<Job, Answer>): Lanes {
  const { clock, random, log, online, waiting, next, ready, alone, ask, settle } = deps
  let lanes = new Map<string, Lane>()
  const closing = new AbortController()
  // One for each request under way: many, and taken off again.
  setMaxListeners(0, closing.signal)
  const pauses = createPauses(clock, random, () => pump())

  const laneOf = (name: string): Lane => {
    const lane = lanes.get(name) ?? { flying: new Set(), turn: 0, halted: false, alone: false }
    lanes.set(name, lane)
    return lane
  }
  const mayGo = (name: string) => !closing.signal.aborted && online() && !pauses.has(EVERYTHING) && !pauses.has(name)

  const pump = () => {
    if (closing.signal.aborted || !online() || pauses.has(EVERYTHING)) return
    for (const name of waiting()) fill(name)
  }

  const fill = (name: string) => {
    const lane = laneOf(name)
    while (!lane.halted && !lane.alone && lane.flying.size < WINDOW && mayGo(name)) {
      const job = next(name, lane.flying, WINDOW + 1)
      if (!job) return
      if (alone?.(job)) {
        if (lane.flying.size > 0 || ready?.(job) === false) return
        lane.alone = true
      }
      lane.flying.add(job.number)
      void fly(name, job, lane)
    }
  }

  const fly = async (name: string, job: Job, lane: Lane) => {
    try {
      await send(name, job, lane)
    } catch (error) {
      if (closing.signal.aborted) return
      log.warn('sending stopped', errorFacts(error))
      lane.halted = true
      pauses.start(name)
    }
    lane.flying.delete(job.number)
    lane.alone = false
    if (lane.halted && lane.flying.size === 0) {
      lane.halted = false
      lane.turn += 1
    }
    // What flew in an earlier session has no say in this one.
    if (lanes.get(name) === lane) fill(name)
  }

  const send = async (name: string, job: Job, lane: Lane) => {
    const halt = (key: string, ms?: number) => {
      lane.halted = true
      pauses.start(key, ms)
    }
    let answer: Answer
    try {
      answer = await within(clock, ANSWER_MS, closing.signal, (signal) => ask(job, lane.turn, signal))
    } catch (error) {
      // Lost before the answer: whether the relay has it will show when the same number is asked again.
      if (!online() || lanes.get(name) !== lane || closing.signal.aborted) return
      log.warn('no answer to what was sent', errorFacts(error))
      halt(name)
      return
    }
    if (closing.signal.aborted) return
    const sent = settle(job, answer)
    if (sent === 'done') pauses.clear(name)
    else halt(sent.again === 'all' ? EVERYTHING : name, sent.ms)
  }

  return {
    poke: pump,
    resume() {
      // Answers of the session before will not come; what they were for goes again, from the first.
      lanes = new Map()
      pauses.clearAll()
      pump()
    },
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}
