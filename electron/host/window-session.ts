/** One window's connection: checks that it asks only what the contract lists, and sends each call to the engine or to the shell. */
import {
  CONTRACT_VERSION,
  type Contract,
  calls,
  contract,
  type EventPayload,
  type HostCallName,
  hostCalls,
} from '../../shared/contract/api.ts'
import { type Frame, type Handlers, type Port, parseFrame, serve } from '../../shared/contract/port.ts'

export type Hello = EventPayload<'hello'>
export type EventFrame = Extract<Frame, { t: 'event' }>

export interface WindowParts {
  readonly window: Port
  /** Opened for this window alone; closed with it. */
  readonly engine: Port
  /** What this shell answers itself; the rest of the host calls fail with `absent`. */
  readonly host: Partial<Handlers<Contract, HostCallName>>
  /** Events of the shell, for every window. */
  readonly onHostEvent: (listener: (frame: EventFrame) => void) => () => void
  readonly hello: Omit<Hello, 'contract'>
  readonly onBug: (name: string, error: unknown) => void
}

/** Serves `window` until it closes. The first frame is `hello`. Answers a function that greets again, for screens that must begin afresh. */
export function joinWindow(parts: WindowParts): { greet(): void } {
  const { window, engine } = parts
  let toHost: (raw: unknown) => void = () => {}
  const host: Port = {
    send: window.send,
    onFrame: (listener) => {
      toHost = listener
    },
    onClose: window.onClose,
    close: () => {},
  }
  const { emit } = serve<Contract, never>(contract, host, parts.host, parts.onBug)
  window.onFrame((raw) => {
    const frame = parseFrame(raw)
    if (frame?.t !== 'call') return
    if (Object.hasOwn(hostCalls, frame.name)) toHost(frame)
    else if (Object.hasOwn(calls, frame.name)) engine.send(frame)
    // Above all the control calls of the engine's process, which answer on the same pipe, are not for windows.
    else window.send({ t: 'fail', id: frame.id, code: 'unknown-call', detail: '' })
  })
  engine.onFrame((raw) => {
    const frame = parseFrame(raw)
    if (frame) window.send(frame)
  })
  const unhook = parts.onHostEvent((frame) => window.send(frame))
  window.onClose(() => {
    unhook()
    engine.close()
  })
  const greet = () => emit('hello', { contract: CONTRACT_VERSION, ...parts.hello })
  greet()
  return { greet }
}
