/** HTTP to the media and links hosts: each plane finds its own way, by the same race, remembers it by itself, and keeps to what worked. */
import { Readable } from 'node:stream'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { type HttpAnswer, type HttpConnection, openHttp } from '../net/http.ts'
import type { Network } from '../net/network.ts'
import type { Candidate } from './candidates.ts'
import { createKept } from './kept-connections.ts'
import type { NetworkMemory } from './memory.ts'
import { parseRecipe, printRecipe, type Recipe } from './recipe.ts'
import type { HttpRequest, RelayLink } from './relay-link.ts'
import { createSliced, isSliced } from './sliced.ts'
import { createStall } from './stall.ts'
import type { Ways } from './ways.ts'

export interface HttpPlanesOptions {
  readonly ways: Ways
  readonly memory: NetworkMemory
  readonly network: Network
  readonly clock: Clock
  /** The recipe that the chat uses now, if any: its proxy is worth trying here too. */
  readonly chatRecipe: () => Recipe | null
  /** Whether connections stall here as a rule. */
  readonly freezes: () => boolean
  readonly onRemembered: () => void
}

export interface HttpPlanes {
  readonly http: RelayLink['http']
  /** Closes what is kept open between requests: another network, or the end. */
  dropIdle(): void
}

/** One that is up, and what reaching it took. */
export interface HttpWay {
  readonly http: HttpConnection
  readonly candidate: Candidate
  readonly tripMs: number
  readonly network: string
}

export function createHttpPlanes({ ways, memory, network, clock, chatRecipe, freezes, onRemembered }: HttpPlanesOptions): HttpPlanes {
  const kept = createKept(clock)
  const sliced = createSliced({ memory, clock, freezes })

  const find = async (plane: HttpRequest['plane'], signal: AbortSignal): Promise<HttpWay | null> => {
    const { id } = network.facts()
    const known = ways.known(plane, 'http')
    const run = (where: ((candidate: Candidate) => boolean) | null, prefer: readonly string[]) =>
      ways.run<HttpConnection>({
        plane,
        carrier: 'http',
        round: 0,
        prefer,
        onlyPlain: false,
        ...(where && { where }),
        isUrgent: false,
        prove: null,
        wrap: (tls, candidate) => openHttp(tls, authority(candidate)),
        discard: (http) => http.close(),
        onChange: () => {},
        signal,
      }).result
    const asSliced = known.map(({ recipe }) => recipe).filter(isSliced)
    const first = sliced.isFirst(id, plane) ? await run(({ text }) => isSliced(text), asSliced) : null
    const won = first ?? (await run(null, [...(freezes() ? asSliced : []), ...sameProxy(chatRecipe(), known)]))
    return won && { http: won.connection, candidate: won.candidate, tripMs: won.attemptMs, network: id }
  }

  /** Answers, or rejects and has closed the connection. Whoever reads the answer to its end has it kept for the next. */
  const ask = async (way: HttpWay, request: HttpRequest, isFresh: boolean, signal: AbortSignal) => {
    const { plane, method, path, headers, body, expectMs = 0 } = request
    const { http, candidate } = way
    const ended = new AbortController()
    const onAbort = () => ended.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    let given = false
    const give = (worked: boolean, carried: number | null) => {
      if (given) return
      given = true
      stall.stop()
      signal.removeEventListener('abort', onAbort)
      if (worked) {
        kept.put(plane, way)
        if (isFresh) {
          memory.worked(way.network, plane, candidate.text, way.tripMs)
          onRemembered()
        }
        return
      }
      http.close()
      if (signal.aborted || carried === null) return
      ways.fellSilent(candidate, plane, carried)
      sliced.fellSilent(way.network, plane)
    }
    const stall = createStall(clock, { tripMs: way.tripMs, expectMs }, () => {
      ended.abort(new BackendError('not-connected'))
      give(false, http.carried())
    })
    try {
      // While a body goes up, what counts is that it moves.
      const up = body && !(body instanceof Uint8Array) ? watched(body, stall.moved, () => {}) : body
      const answer = await http.request({ method, path, headers, body: up, signal: ended.signal })
      return { ...answer, body: watched(answer.body, stall.moved, (whole) => give(whole, 0)), recipe: candidate.text }
    } catch {
      // One that was kept may have been closed by the other side meanwhile, which says nothing.
      give(false, isFresh ? 0 : null)
      signal.throwIfAborted()
      throw new BackendError('not-connected')
    }
  }

  return {
    dropIdle: kept.drop,
    async http(request, signal) {
      signal.throwIfAborted()
      const { plane, body } = request
      const before = kept.take(plane, network.facts().id)
      if (before) {
        const answer = await ask(before, request, false, signal).catch(() => null)
        if (answer) return answer
        signal.throwIfAborted()
        if (body instanceof Readable) throw new BackendError('not-connected')
      }
      const way = await find(plane, signal)
      signal.throwIfAborted()
      if (!way) throw new BackendError('not-connected')
      return ask(way, request, true, signal)
    },
  }
}

function authority({ endpoint }: Candidate): string {
  return endpoint.port === 443 ? endpoint.host : `${endpoint.host}:${endpoint.port}`
}

/** The ways of this plane that lead through the proxy in use for chat. */
function sameProxy(chat: Recipe | null, known: readonly { readonly recipe: string }[]): string[] {
  if (!chat?.proxy || isSliced(printRecipe(chat))) return []
  return known
    .map(({ recipe }) => parseRecipe(recipe))
    .filter((recipe) => recipe?.proxy?.address === chat.proxy?.address && recipe?.proxy?.port === chat.proxy?.port)
    .map((recipe) => (recipe ? printRecipe(recipe) : ''))
}

/** The same bytes, telling each piece as it passes, and at the end whether all of them came: not if it broke off, or its reader gave up. */
function watched(body: HttpAnswer['body'], moved: () => void, done: (whole: boolean) => void): Readable {
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
