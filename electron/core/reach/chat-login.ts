/** How an attempt at the chat plane proves itself: one login at a time within a race, over the TLS session it has. */
import { createHash } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { DialError } from '../net/errors.ts'
import type { Candidate } from './candidates.ts'
import { openSession } from './login.ts'
import { createLoginTurns } from './login-turn.ts'
import type { Identity } from './relay-link.ts'
import type { Session } from './session.ts'
import { warmUp } from './warm-up.ts'

/** The least time a login may take before another gets its turn. */
const PATIENCE_MS = 400

export interface ChatLoginDeps {
  readonly clock: Clock
  readonly random: Random
  readonly bundle: () => Bundle
}

/** For one race: `who` logs in, and asks for what comes after `cursor()`; or only to wait beside the session in use. */
export function chatLogin({ clock, random, bundle }: ChatLoginDeps) {
  let isWarm = false
  return (who: Identity, cursor: () => number, standby = false) => {
    const turns = createLoginTurns(clock)
    const fixed = () => ({ clock, random, identity: who, cursor, standby, bundleVersion: bundle().version, relayKey: bundle().relayKey })
    if (!isWarm) {
      isWarm = true
      warmUp(clock, { ...fixed(), host: 'nowhere.invalid', port: 443, turn: () => new Promise(() => {}) })
    }
    return async (tls: TLSSocket, { endpoint }: Candidate, tlsMs: number, signal: AbortSignal): Promise<Session> => {
      const giveUp = new AbortController()
      const onAbort = () => giveUp.abort(signal.reason)
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      let release = () => {}
      const turn = () => {
        const place = turns.take(Math.max(PATIENCE_MS, 2 * tlsMs), () => giveUp.abort(new DialError('timeout', 'turn-lost')))
        release = place.release
        return place.ready
      }
      const { host, port } = endpoint
      try {
        // Whoever is proven keeps the turn: the race is over, and another login would take its place at the relay.
        return await openSession(tls, { ...fixed(), host, port, turn }, giveUp.signal)
      } catch (error) {
        release()
        throw error
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    }
  }
}

/**
 * Who logs in to test a path. A second login by the same device would take the session over at the relay; so this is another
 * device of ours, always the same one, which has read everything there will ever be: nothing is sent to it.
 */
export function testerOf(identity: Identity): Identity {
  const device = createHash('sha256').update('throughline path test').update(identity.device).digest().subarray(0, 16)
  return { ...identity, device }
}
