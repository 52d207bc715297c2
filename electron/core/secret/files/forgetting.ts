/**
 * Has the relay forget files of the other side that nobody here will fetch again: opened, or seen and gone. Asked only after
 * that is on our disk, and again until it is done; what is never asked for goes at the relay with its time.
 */
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { createStallGuard } from '../../chats/files/stall.ts'
import { errorFacts, type Log } from '../../log.ts'
import { createPauses } from '../../pauses.ts'
import type { RelayLink } from '../../reach/relay-link.ts'
import type { SecretBook } from '../book.ts'

export interface Forgetting {
  poke(): void
  resume(): void
  close(): void
}

export interface ForgettingDeps {
  readonly book: SecretBook
  readonly link: RelayLink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Nobody waits for it. */
const AT_ONCE = 2

export function createForgetting({ book, link, clock, random, log }: ForgettingDeps): Forgetting {
  const { store } = book
  const closing = new AbortController()
  const running = new Set<string>()
  const pauses = createPauses(clock, random, () => poke())

  const poke = () => {
    if (closing.signal.aborted || !link.online) return
    // The key goes with the opening or the removal: the ciphertext is of no use to us any more.
    const done = store.all<{ id: string; media: string }>(
      `SELECT f.id, f.media FROM secret_file f CROSS JOIN secret_message m ON m.ord = f.ord
       WHERE m.mine = 0 AND f.media IS NOT NULL AND f.key IS NULL`,
    )
    for (const { id, media } of done) {
      if (running.size < AT_ONCE && !running.has(id) && !pauses.has(id)) void run(id, media)
    }
  }

  const run = async (id: string, media: string) => {
    running.add(id)
    const guard = createStallGuard(clock, closing.signal)
    try {
      const { status, body } = await link.http({ plane: 'media', method: 'DELETE', path: `/m/${media}`, headers: {} }, guard.signal)
      body.resume()
      // 405: a relay that keeps it. Asking again would change nothing.
      if ([204, 404, 405].includes(status)) book.write(() => store.run('UPDATE secret_file SET media = NULL WHERE id = ?', [id]))
      else pauses.start(id)
    } catch (error) {
      if (closing.signal.aborted) return
      log.warn('a file at the relay is still to be forgotten', errorFacts(error))
      pauses.start(id)
    } finally {
      guard.end()
      running.delete(id)
    }
    poke()
  }

  return {
    poke,
    resume() {
      pauses.clearAll()
      poke()
    },
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}
