/** What the lab's own wire saw: the events, and their counts by kind, which every statement about a run is checked against. */
import type { Way } from '../censor/judge.ts'

export interface PacketEvent {
  readonly t: 'syn' | 'data' | 'dns' | 'datagram'
  readonly direction: 'up' | 'down'
  readonly way: Way
  readonly bytes: number
  /** The looked-up name, or the server name once it was said. */
  readonly name: string | null
  readonly fate: 'passed' | 'lied' | 'dropped' | 'reset' | 'slowed'
  readonly rule: string | null
}

export interface LogRow extends PacketEvent {
  /** How many moves had been made. */
  readonly step: number
  count: number
}

export interface PacketLog {
  add(event: PacketEvent, step: number): void
  rows(): Iterable<LogRow>
  clear(): void
}

/** Far more kinds than any scenario has; a flood of made-up names ends here. */
const MAX_ROWS = 20_000

export function createPacketLog(): PacketLog {
  const rows = new Map<string, LogRow>()
  return {
    add(event, step) {
      const { way } = event
      const key = `${step}|${event.t}|${event.direction}|${event.fate}|${event.rule}|${way.who}|${way.provider}|${way.to}|${way.port}|${event.name}`
      const row = rows.get(key)
      if (row) row.count++
      else if (rows.size < MAX_ROWS) rows.set(key, { ...event, step, count: 1 })
    },
    rows: () => rows.values(),
    clear: () => rows.clear(),
  }
}
