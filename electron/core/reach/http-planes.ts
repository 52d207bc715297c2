/** HTTP to the media and links hosts: each plane finds its own way, by the same race, and keeps to what worked. */
import type { Readable } from 'node:stream'
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
    const give = (worked: boolean) => {
      stall.stop()
      signal.removeEventListener('abort', onAbort)
      http.close()
      if (worked) memory.worked(id, plane, candidate.text)
      else if (!signal.aborted) ways.fellSilent(candidate, plane)
    }
    const stall = createStall(clock, () => ended.abort(new BackendError('not-connected')))
    try {
      // While a body goes up, what counts is that it moves.
      if (body && !(body instanceof Uint8Array)) body.on('data', stall.moved)
      const answer = await http.request({ method, path, headers, body, signal: ended.signal })
      watchBody(answer.body, stall, give)
      return { ...answer, recipe: candidate.text }
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

/** A body that ends whole tells that the way works; one that breaks off, or that its reader gave up, does not. */
function watchBody(body: Readable, stall: ReturnType<typeof createStall>, give: (worked: boolean) => void): void {
  let given = false
  const once = (worked: boolean) => {
    if (given) return
    given = true
    give(worked)
  }
  body.on('data', stall.moved)
  body.pause()
  body.on('end', () => once(true))
  body.on('error', () => once(false))
  body.on('close', () => once(body.readableEnded))
}
