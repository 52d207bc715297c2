/** One pipe of four kinds of frame, and the two ends of an API over it. The adapters (IPC, WebSocket, memory) live with the shells. */
import * as v from 'valibot'
import { assertNever } from '../util/assert-never.ts'
import { createEvents, type Events } from '../util/events.ts'
import { BackendError, errorCodes } from './errors.ts'

const Id = v.pipe(v.number(), v.integer(), v.minValue(0))

export const Frame = v.variant('t', [
  v.strictObject({ t: v.literal('call'), id: Id, name: v.string(), input: v.unknown() }),
  v.strictObject({ t: v.literal('ok'), id: Id, value: v.unknown() }),
  v.strictObject({ t: v.literal('fail'), id: Id, code: v.picklist(errorCodes), detail: v.string() }),
  v.strictObject({ t: v.literal('event'), name: v.string(), payload: v.unknown() }),
])
export type Frame = v.InferOutput<typeof Frame>

/** Delivers frames in order, whole, to the other end. What arrives is `unknown` until parsed. */
export interface Port {
  /** After close: does nothing. */
  send(frame: Frame): void
  onFrame(listener: (raw: unknown) => void): void
  onClose(listener: () => void): void
  close(): void
}

/** An API as data: the schemas are the types, the allow-list and the run-time checks. */
export interface Api {
  readonly calls: Readonly<Record<string, { readonly input: v.GenericSchema; readonly output: v.GenericSchema }>>
  readonly events: Readonly<Record<string, v.GenericSchema>>
}

export type Calls<A extends Api> = keyof A['calls'] & string
export type EventNames<A extends Api> = keyof A['events'] & string
export type Input<A extends Api, K extends Calls<A>> = v.InferInput<A['calls'][K]['input']>
export type Parsed<A extends Api, K extends Calls<A>> = v.InferOutput<A['calls'][K]['input']>
export type Output<A extends Api, K extends Calls<A>> = v.InferOutput<A['calls'][K]['output']>
export type Payload<A extends Api, E extends EventNames<A>> = v.InferOutput<A['events'][E]>
export type Handlers<A extends Api, K extends Calls<A> = Calls<A>> = { readonly [N in K]: (input: Parsed<A, N>) => Promise<Output<A, N>> }

export interface Served<A extends Api> {
  emit<E extends EventNames<A>>(name: E, payload: Payload<A, E>): void
}

/** The other side, as its user sees it. */
export interface Client<A extends Api> {
  /** Rejects with `BackendError`; with `closed` when the other side has gone. */
  call<K extends Calls<A>>(name: K, input: Input<A, K>): Promise<Output<A, K>>
  /** Returns its own undo. */
  on<E extends EventNames<A>>(name: E, listener: (payload: Payload<A, E>) => void): () => void
  onClosed(listener: () => void): () => void
}

/** Parses one raw frame; `null` for anything malformed. */
export function parseFrame(raw: unknown): Frame | null {
  const parsed = v.safeParse(Frame, raw)
  return parsed.success ? parsed.output : null
}

/**
 * Answers calls on `port`. A name outside the API fails with `unknown-call`, one without a handler here with `absent`, bad
 * input with `bad-input`, a `BackendError` with its code; anything else is given to `onBug` and crosses as `internal`, without text.
 */
export function serve<A extends Api, K extends Calls<A>>(
  api: A,
  port: Port,
  handlers: Handlers<A, K>,
  onBug: (name: string, error: unknown) => void,
): Served<A> {
  const answer = async (id: number, name: string, input: unknown): Promise<Frame> => {
    const schema = Object.hasOwn(api.calls, name) ? api.calls[name] : undefined
    if (!schema || !Object.hasOwn(handlers, name)) return { t: 'fail', id, code: schema ? 'absent' : 'unknown-call', detail: '' }
    const parsed = v.safeParse(schema.input, input)
    if (!parsed.success) return { t: 'fail', id, code: 'bad-input', detail: v.getDotPath(parsed.issues[0]) ?? '' }
    try {
      // The schema found under this very name has just checked the input; types cannot follow that through a string.
      const handler = handlers[name as K] as (checked: unknown) => Promise<unknown>
      return { t: 'ok', id, value: await handler(parsed.output) }
    } catch (error) {
      if (error instanceof BackendError) return { t: 'fail', id, code: error.code, detail: error.detail }
      onBug(name, error)
      return { t: 'fail', id, code: 'internal', detail: '' }
    }
  }
  port.onFrame((raw) => {
    const frame = parseFrame(raw)
    if (frame?.t === 'call') void answer(frame.id, frame.name, frame.input).then((reply) => port.send(reply))
  })
  return { emit: (name, payload) => port.send({ t: 'event', name, payload }) }
}

/** The calling end. Answers and events are checked too: a broken engine shows as an error, not as a broken screen. */
export function connect<A extends Api>(api: A, port: Port): Client<A> {
  const waiting = new Map<number, { name: string; resolve(value: unknown): void; reject(error: BackendError): void }>()
  const heard = new Map<string, Events<unknown>>()
  const closed = createEvents<void>()
  let nextId = 1
  let isClosed = false

  const settle = (frame: Exclude<Frame, { t: 'call' }>) => {
    if (frame.t === 'event') {
      const schema = Object.hasOwn(api.events, frame.name) ? api.events[frame.name] : undefined
      const parsed = schema && v.safeParse(schema, frame.payload)
      if (parsed?.success) heard.get(frame.name)?.emit(parsed.output)
      return
    }
    const pending = waiting.get(frame.id)
    waiting.delete(frame.id)
    if (!pending) return
    switch (frame.t) {
      case 'ok': {
        const schema = api.calls[pending.name]
        const parsed = schema && v.safeParse(schema.output, frame.value)
        if (parsed?.success) pending.resolve(parsed.output)
        else pending.reject(new BackendError('internal', `answer to ${pending.name} has another shape`))
        return
      }
      case 'fail':
        pending.reject(new BackendError(frame.code, frame.detail))
        return
      default:
        assertNever(frame)
    }
  }

  port.onFrame((raw) => {
    const frame = parseFrame(raw)
    if (frame && frame.t !== 'call') settle(frame)
  })
  port.onClose(() => {
    isClosed = true
    for (const pending of waiting.values()) pending.reject(new BackendError('closed'))
    waiting.clear()
    closed.emit()
  })

  return {
    call(name, input) {
      if (isClosed) return Promise.reject(new BackendError('closed'))
      const id = nextId++
      return new Promise((resolve, reject) => {
        waiting.set(id, { name, resolve, reject })
        port.send({ t: 'call', id, name, input })
      })
    },
    on(name, listener) {
      const listeners = heard.get(name) ?? createEvents<unknown>()
      heard.set(name, listeners)
      // Only payloads that passed this event's schema are emitted.
      return listeners.on((payload) => listener(payload as Parameters<typeof listener>[0]))
    },
    onClosed: (listener) => closed.on(listener),
  }
}
