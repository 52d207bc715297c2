/** How an attempt at the chat plane proves itself: by a login over the TLS session it has, in turn with the others of its race. */
import { createHash } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { RUN_BYTES, raceNonce } from '../../../shared/protocol/login-race.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Candidate } from './candidates.ts'
import { openSession } from './login.ts'
import { createLoginTurns } from './login-turn.ts'
import type { Identity } from './relay-link.ts'
import type { Session } from './session.ts'
import { warmUp } from './warm-up.ts'

/** The least time a login may take before another begins beside it. */
const PATIENCE_MS = 400

export interface ChatLoginDeps {
  readonly clock: Clock
  readonly random: Random
  readonly bundle: () => Bundle
}

/** For one race: `who` logs in, and asks for what comes after `cursor()`; or only to wait beside the session in use. */
export function chatLogin({ clock, random, bundle }: ChatLoginDeps) {
  const run = random.bytes(RUN_BYTES)
  let races = 0
  let isWarm = false
  return (who: Identity, cursor: () => number, standby = false) => {
    const turns = createLoginTurns(clock)
    const race = ++races
    const fixed = () => ({
      clock,
      identity: who,
      nonce: raceNonce(run, race, random.bytes),
      cursor,
      standby,
      nextRace: () => ++races,
      bundleVersion: bundle().version,
      relayKey: bundle().relayKey,
    })
    if (!isWarm) {
      isWarm = true
      warmUp(clock, { ...fixed(), host: 'nowhere.invalid', port: 443, turn: () => new Promise(() => {}) })
    }
    return async (tls: TLSSocket, { endpoint }: Candidate, tlsMs: number, signal: AbortSignal): Promise<Session> => {
      let release = () => {}
      const turn = () => {
        const place = turns.take(Math.max(PATIENCE_MS, 2 * tlsMs))
        release = place.release
        return place.ready
      }
      const { host, port } = endpoint
      try {
        // Whoever is proven keeps the turn, for the race is over.
        return await openSession(tls, { ...fixed(), host, port, turn }, signal)
      } catch (error) {
        release()
        throw error
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
