/** The engine of one profile as a supervised process: started, spoken to, started again with growing pauses when it crashes. */
import type * as v from 'valibot'
import { calls, events } from '../../shared/contract/api.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import { type Client, connect, type Port } from '../../shared/contract/port.ts'
import { coreControl } from '../../shared/protocol/processes.ts'
import type { Clock, Timer } from '../../shared/util/clock.ts'
import { createEvents } from '../../shared/util/events.ts'
import { type Child, endChild, type Spawn } from './child.ts'
import { createSwitchboard } from './switchboard.ts'

/** What a core process answers on its one port: the contract's core calls and its control calls. */
export const coreApi = { calls: { ...calls, ...coreControl.calls }, events } as const
export type CoreClient = Client<typeof coreApi>
export type CoreStart = v.InferInput<(typeof coreControl)['calls']['core.start']['input']>

const LONGEST_PAUSE_MS = 30_000
/** After running this long a crash counts as the first again. */
const STABLE_MS = 60_000

export interface Engine {
  /** The shell's own way to ask; calls fail with `closed` while the process is being started again. */
  readonly core: CoreClient
  /** What the profile gives to people who want to add its user; `null` before it was opened with its passphrase. */
  readonly card: string | null
  /** It was opened with its passphrase: `card` is known now. */
  onOpened(listener: () => void): () => void
  /** A port for a window. Survives a crash of the process. */
  open(): Port
  /** A crashed process has come back: what screens hold may be stale. */
  onRestarted(listener: () => void): () => void
  /** Ends the process in order and starts it with what `prepare` answers, who has the profile to itself meanwhile. If that fails, as before. */
  renew(prepare: () => Promise<CoreStart>): Promise<void>
  stop(): Promise<void>
}

/** One life of the process. */
interface Life {
  readonly child: Child
  readonly opened: Promise<string | null>
  readonly bornAt: number
}

/** Resolves once the first process has opened its profile or waits for its passphrase; rejects with its reason if it cannot. */
export async function startEngine(spawn: Spawn, first: CoreStart, clock: Clock): Promise<Engine> {
  let start = first
  const switchboard = createSwitchboard()
  const core = connect(coreApi, switchboard.open())
  const restarted = createEvents<void>()
  let failures = 0
  let stopping = false
  let renewing = false
  let pause: Timer | null = null

  const launch = (): Life => {
    const child = spawn('core')
    switchboard.attach(child.port)
    return { child, opened: core.call('core.start', start).then((answer) => answer.card), bornAt: clock.monotonic() }
  }
  const tellLost = () => switchboard.broadcast({ t: 'event', name: 'engine.lost', payload: { restarting: true } })
  const end = async () => {
    pause?.cancel()
    await core.call('core.stop', {}).catch(() => {})
    await endChild(current.child)
  }
  const supervise = async (life: Life) => {
    await life.child.ended
    if (stopping || renewing) return
    tellLost()
    if (clock.monotonic() - life.bornAt > STABLE_MS) failures = 0
    pause = clock.after(Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** failures), relaunch)
    failures += 1
  }
  const relaunch = () => {
    current = launch()
    const { child, opened } = current
    // A process that lives but does not open its profile is ended; its end brings the next try.
    void opened.then(
      () => restarted.emit(),
      () => child.kill(),
    )
    void supervise(current)
  }

  let current = launch()
  const opened = createEvents<void>()
  let card: string | null
  // Told also when only the screens were locked: then nothing is new.
  core.on('profile.changed', ({ locked }) => {
    if (locked || card !== null) return
    void core.call('self.get', {}).then(
      (self) => {
        card = self.card
        opened.emit()
      },
      // Gone again in the same moment: its next life asks for the passphrase once more.
      () => {},
    )
  })
  try {
    card = await current.opened
  } catch (error) {
    await endChild(current.child)
    throw error
  }
  void supervise(current)

  return {
    core,
    get card() {
      return card
    },
    onOpened: opened.on,
    open: switchboard.open,
    onRestarted: restarted.on,
    async renew(prepare) {
      if (renewing || stopping) throw new BackendError('refused', 'being started again')
      renewing = true
      try {
        tellLost()
        await end()
        start = await prepare()
      } finally {
        renewing = false
        if (!stopping) relaunch()
      }
      await current.opened
    },
    async stop() {
      stopping = true
      await end()
    },
  }
}
