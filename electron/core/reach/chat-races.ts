/** Races for the chat plane: for a session of ours, and for a look at whether the plain path would carry one. */
import type { Candidate } from './candidates.ts'
import { type chatLogin, testerOf } from './chat-login.ts'
import type { Race } from './race.ts'
import type { CursorSource, Identity } from './relay-link.ts'
import type { Session } from './session.ts'
import { differs } from './standby.ts'
import type { Ways } from './ways.ts'

/** By any way; by any, beside one that has fallen silent; or by the plain one alone. */
export type Aim = 'any' | 'beside' | 'plain'

export interface ChatRacesDeps {
  readonly ways: Ways
  readonly login: ReturnType<typeof chatLogin>
  readonly identity: Identity
  readonly cursor: CursorSource
  /** How many tries in a row have failed. */
  readonly round: () => number
  /** The recipe in use, if there is one. */
  readonly inUse: () => readonly string[]
}

export interface ChatRaces {
  run(aim: Aim, onChange: () => void, signal: AbortSignal): Race<Session>
  /** For a session that waits, by a way that fails for other causes than this one. */
  runBeside(against: Candidate, signal: AbortSignal): Race<Session>
  /** Whether the plain path carries an authenticated login now; the session in use is left alone. */
  testPlain(signal: AbortSignal): Promise<boolean>
}

const wrap = () => {
  throw new Error('a chat way is always proven')
}

export function createChatRaces({ ways, login, identity, cursor, round, inUse }: ChatRacesDeps): ChatRaces {
  const run = (who: Identity, from: () => number, aim: Aim, onChange: () => void, signal: AbortSignal) =>
    ways.run<Session>({
      plane: 'chat',
      carrier: 'ws',
      round: round(),
      prefer: inUse(),
      onlyPlain: aim === 'plain',
      isUrgent: aim === 'beside',
      prove: login(who, from),
      wrap,
      discard: (session) => session.close(),
      onChange,
      signal,
    })
  return {
    runBeside: (against, signal) =>
      ways.run<Session>({
        plane: 'chat',
        carrier: 'ws',
        round: 0,
        prefer: [],
        onlyPlain: false,
        only: (candidate) => differs(candidate, against),
        isUrgent: false,
        prove: login(identity, cursor.cursor, true),
        wrap,
        discard: (session) => session.close(),
        onChange: () => {},
        signal,
      }),
    run: (aim, onChange, signal) => run(identity, cursor.cursor, aim, onChange, signal),
    async testPlain(signal) {
      const everything = () => Number.MAX_SAFE_INTEGER
      const won = await run(testerOf(identity), everything, 'plain', () => {}, signal).result
      won?.connection.close()
      return won !== null
    },
  }
}
