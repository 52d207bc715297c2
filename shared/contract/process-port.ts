/** The Port of a child process to the shell that started it: Node's IPC channel, or Electron's parentPort in a utility process. */
import type { Frame, Port } from './port.ts'

/** What is used of Node's `process`, so that this file needs no Node. Start children with `serialization: 'advanced'`. */
export interface ChildProcessHost {
  send?: ((message: unknown, done: (error: Error | null) => void) => boolean) | undefined
  disconnect?: (() => void) | undefined
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
  readonly parentPort?: {
    postMessage(message: unknown): void
    on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  }
}

/** The port to whoever started this process. Its `onClose` is the order to end. Throws if nobody holds the other end. */
export function parentProcessPort(host: ChildProcessHost): Port {
  const { parentPort } = host
  if (parentPort) {
    return {
      send: (frame) => parentPort.postMessage(frame),
      onFrame: (listener) => void parentPort.on('message', (event) => listener(event.data)),
      // Electron ends its utility processes itself.
      onClose: () => {},
      close: () => {},
    }
  }
  if (!host.send) throw new Error('started without a control pipe: use the command line')
  let open = true
  host.on('disconnect', () => {
    open = false
  })
  return {
    send: (frame: Frame) => {
      // A pipe that broke a moment ago is told of by `disconnect`; without a callback it would be an uncaught error here first.
      if (open) host.send?.(frame, () => {})
    },
    onFrame: (listener) => void host.on('message', listener),
    onClose: (listener) => void host.on('disconnect', listener),
    close: () => host.disconnect?.(),
  }
}
