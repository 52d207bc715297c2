/** Two people who keep writing to each other while the network changes under them, and the count of what became of it. */
import { randomUUID } from 'node:crypto'
import type { Message } from '../../../shared/contract/chat.ts'
import type { Delivery } from '../../../shared/protocol/run-report.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { CoreClient } from '../engine.ts'

export interface Person {
  readonly name: string
  readonly core: CoreClient
}

export interface Traffic {
  /** Writes no more; resolves with the count when all has arrived, or `patienceMs` later. */
  finish(patienceMs: number): Promise<Delivery>
}

const LEAST_MESSAGES = 200
const PAGE = 300

/** Each of the two writes every `everyMs` from now on. */
export function startTraffic(people: readonly [Person, Person], everyMs: number, clock: Clock): Traffic {
  const [first, second] = people
  const lanes = [startLane(first, second, everyMs, clock), startLane(second, first, everyMs, clock)]
  return {
    async finish(patienceMs) {
      for (const lane of lanes) lane.stop()
      const deadline = clock.monotonic() + patienceMs
      while (lanes.some((lane) => !lane.complete()) && clock.monotonic() < deadline) await pause(clock, 100)
      const counts = await Promise.all(lanes.map((lane) => lane.count()))
      const sum = (key: 'sent' | 'delivered' | 'lost' | 'duplicated') => counts.reduce((total, count) => total + count[key], 0)
      const total = { sent: sum('sent'), delivered: sum('delivered'), lost: sum('lost'), duplicated: sum('duplicated') }
      const ordered = counts.every((count) => count.ordered)
      const maxGapMs = Math.round(Math.max(...counts.map((count) => count.maxGapMs)))
      return { ok: total.sent >= LEAST_MESSAGES && total.lost === 0 && total.duplicated === 0 && ordered, ...total, ordered, maxGapMs }
    },
  }
}

/** One direction. */
function startLane(writer: Person, reader: Person, everyMs: number, clock: Clock) {
  const chatId = `cloud:${reader.name}`
  const arrivals = new Map<string, number>()
  let sent = 0
  let timer: Timer
  const unhear = reader.core.on('message.changed', (message) => {
    const text = written(message, writer.name)
    if (text !== null && !arrivals.has(text)) arrivals.set(text, clock.monotonic())
  })
  const write = () => {
    sent += 1
    // A message that the engine did not take is counted as lost below.
    writer.core.call('message.send', { id: randomUUID(), chatId, text: label(writer.name, sent) }).catch(() => {})
    timer = clock.after(everyMs, write)
  }
  write()

  return {
    stop: () => timer.cancel(),
    complete: () => arrivals.size >= sent,
    async count() {
      unhear()
      // What the reader's own history says, not what events said: that is what a person would see.
      const texts = (await history(reader, `cloud:${writer.name}`)).flatMap((message) => written(message, writer.name) ?? [])
      const distinct = new Set(texts)
      const times = [...arrivals.values()].sort((a, b) => a - b)
      return {
        sent,
        delivered: distinct.size,
        lost: sent - distinct.size,
        duplicated: texts.length - distinct.size,
        ordered: isSorted(texts),
        maxGapMs: times.reduce((longest, at, i) => Math.max(longest, at - (times[i - 1] ?? at)), 0),
      }
    },
  }
}

/** Zero-padded, so that the order of the texts is the order of writing. */
function label(name: string, n: number): string {
  return `${name} ${String(n).padStart(6, '0')}`
}

function written(message: Message, by: string): string | null {
  return !message.mine && message.from === by && message.body.kind === 'text' ? message.body.text : null
}

function isSorted(texts: readonly string[]): boolean {
  return texts.every((text, i) => i === 0 || (texts[i - 1] ?? '') <= text)
}

async function history({ core }: Person, chatId: string): Promise<Message[]> {
  const all: Message[] = []
  let before: number | undefined
  for (;;) {
    const page = await core.call('message.list', { chatId, limit: PAGE, ...(before !== undefined && { before }) })
    all.unshift(...page.messages)
    before = page.messages[0]?.order
    if (!page.hasOlder || before === undefined) return all
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}
