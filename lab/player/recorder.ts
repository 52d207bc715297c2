/** Everything that is kept of a run: packets by kind, pictures to look back on, the log of events, and if wanted the packets' bytes. */
import type { Move } from '../../shared/contract/lab.ts'
import type { Engine } from '../engine/engine.ts'
import { createPacketLog, type LogRow, type PacketEvent } from '../engine/packet-log.ts'
import { createHistory, type Picture } from './history.ts'
import { createRecording, type Recording } from './pcap.ts'

export interface RecordedRun {
  readonly scenario: { readonly card: { readonly id: string } }
  readonly client: string
  readonly startedAt: number
  /** Moves made so far. */
  readonly made: number
  elapsedMs(): number
}

export interface Recorder {
  /** What was kept of the run before is let go. */
  begin(run: RecordedRun): void
  /** Of the run that began last; nothing is added any more. */
  end(): void
  move(move: Move): void
  picture(atMs: number, picture: Picture): void
  pictureAt(atMs: number): Picture | null
  rows(): Iterable<LogRow>
  /** What came of what one of the lab's people tried. */
  met(who: string, outcome: string): void
  meetings(): Iterable<Meeting>
  /** Whether the bytes of packets are kept, in runs to come. */
  keepBytes(on: boolean): void
  /** JSON lines, and how many packets are not among them because there were too many. */
  events(): { readonly text: string; readonly leftOut: number }
  /** A capture file; `null` when no bytes were kept. */
  capture(): (Pick<Recording, 'packets' | 'leftOut'> & { readonly file: Uint8Array<ArrayBuffer> }) | null
  close(): void
}

/** So many times, after so many moves, this came of what somebody tried. */
export interface Meeting {
  readonly step: number
  readonly who: string
  readonly outcome: string
  count: number
}

/** About 250 bytes each. */
const MAX_PACKETS = 40_000

export function createRecorder(engine: Engine): Recorder {
  const log = createPacketLog()
  const history = createHistory()
  const recording = createRecording()
  const meetings = new Map<string, Meeting>()
  let lines: string[] = []
  let packets = 0
  let seen = ''
  let keeping = false
  let kept = false
  let run: RecordedRun | null = null

  const say = (line: { readonly t: string; readonly atMs: number } & Record<string, unknown>) => void lines.push(JSON.stringify(line))
  const now = () => (run ? Math.round(run.elapsedMs() * 1000) / 1000 : 0)
  const undo = engine.packets.on((event) => {
    if (!run) return
    log.add(event, run.made)
    if (packets++ < MAX_PACKETS) say({ t: 'packet', atMs: now(), ...lineOf(event) })
  })

  return {
    begin(next) {
      log.clear()
      meetings.clear()
      history.clear()
      recording.clear()
      lines = []
      packets = 0
      seen = ''
      run = next
      kept = keeping
      // The wire's own time: a story may pause and hurry, packets do not.
      const began = engine.clock.monotonic()
      engine.capture(kept ? (packet) => recording.add(packet, next.startedAt + engine.clock.monotonic() - began) : null)
      say({ t: 'run', atMs: 0, format: 1, scenario: next.scenario.card.id, client: next.client, startedAt: next.startedAt })
    },
    end() {
      run = null
      engine.capture(null)
    },
    move: ({ atMs, ...move }) => say({ t: 'move', atMs, ...move }),
    picture(atMs, picture) {
      history.add(atMs, picture)
      const world = {
        gates: picture.gates.map(({ id, at, act, by }) => ({ id, at, act, by })),
        places: Object.fromEntries(picture.clients.map(({ name, vantage }) => [name, vantage])),
        addressesBlocked: picture.addressesBlocked,
        down: picture.collateral.filter(({ up }) => !up).map(({ name }) => name),
        recorded: picture.tracker?.total ?? null,
      }
      const text = JSON.stringify(world)
      if (text !== seen) say({ t: 'world', atMs, ...world })
      seen = text
    },
    pictureAt: (atMs) => history.at(atMs),
    rows: () => log.rows(),
    met(who, outcome) {
      if (!run) return
      const key = `${run.made} ${who} ${outcome}`
      const meeting = meetings.get(key) ?? { step: run.made, who, outcome, count: 0 }
      meeting.count++
      meetings.set(key, meeting)
      say({ t: 'met', atMs: now(), who, outcome })
    },
    meetings: () => meetings.values(),
    keepBytes(on) {
      keeping = on
    },
    events() {
      const leftOut = Math.max(0, packets - MAX_PACKETS)
      // A reader of the file alone must know, too.
      const note = JSON.stringify({ t: 'kept', packets, packetsLeftOut: leftOut })
      return { text: `${[...lines, note].join('\n')}\n`, leftOut }
    },
    capture: () => (kept ? { file: recording.file(), packets: recording.packets, leftOut: recording.leftOut } : null),
    close() {
      engine.capture(null)
      undo()
    },
  }
}

function lineOf({ t, direction, way, bytes, name, fate, rule }: PacketEvent) {
  const { who, place, provider, from, to, toProvider, port } = way
  return { packet: t, direction, who, place, provider, from, to, toProvider, port, bytes, name, fate, rule }
}
