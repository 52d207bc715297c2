/** Races for the chat plane: for a session of ours, and for a look at whether the plain path would carry one. */
import type { Attempt } from '../../../shared/contract/path.ts'
import type { Candidate } from './candidates.ts'
import { type chatLogin, testerOf } from './chat-login.ts'
import type { Race } from './race.ts'
import type { CursorSource, Identity } from './relay-link.ts'
import type { Session } from './session.ts'
import { differs } from './standby.ts'
import type { Ways } from './ways.ts'

/** By any way; by any, beside one that has fallen silent; or by the one to come back to alone: the plain one, or the user's pinned one. */
export type Aim = 'any' | 'beside' | 'plain'

export interface ChatRacesDeps {
  readonly ways: Ways
  readonly login: ReturnType<typeof chatLogin>
  readonly identity: Identity
  readonly cursor: CursorSource
  /** How many tries in a row have failed. */
  readonly round: () => number
  /** Recipes to begin with: the one in use, or what friends said of where nothing is known. */
  readonly prefer: () => readonly string[]
}

export interface ChatRaces {
  run(aim: Aim, onChange: () => void, signal: AbortSignal): Race<Session>
  /** For a session that waits, by a way that fails for other causes than this one. */
  runBeside(against: Candidate, signal: AbortSignal): Race<Session>
  /** Whether the way to come back to carries an authenticated login now; the session in use is left alone. */
  testPlain(signal: AbortSignal): Promise<boolean>
  /** How an authenticated login goes by this way alone; the session in use is left alone. `null`: there is no such way, or it is banned. */
  testAlone(recipe: string, signal: AbortSignal): Promise<Attempt | null>
}

const wrap = () => {
  throw new Error('a chat way is always proven')
}

/** No message is asked for. */
const everything = () => Number.MAX_SAFE_INTEGER

export function createChatRaces({ ways, login, identity, cursor, round, prefer }: ChatRacesDeps): ChatRaces {
  const run = (who: Identity, from: () => number, aim: Aim, onChange: () => void, signal: AbortSignal, only?: string) =>
    ways.run<Session>({
      plane: 'chat',
      carrier: 'ws',
      round: round(),
      prefer: prefer(),
      onlyPlain: aim === 'plain',
      only,
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
        where: (candidate) => differs(candidate, against),
        isUrgent: false,
        prove: login(identity, cursor.cursor, true),
        wrap,
        discard: (session) => session.close(),
        onChange: () => {},
        signal,
      }),
    run: (aim, onChange, signal) => run(identity, cursor.cursor, aim, onChange, signal),
    async testPlain(signal) {
      const won = await run(testerOf(identity), everything, 'plain', () => {}, signal).result
      won?.connection.close()
      return won !== null
    },
    async testAlone(recipe, signal) {
      const race = run(testerOf(identity), everything, 'any', () => {}, signal, recipe)
      const won = await race.result
      won?.connection.close()
      return race.attempts().at(-1) ?? null
    },
  }
}
