/** Two people who write to each other at no regular times, with the time that each message took; and what the history of each shows in the end. */
import { randomUUID } from 'node:crypto'
import type { Person } from '../../../electron/host/lab-run/traffic.ts'
import type { Message } from '../../../shared/contract/chat.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'

export interface Sent {
  readonly by: string
  readonly text: string
  /** Monotonic, of writing and of arriving; `null`: it has not. */
  readonly at: number
  arrivedAt: number | null
}

export interface Found {
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  /** Whether each reader sees the other's in the order of writing. */
  readonly ordered: boolean
}

export interface Writers {
  readonly sent: readonly Sent[]
  readonly waiting: number
  /** Refused by the engine of whoever wrote: nobody expects that. */
  readonly refused: readonly string[]
  stop(): void
  /** From what a person would see, not from what events said. */
  count(): Promise<Found>
}

const PAGE = 300

export function startWriters(people: readonly [Person, Person], clock: Clock, random: Random, everyMs: readonly [number, number]): Writers {
  const sent: Sent[] = []
  const byText = new Map<string, Sent>()
  const refused: string[] = []
  const timers = new Map<string, Timer>()
  let arrived = 0
  const unhear = people.map((reader) =>
    reader.core.on('message.changed', (message) => {
      const text = textOf(message)
      const found = message.mine || text === null ? undefined : byText.get(text)
      if (!found || found.arrivedAt !== null) return
      found.arrivedAt = clock.monotonic()
      arrived++
    }),
  )
  const pause = () => everyMs[0] + (everyMs[1] - everyMs[0]) * random.fraction()
  const write = (writer: Person, reader: Person, n: number) => {
    // Padded, so that the order of the texts is the order of writing.
    const text = `${writer.name} ${String(n).padStart(6, '0')}`
    const mine: Sent = { by: writer.name, text, at: clock.monotonic(), arrivedAt: null }
    sent.push(mine)
    byText.set(text, mine)
    writer.core
      .call('message.send', { id: randomUUID(), chatId: `cloud:${reader.name}`, text })
      .catch((error: unknown) => void refused.push(`${text}: ${String(error)}`))
    timers.set(
      writer.name,
      clock.after(pause(), () => write(writer, reader, n + 1)),
    )
  }
  const [first, second] = people
  write(first, second, 1)
  write(second, first, 1)

  return {
    sent,
    refused,
    get waiting() {
      return sent.length - arrived
    },
    stop() {
      for (const timer of timers.values()) timer.cancel()
    },
    async count() {
      for (const stop of unhear) stop()
      const lanes = await Promise.all([lane(first, second), lane(second, first)])
      return {
        lost: lanes.flatMap(({ lost }) => lost),
        doubled: lanes.flatMap(({ doubled }) => doubled),
        ordered: lanes.every(({ ordered }) => ordered),
      }
    },
  }

  async function lane(writer: Person, reader: Person) {
    const texts = (await history(reader, `cloud:${writer.name}`)).filter(({ mine }) => !mine).flatMap((message) => textOf(message) ?? [])
    const distinct = new Set(texts)
    return {
      lost: sent.filter(({ by, text }) => by === writer.name && !distinct.has(text)).map(({ text }) => text),
      doubled: texts.filter((text, i) => texts.indexOf(text) !== i),
      ordered: texts.every((text, i) => i === 0 || (texts[i - 1] ?? '') <= text),
    }
  }
}

function textOf({ body }: Message): string | null {
  return body.kind === 'text' ? body.text : null
}

async function history({ core }: Person, chatId: string): Promise<Message[]> {
  const pages: Message[][] = []
  let before: number | undefined
  for (;;) {
    const page = await core.call('message.list', { chatId, limit: PAGE, ...(before !== undefined && { before }) })
    pages.unshift(page.messages)
    before = page.messages[0]?.order
    if (!page.hasOlder || before === undefined) return pages.flat()
  }
}
