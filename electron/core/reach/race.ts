/**
 * Runs a plan of starts until one attempt has proven itself. Knows times, evidence and limits; knows nothing of sockets, so
 * that every timeline can be checked on a virtual clock. While somebody answers in good time, nobody else is dialled; silence
 * never holds a start back; hard evidence pulls them forward.
 */
import type { Attempt } from '../../../shared/contract/path.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import { classify, DialError, type DialPhase, type DialReason } from '../net/errors.ts'
import type { Candidate } from './candidates.ts'
import { isPunished, punishedWith, shownBy } from './cooldown.ts'
import { createHandshakes, type Handshake } from './handshakes.ts'
import { ALL_STARTED_MS, type Start } from './plan.ts'
import { doubtingName, sharesAddress } from './suspicion.ts'
import { createTrace, type Trace } from './trace.ts'

/** What an attempt tells before each phase. Resolves when that may begin, or once the attempt is not wanted any more. */
export type Report = (phase: DialPhase) => Promise<void>

export interface RaceOptions<S> {
  readonly clock: Clock
  readonly starts: readonly Start[]
  readonly nextId: () => number
  /** Resolves with a proven connection; rejects with a `DialError`; obeys the signal and then leaves nothing open. */
  readonly attempt: (candidate: Candidate, report: Report, signal: AbortSignal) => Promise<S>
  /** Closes a connection that was proven too late. */
  readonly discard: (connection: S) => void
  readonly onChange: () => void
  readonly onFailed: (candidate: Candidate, phase: DialPhase, error: DialError, ms: number) => void
  readonly signal: AbortSignal
}

export interface Won<S> {
  readonly connection: S
  readonly candidate: Candidate
  /** From the start of the race, and of the winning attempt. */
  readonly ms: number
  readonly attemptMs: number
}

export interface Race<S> {
  /** `null` when every way failed or the signal aborted. Never rejects. */
  readonly result: Promise<Won<S> | null>
  attempts(): Attempt[]
  /** One more way, found while running; it starts when it would have, had it been known, but not in the past. */
  add(start: Start): void
}

/** A ClientHello unanswered for this long, or 2.5 times what TCP took, points at the name in it; a login takes two round trips. */
const SILENT_MS = 250
const SILENT_TRIPS = 2.5
const TRIPS = { encrypt: 1, recognise: 2 } as const
/** No clock can wait for less. */
const AT_ONCE_MS = 0.01
/** An answer in good time holds other starts back no longer than this, so that there is time left to start them all. */
const HOLD_UNTIL_MS = 1_500

type Why = NonNullable<Attempt['why']>

interface Running {
  readonly candidate: Candidate
  readonly id: number
  readonly startMs: number
  readonly why: Why
  readonly abort: AbortController
  readonly trace: Trace
  handshake: Handshake | null
  outcome: Attempt['outcome']
  reason?: string
  hush: Timer | null
}

export function race<S>(options: RaceOptions<S>): Race<S> {
  const { clock, signal, onChange } = options
  const begun = clock.monotonic()
  const elapsed = () => clock.monotonic() - begun
  let pending = [...options.starts]
  const runs: Running[] = []
  let timer: Timer | null = null
  /** Somebody answered, and then failed or fell silent: who answers proves nothing here. */
  let disappointed = false
  let decided = false
  let decide: (won: Won<S> | null) => void = () => {}
  const handshakes = createHandshakes(clock)
  /** What a box answered to, in this race: it would punish whoever shows it the same again. */
  const punished = new Set<string>()
  const result = new Promise<Won<S> | null>((resolve) => {
    decide = resolve
  })
  const running = () => runs.filter((run) => run.outcome === 'running')

  const finish = (won: Won<S> | null) => {
    if (decided) return
    decided = true
    timer?.cancel()
    signal.removeEventListener('abort', onAbort)
    handshakes.stop()
    for (const run of running()) cancel(run)
    onChange()
    decide(won)
  }
  const onAbort = () => finish(null)
  const cancel = (run: Running) => {
    close(run, 'cancelled', 'superseded')
    run.abort.abort(new DialError('superseded'))
  }
  const close = (run: Running, outcome: 'won' | 'failed' | 'cancelled', reason?: DialReason) => {
    run.outcome = outcome
    if (reason !== undefined) run.reason = reason
    unhush(run)
    run.trace.end(outcome === 'won' ? 'ok' : outcome, reason)
    run.handshake?.end()
  }
  const unhush = (run: Running) => {
    run.hush?.cancel()
    run.hush = null
  }

  /** Whether somebody who answered is still within the time that the next answer may take. */
  const isHeld = () => !disappointed && elapsed() < HOLD_UNTIL_MS && running().some(({ hush }) => hush !== null)
  const schedule = () => {
    timer?.cancel()
    timer = null
    if (decided) return
    const [next] = pending
    if (!next) {
      if (running().length === 0) finish(null)
    } else if (isHeld()) timer = clock.after(HOLD_UNTIL_MS - elapsed(), () => proceed())
    else timer = clock.after(Math.max(0, next.atMs - elapsed()), () => startDue())
  }
  const startDue = (pulled: Why = { cause: 'turn' }) => {
    while (!decided && pending[0] && pending[0].atMs <= elapsed() + AT_ONCE_MS) {
      const [due] = pending.splice(0, 1)
      if (due) begin(due.candidate, due.because ? { cause: due.because } : pulled)
    }
    schedule()
  }
  /** The next way starts now; the others follow at their old distances, or closer together where the last would come too late. */
  const proceed = (pulled?: Why) => {
    const now = elapsed()
    const from = pending[0]?.atMs ?? 0
    const span = (pending.at(-1)?.atMs ?? 0) - from
    const scale = span > 0 ? Math.min(1, Math.max(0, ALL_STARTED_MS - now) / span) : 1
    pending = pending.map(({ atMs, candidate }) => ({ atMs: now + (atMs - from) * scale, candidate }))
    startDue(pulled)
  }
  /** The times of the starts stay; who gets them is given. */
  const reorder = (order: readonly Candidate[]) => {
    pending = pending.map(({ atMs, candidate }, at) => ({ atMs, candidate: order[at] ?? candidate }))
  }
  const doubtAddress = (failed: Candidate) => {
    const waiting = pending.map(({ candidate }) => candidate)
    const shares = (other: Candidate) => sharesAddress(other, failed)
    reorder([...waiting.filter((other) => !shares(other)), ...waiting.filter(shares)])
  }
  const answers = (address: string) =>
    runs.some(({ candidate: { recipe }, trace }) => recipe.proxy === null && recipe.address === address && trace.isReached)
  const doubtName = (failed: Candidate) => {
    const waiting = pending.map(({ candidate }) => candidate)
    reorder(doubtingName(waiting, failed, answers))
  }

  const begin = (candidate: Candidate, why: Why) => {
    if (isPunished(candidate, punished)) return
    const startMs = elapsed()
    const run: Running = {
      candidate,
      id: options.nextId(),
      startMs,
      why,
      abort: new AbortController(),
      trace: createTrace(() => elapsed() - startMs),
      handshake: null,
      outcome: 'running',
      hush: null,
    }
    runs.push(run)
    const enter = (phase: DialPhase) => {
      run.trace.begin(phase)
      if (phase === 'encrypt' || phase === 'recognise') {
        listenForSilence(run, phase)
        schedule()
      }
      onChange()
    }
    const report: Report = async (phase) => {
      if (run.outcome !== 'running') return
      run.trace.end('ok')
      unhush(run)
      run.handshake?.end()
      if (phase !== 'encrypt') return enter(phase)
      await new Promise<void>((resolve) => {
        run.abort.signal.addEventListener('abort', () => resolve(), { once: true })
        run.handshake = handshakes.ask(shownBy(candidate), () => {
          enter(phase)
          resolve()
        })
      })
    }
    options.attempt(candidate, report, run.abort.signal).then(
      (connection) => won(run, connection),
      (error: unknown) => failed(run, error),
    )
    onChange()
  }
  /** An answer that is overdue is a doubt about the name at first; later, all is inside TLS, and nobody knows what it is about. */
  const listenForSilence = (run: Running, phase: keyof typeof TRIPS) => {
    run.hush = clock.after(TRIPS[phase] * Math.max(SILENT_MS, SILENT_TRIPS * run.trace.reachMs), () => {
      run.hush = null
      run.handshake?.fellSilent()
      disappointed = true
      if (phase === 'encrypt') doubtName(run.candidate)
      const silent: Why = { cause: 'silent', by: run.id }
      proceed(silent)
      if (phase === 'encrypt' && !run.candidate.proxy) besides([disguised], silent)
    })
  }
  const won = (run: Running, connection: S) => {
    if (decided || run.outcome !== 'running') {
      options.discard(connection)
      return
    }
    close(run, 'won')
    finish({ connection, candidate: run.candidate, ms: elapsed(), attemptMs: elapsed() - run.startMs })
  }
  const failed = (run: Running, cause: unknown) => {
    if (run.outcome !== 'running') return
    const error = classify(cause)
    const { phase } = run.trace
    for (const shown of punishedWith(run.candidate, phase, error.reason)) punished.add(shown)
    close(run, 'failed', error.reason)
    options.onFailed(run.candidate, phase, error, elapsed() - run.startMs)
    onChange()
    disappointed ||= phase !== 'reach'
    if (phase === 'reach') doubtAddress(run.candidate)
    else doubtName(run.candidate)
    if (error.reason === 'timeout' && running().length > 0) return schedule()
    const pulled: Why = { cause: 'failed', by: run.id }
    proceed(pulled)
    const isCut = error.reason === 'reset' || error.reason === 'closed'
    if (phase === 'encrypt' && isCut && !run.candidate.proxy) besides([tunnelled, disguised], pulled)
  }
  const tunnelled = ({ proxy }: Candidate) => proxy !== null
  const disguised = ({ kind, recipe }: Candidate) => kind === 'disguise' && recipe.proxy === null && answers(recipe.address)
  /** Somebody reads names here and may know the next one too: one of each of these ways, on which nobody does, goes beside it. */
  const besides = (hidden: readonly ((candidate: Candidate) => boolean)[], why: Why) => {
    for (const isHidden of hidden) {
      const next = pending.findIndex(({ candidate }) => isHidden(candidate))
      if (decided || next < 0 || running().some(({ candidate }) => isHidden(candidate))) continue
      for (const { candidate } of pending.splice(next, 1)) begin(candidate, why)
    }
    schedule()
  }

  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) finish(null)
  else startDue()

  return {
    result,
    attempts: () =>
      runs.map((run) => ({
        id: run.id,
        recipe: run.candidate.text,
        endpoint: run.candidate.endpoint.id,
        kind: run.candidate.kind,
        startMs: Math.round(run.startMs),
        why: run.why,
        phases: [...run.trace.phases],
        outcome: run.outcome,
        ...(run.reason === undefined ? {} : { reason: run.reason }),
      })),
    add({ atMs, candidate }) {
      const known = [...pending.map((start) => start.candidate), ...runs.map((run) => run.candidate)]
      if (decided || known.some(({ text }) => text === candidate.text)) return
      pending.push({ atMs, candidate })
      pending.sort((a, b) => a.atMs - b.atMs)
      schedule()
    },
  }
}
