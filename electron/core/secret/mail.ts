/**
 * Reads this device's mailbox: what waited, then what is pushed. A packet is told to be done only after what it said is on
 * the disk; one that comes again is a duplicate to its session, so nothing is lost or doubled however it ends.
 */
import { setMaxListeners } from 'node:events'
import type { SealedPacket } from '../../../shared/protocol/secret.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { errorFacts, type Log } from '../log.ts'
import { within } from '../net/deadline.ts'
import { createPauses } from '../pauses.ts'
import type { Missed, RelayLink } from '../reach/relay-link.ts'

export interface Mail {
  began(waiting: Missed['sealed']): void
  pushed(packets: readonly SealedPacket[]): void
  ended(): void
}

export interface MailDeps {
  readonly link: RelayLink
  /** Durable when it returns. Throws only when the store cannot be written. */
  readonly receive: (packets: readonly SealedPacket[]) => void
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** After each batch: there may be something to answer. */
  received(): void
}

const ANSWER_MS = 20_000
const READ = 'read'

export function createMail({ link, receive, clock, random, log, received }: MailDeps): Mail {
  const begin = () => {
    const controller = new AbortController()
    // One for each batch under way: many, and taken off again.
    setMaxListeners(0, controller.signal)
    return controller
  }
  let session = begin()
  /** Which session is being read; one that ended meanwhile is not waited for. */
  let reading: AbortSignal | null = null
  let again = false
  const pauses = createPauses(clock, random, () => void read())

  /** Answers the number of the last packet that is safe here. */
  const take = (packets: readonly SealedPacket[]): number => {
    if (packets.length === 0) return 0
    receive(packets)
    received()
    return packets.at(-1)?.id ?? 0
  }
  const forget = async (upTo: number) => {
    const answer = await within(clock, ANSWER_MS, session.signal, (signal) => link.request('sealed.done', { upTo }, signal))
    if (!answer.ok) log.warn('the relay did not forget packets', { code: answer.code })
  }

  const read = async () => {
    const { signal } = session
    if (reading === signal || signal.aborted || !link.online || pauses.has(READ)) return
    reading = signal
    try {
      for (;;) {
        again = false
        // From the start: what is done is gone from the mailbox.
        const page = await within(clock, ANSWER_MS, signal, (inner) => link.request('sealed.read', { after: 0 }, inner))
        if (signal.aborted) return
        if (!page.ok) return pauses.start(READ, page.retryMs)
        if (page.packets.length > 0) await forget(take(page.packets))
        if (signal.aborted) return
        if (page.more || again) continue
        return pauses.clear(READ)
      }
    } catch (error) {
      if (signal.aborted) return
      log.warn('reading the mailbox stopped', errorFacts(error))
      pauses.start(READ)
    } finally {
      if (reading === signal) reading = null
    }
  }

  const takeNow = (packets: readonly SealedPacket[], more: boolean) => {
    try {
      const upTo = take(packets)
      if (upTo > 0) forget(upTo).catch(() => {})
    } catch (error) {
      // A full disk, say: read again later, for the relay still has them.
      log.warn('packets not kept', errorFacts(error))
      pauses.start(READ)
      return
    }
    if (more) void read()
  }

  return {
    began({ packets, more }) {
      session.abort()
      session = begin()
      pauses.clearAll()
      takeNow(packets, more)
    },
    pushed(packets) {
      if (reading === session.signal || pauses.has(READ)) again = true
      else takeNow(packets, false)
    },
    ended() {
      session.abort()
      pauses.clearAll()
    },
  }
}
