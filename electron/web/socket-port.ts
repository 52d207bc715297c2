/** A Port over one accepted WebSocket. */
import type { WebSocket } from 'ws'
import { frameFromText, frameToText } from '../../shared/contract/frame-text.ts'
import { type Port, parseFrame } from '../../shared/contract/port.ts'

/** RFC 6455 section 7.4.1: data inconsistent with the type of the message. */
const CLOSE_NOT_A_FRAME = 1007

export function socketPort(socket: WebSocket): Port {
  // ws reports a frame over the limit or a protocol violation here, then closes by itself.
  socket.on('error', () => {})
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frameToText(frame))
    },
    onFrame: (listener) =>
      void socket.on('message', (data, isBinary) => {
        const frame = isBinary ? null : parseFrame(frameFromText(data.toString()))
        // A page of ours never sends such a thing: it is stale, or it is not ours.
        if (frame) listener(frame)
        else socket.close(CLOSE_NOT_A_FRAME, 'not a frame')
      }),
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(1000),
  }
}
