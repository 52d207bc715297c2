/**
 * The host group `lab`: one lab state for all windows. The gateway's own state, to which the shell adds what the gateway cannot
 * know: what the app did and said, how the plain client fares, and in whose window the lab was changed last.
 */
import type { Contract, HostCallName } from '../../shared/contract/api.ts'
import type { Bead, LabState, Move } from '../../shared/contract/lab.ts'
import type { PathState } from '../../shared/contract/path.ts'
import type { Handlers } from '../../shared/contract/port.ts'
import type { GatewayState } from '../../shared/protocol/processes.ts'
import type { Clock } from '../../shared/util/clock.ts'
import { createEvents } from '../../shared/util/events.ts'
import { appMoves, changedVerdicts, type Said, settled, truthCards } from './app-moves.ts'
import type { PlainClient } from './plain-client.ts'
import type { LabClient } from './rehearsal.ts'
import type { Users } from './users.ts'

type LabCalls = Extract<HostCallName, `lab.${string}`>

export interface LabGroupOptions {
  readonly lab: LabClient
  readonly users: Users
  /** Puts a plain client at a vantage. */
  readonly startPlain: (vantage: string) => PlainClient
  readonly clock: Clock
}

export interface LabGroup {
  /** What `user`'s window may ask. */
  handlers(user: string): Handlers<Contract, LabCalls>
  state(): LabState
  onChanged(listener: (state: LabState) => void): () => void
  onMoved(listener: (beads: Bead[]) => void): () => void
  close(): void
}

/** Follows a lab that runs already. */
export async function createLabGroup({ lab, users, startPlain, clock }: LabGroupOptions): Promise<LabGroup> {
  const changed = createEvents<LabState>()
  const moved = createEvents<Bead[]>()
  const paths = new Map<string, PathState>()
  let gateway = await lab.call('lab.state', {})
  let heardAt = clock.monotonic()
  let changedBy: string | null = null
  /** When the story, or the play without one, began that the record is of. */
  let recordOf = (gateway.running ?? gateway.free)?.startedAt ?? null
  let ownMoves: Move[] = []
  let said: Said[] = []
  /** What the plain client was from each moment of the run on. */
  let plainThen: { readonly atMs: number; readonly plain: NonNullable<LabState['plain']> }[] = []
  let plain: { readonly vantage: string; readonly client: PlainClient } | null = null

  const state = (): LabState => ({
    ...gateway,
    moves: [...gateway.moves, ...ownMoves].sort((a, b) => a.atMs - b.atMs),
    plain: plain && { vantage: plain.vantage, ...plain.client.state() },
    truth: truthCards(gateway.moves, said),
    changedBy,
  })
  const tell = () => changed.emit(state())
  /** On the run's own clock, which may pause and hurry. */
  const sinceStart = () => {
    const { running, free } = gateway
    const since = clock.monotonic() - heardAt
    if (running) return Math.round(running.atMs + since * running.speed)
    return free ? Math.round(free.atMs + (free.paused || free.finished ? 0 : since)) : 0
  }
  /** Whose moves are told: of the one a story is about; without a story, of everybody who stands before the censor. */
  const isTold = (handle: string) => {
    const { running, free, clients } = gateway
    if (running) return handle === running.client
    return free !== null && !free.finished && clients.some(({ name, vantage }) => name === handle && vantage === free.vantage)
  }

  const follow = (handle: string) => {
    const core = users.engine(handle)?.core
    core?.on('path.changed', (path) => heard(handle, path))
    // The first state, in case the path settles before anything changes. A core that is gone tells later.
    void core?.call('path.get', {}).then(
      (path) => paths.has(handle) || paths.set(handle, settled(null, path)),
      () => {},
    )
  }
  const heard = (handle: string, now: PathState) => {
    const before = paths.get(handle) ?? null
    const path = settled(before, now)
    paths.set(handle, path)
    if (!isTold(handle)) return
    const atMs = sinceStart()
    const moves = appMoves(before, path, atMs, handle)
    said.push(...changedVerdicts(before, path).map((verdict) => ({ atMs, verdict })))
    if (moves.length === 0) return
    ownMoves.push(...moves)
    tell()
  }

  const keepPlain = () => {
    if (plain) plainThen.push({ atMs: sinceStart(), plain: { vantage: plain.vantage, ...plain.client.state() } })
  }
  /** The plain client stands where the scenario's client stands, or else before the censor, as long as anything is played. */
  const movePlain = (next: GatewayState) => {
    const { running, free, clients } = next
    const freely = free && !free.finished ? free.vantage : null
    const vantage = running ? (clients.find((client) => client.name === running.client)?.vantage ?? null) : freely
    if (vantage === (plain?.vantage ?? null)) return
    plain?.client.close()
    plain = vantage === null ? null : { vantage, client: startPlain(vantage) }
    keepPlain()
    let changedAt = clock.now()
    plain?.client.onChanged(({ state }) => {
      const code = state === 'connected' ? 'plain-connected' : 'plain-lost'
      const facts = state === 'connected' ? { ms: Math.max(0, Math.round(clock.now() - changedAt)) } : {}
      changedAt = clock.now()
      const text = state === 'connected' ? 'the plain client connects' : 'the plain client hears nothing any more'
      ownMoves.push({ atMs: sinceStart(), side: 'plain', code, facts, text })
      keepPlain()
      tell()
    })
  }

  const undo = [
    lab.on('state.changed', (next) => {
      // A story that has ended is still read, both sides of it; the next one begins a new record.
      const played = next.running ?? next.free
      if (played && played.startedAt !== recordOf) {
        recordOf = played.startedAt
        ownMoves = []
        said = []
        plainThen = []
      }
      gateway = { ...next, scenarios: next.scenarios ?? gateway.scenarios }
      heardAt = clock.monotonic()
      movePlain(gateway)
      tell()
    }),
    lab.on('beads.moved', moved.emit),
    users.onAdded(follow),
  ]
  for (const { handle } of users.list()) follow(handle)
  movePlain(gateway)

  return {
    state,
    onChanged: changed.on,
    onMoved: moved.on,
    handlers(user) {
      const answer = async <T>(done: Promise<T>) => {
        const answered = await done
        changedBy = user
        tell()
        return answered
      }
      const change = async (done: Promise<unknown>) => answer(done).then(() => ({}))
      return {
        'lab.get': async () => state(),
        'lab.play': (input) => change(lab.call('lab.play', input)),
        'lab.stop': () => change(lab.call('lab.stop', {})),
        'lab.pause': (input) => change(lab.call('lab.pause', input)),
        'lab.speed': (input) => change(lab.call('lab.speed', input)),
        'lab.step': () => change(lab.call('lab.step', {})),
        'lab.at': async (input) => {
          const then = await lab.call('lab.at', input)
          const until = <T extends { readonly atMs: number }>(all: readonly T[]) => all.filter(({ atMs }) => atMs <= input.atMs)
          const was = until(plainThen).at(-1)
          return {
            ...then,
            moves: [...then.moves, ...until(ownMoves)].sort((a, b) => a.atMs - b.atMs),
            plain: was ? { ...was.plain, sinceMs: Math.round(was.plain.sinceMs + input.atMs - was.atMs) } : null,
            truth: truthCards(then.moves, until(said)),
            changedBy,
          }
        },
        'lab.events': async () => {
          const { text, leftOut } = await lab.call('lab.events', {})
          const apps = ownMoves.map(({ atMs, ...move }) => `${JSON.stringify({ t: 'app', atMs, ...move })}\n`)
          return { text: text + apps.join(''), leftOut }
        },
        'lab.place': (input) => change(lab.call('lab.place', input)),
        'lab.censor': (input) => change(lab.call('lab.censor', input)),
        'lab.adaptive': (input) => change(lab.call('lab.adaptive', input)),
        'lab.undo': () => change(lab.call('lab.undo', {})),
        'lab.impose': (input) => answer(lab.call('lab.impose', input)),
        'lab.lift': (input) => change(lab.call('lab.lift', input)),
        'lab.keep': (input) => answer(lab.call('lab.keep', input)),
        'lab.import': (input) => answer(lab.call('lab.import', input)),
        'lab.export': (input) => lab.call('lab.export', input),
        'lab.rename': (input) => answer(lab.call('lab.rename', input)),
        'lab.remove': (input) => change(lab.call('lab.remove', input)),
        'lab.putBack': (input) => answer(lab.call('lab.putBack', input)),
        'lab.edit': (input) => change(lab.call('lab.edit', input)),
      }
    },
    close() {
      for (const off of undo) off()
      plain?.client.close()
      plain = null
    },
  }
}
