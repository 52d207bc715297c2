/** HTTP to the media and links hosts: each plane finds its own way, by the same race, and keeps to what worked. */
import { Readable } from 'node:stream'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import { type HttpConnection, openHttp } from '../net/http.ts'
import type { Network } from '../net/network.ts'
import type { Candidate } from './candidates.ts'
import type { NetworkMemory } from './memory.ts'
import { parseRecipe, printRecipe, type Recipe } from './recipe.ts'
import type { RelayLink } from './relay-link.ts'
import type { Ways } from './ways.ts'

export interface HttpPlanesOptions {
  readonly ways: Ways
  readonly memory: NetworkMemory
  readonly network: Network
  readonly clock: Clock
  /** The recipe that the chat uses now, if any: its proxy is worth trying here too. */
  readonly chatRecipe: () => Recipe | null
}

interface Connection {
  readonly http: HttpConnection
  readonly candidate: Candidate
}

/** Without a head, or without another byte of the body, for this long, the way is taken for dead. */
const STALL_MS = 10_000

export function createHttpPlanes({ ways, memory, network, clock, chatRecipe }: HttpPlanesOptions): RelayLink['http'] {
  return async ({ plane, method, path, headers, body }, signal) => {
    const { id } = network.facts()
    const ended = new AbortController()
    const onAbort = () => ended.abort(signal.reason)
    signal.throwIfAborted()
    signal.addEventListener('abort', onAbort, { once: true })
    const running = ways.run<Connection>({
      plane,
      carrier: 'http',
      round: 0,
      prefer: sameProxy(chatRecipe(), ways.known(plane, 'http')),
      onlyPlain: false,
      isUrgent: false,
      prove: null,
      wrap: (tls, candidate) => ({ http: openHttp(tls, authority(candidate)), candidate }),
      discard: ({ http }) => http.close(),
      onChange: () => {},
      signal: ended.signal,
    })
    const won = await running.result
    if (!won) {
      signal.removeEventListener('abort', onAbort)
      signal.throwIfAborted()
      throw new BackendError('not-connected')
    }
    const { http, candidate } = won.connection
    let given = false
    let isHushed = false
    const give = (worked: boolean) => {
      if (given) return
      given = true
      stall.stop()
      signal.removeEventListener('abort', onAbort)
      http.close()
      if (worked) memory.worked(id, plane, candidate.text, won.attemptMs)
      else if (!signal.aborted) ways.fellSilent(candidate, plane, isHushed ? http.carried() : 0)
    }
    const stall = createStall(clock, () => {
      isHushed = true
      ended.abort(new BackendError('not-connected'))
      give(false)
    })
    try {
      // While a body goes up, what counts is that it moves.
      const up = body && !(body instanceof Uint8Array) ? watched(body, stall.moved, () => {}) : body
      const answer = await http.request({ method, path, headers, body: up, signal: ended.signal })
      return { ...answer, body: watched(answer.body, stall.moved, give), recipe: candidate.text }
    } catch {
      give(false)
      signal.throwIfAborted()
      throw new BackendError('not-connected')
    }
  }
}

function authority({ endpoint }: Candidate): string {
  return endpoint.port === 443 ? endpoint.host : `${endpoint.host}:${endpoint.port}`
}

/** The ways of this plane that lead through the proxy in use for chat. */
function sameProxy(chat: Recipe | null, known: readonly { readonly recipe: string }[]): string[] {
  if (!chat?.proxy) return []
  return known
    .map(({ recipe }) => parseRecipe(recipe))
    .filter((recipe) => recipe?.proxy?.address === chat.proxy?.address && recipe?.proxy?.port === chat.proxy?.port)
    .map((recipe) => (recipe ? printRecipe(recipe) : ''))
}

function createStall(clock: Clock, onStall: () => void): { moved(): void; stop(): void } {
  let timer: Timer = clock.after(STALL_MS, onStall)
  let stopped = false
  return {
    moved() {
      if (stopped) return
      timer.cancel()
      timer = clock.after(STALL_MS, onStall)
    },
    stop() {
      stopped = true
      timer.cancel()
    },
  }
}

/** The same bytes, telling each piece as it passes, and at the end whether all of them came: not if it broke off, or its reader gave up. */
function watched(body: Readable, moved: () => void, done: (whole: boolean) => void): Readable {
  let whole = false
  const pieces = async function* () {
    for await (const piece of body) {
      moved()
      yield piece
    }
    whole = true
  }
  const out = Readable.from(pieces(), { objectMode: false })
  out.on('close', () => {
    body.destroy()
    done(whole)
  })
  // Heard by whoever reads; a body that nobody reads any more may still break.
  out.on('error', () => {})
  return out
}
