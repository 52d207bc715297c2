/**
 * Looks for a newer bundle where no relay is needed: mirrors, and TXT records at public resolvers. Begun beside a race that gets nowhere,
 * and when nothing has confirmed for a day what is held; never in the way of a race. The first newer one that is rightly signed ends a round.
 */
import type { BundleChannel, BundleState } from '../../../shared/contract/bundle.ts'
import { type Clock, sleep, type Timer } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import type { Random } from '../../../shared/util/random.ts'
import { within } from '../net/deadline.ts'
import type { Network } from '../net/network.ts'
import { type Fetched, fetchFromMirror, fetchFromTxt } from './bundle-fetch.ts'
import type { BundleHolder } from './bundle-holder.ts'

/** After the start of a race that has won nothing by then. */
const BESIDE_MS = 1_200
/** Somebody answers, slowly: looked at again after this. */
const AGAIN_MS = 1_000
/** One after the other, sooner when one fails. */
const STEP_MS = 250
const ANSWER_MS = 5_000
const STALE_MS = 24 * 3_600_000
/** Between two rounds that brought nothing new; doubled each time, give or take a fifth, so that nobody sees a beat. */
const PAUSE_MS = 30_000
const MAX_PAUSE_MS = 1_800_000
/** Resolvers asked for the records. */
const OPERATORS = 2

export interface BundleChannelsOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly holder: BundleHolder
  /** Whether somebody has answered the race that runs, and has not failed yet. */
  readonly isPromising: () => boolean
  readonly closing: AbortSignal
}

export type Channel = BundleChannel['channel']
export type Said = NonNullable<BundleChannel['last']>['said']

export interface BundleChannels {
  /** A race began without a session. */
  racing(): void
  /** It won nothing. */
  missed(): void
  /** There is a session: what runs is given up. */
  settled(): void
  /** Another network: what was said there does not count here. */
  moved(): void
  /** Now, whatever was said before. */
  refresh(): void
  /** What came by a channel that nobody asks. */
  heard(channel: Channel, said: Said): void
  state(): Pick<BundleState, 'isLooking' | 'channels'>
  onChange(listener: () => void): () => void
}

interface Source {
  readonly channel: 'mirror' | 'txt'
  readonly id: string
  readonly provider: string
  readonly ask: (signal: AbortSignal) => Promise<readonly Fetched[]>
}

export function createBundleChannels(options: BundleChannelsOptions): BundleChannels {
  const { network, clock, random, holder, isPromising, closing } = options
  const changes = createEvents<void>()
  const lasts = new Map<string, NonNullable<BundleChannel['last']>>()
  let beside: Timer | null = null
  let round: AbortController | null = null
  let rounds = 0
  let pauseMs = PAUSE_MS
  let pausedUntil = Number.NEGATIVE_INFINITY

  const note = (channel: Channel, id: string, said: Said) => {
    lasts.set(`${channel} ${id}`, { said, at: clock.now() })
    changes.emit()
  }
  const usable = ({ address }: { readonly address: string }) => network.facts().v6 || !address.includes(':')
  const sources = (): Source[] => {
    const bundle = holder.current()
    const deps = { network, roots: bundle.roots }
    const mirrors = (bundle.mirrors ?? []).filter(usable).map(
      (mirror): Source => ({
        channel: 'mirror',
        id: mirror.id,
        provider: mirror.provider,
        ask: async (signal) => [await fetchFromMirror(deps, mirror, signal)],
      }),
    )
    // Each round another of the names, where there are several.
    const name = bundle.txt?.[rounds % (bundle.txt.length || 1)]
    const resolvers = name === undefined ? [] : bundle.doh.filter(usable).slice(0, OPERATORS)
    const records = resolvers.map((server): Source => {
      const ask = (signal: AbortSignal) => fetchFromTxt(deps, server, name ?? '', signal)
      return { channel: 'txt', id: server.id, provider: server.host, ask }
    })
    return alternating(mirrors, records)
  }

  /** Resolves with whether it brought a newer one. Never rejects. */
  const askOne = async ({ channel, id, ask }: Source, signal: AbortSignal): Promise<boolean> => {
    const fetched = await within(clock, ANSWER_MS, signal, ask).catch((): Fetched[] => [{ ok: false, reason: 'unreached' }])
    // What is given up said nothing.
    if (signal.aborted) return false
    const said = fetched.map((each): Said => (each.ok ? takeFrom(each.parcel, channel) : each.reason))
    const best = said.find((each) => each === 'newer') ?? said.find((each) => each === 'same') ?? said[0] ?? 'nothing-there'
    note(channel, id, best)
    return best === 'newer'
  }
  const takeFrom = (parcel: Extract<Fetched, { ok: true }>['parcel'], channel: 'mirror' | 'txt'): Said =>
    parcel.bundle ? holder.offer(parcel.bundle, channel) : 'nothing-there'

  const begin = async () => {
    const asked = sources()
    if (round || asked.length === 0 || !network.facts().up) return
    const mine = new AbortController()
    round = mine
    changes.emit()
    // The order turns with each round: who comes first is seen most.
    const turn = rounds % asked.length
    rounds++
    const running: Promise<boolean>[] = []
    for (const source of [...asked.slice(turn), ...asked.slice(0, turn)]) {
      if (mine.signal.aborted) break
      const answer = askOne(source, mine.signal).then((isNewer) => {
        if (isNewer) mine.abort()
        return isNewer
      })
      running.push(answer)
      await Promise.race([answer, sleep(clock, STEP_MS, mine.signal).catch(() => {})])
    }
    const found = (await Promise.all(running)).includes(true)
    if (round === mine) round = null
    pauseMs = found ? PAUSE_MS : Math.min(2 * pauseMs, MAX_PAUSE_MS)
    pausedUntil = clock.monotonic() + (found ? 0 : (pauseMs / 2) * (0.8 + 0.4 * random.fraction()))
    changes.emit()
  }
  const beginIfDue = () => {
    if (clock.monotonic() >= pausedUntil) void begin()
  }
  const cancelTimer = () => {
    beside?.cancel()
    beside = null
  }
  const isStale = () => clock.now() - (holder.note()?.confirmedAt ?? 0) > STALE_MS
  const waitBeside = (ms: number) => {
    beside = clock.after(ms, () => {
      beside = null
      if (isPromising() && !isStale()) waitBeside(AGAIN_MS)
      else beginIfDue()
    })
  }

  const settled = () => {
    cancelTimer()
    round?.abort()
    round = null
  }
  closing.addEventListener('abort', settled, { once: true })

  return {
    racing() {
      if (!beside) waitBeside(BESIDE_MS)
    },
    missed() {
      cancelTimer()
      beginIfDue()
    },
    settled,
    moved() {
      pauseMs = PAUSE_MS
      pausedUntil = Number.NEGATIVE_INFINITY
    },
    refresh() {
      void begin()
    },
    heard: (channel, said) => note(channel, '', said),
    state: () => ({
      isLooking: round !== null,
      channels: [
        ...(['file', 'in-band', 'hand'] as const).map((channel) => ({
          channel,
          id: '',
          provider: '',
          last: lasts.get(`${channel} `) ?? null,
        })),
        ...sources().map(({ channel, id, provider }) => ({ channel, id, provider, last: lasts.get(`${channel} ${id}`) ?? null })),
      ],
    }),
    onChange: changes.on,
  }
}

/** Of both by turns: what blocks all of one kind does not hold up the other. */
function alternating<T>(a: readonly T[], b: readonly T[]): T[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i], b[i]])
    .flat()
    .filter((each) => each !== undefined)
}
