/** The contract's port with a door in it: while it is shut, nothing of the chats goes out and nothing is done. */
import { type Frame, type Port, parseFrame } from '../../shared/contract/port.ts'

/** How the app is connected is not about the chats, and the lab's record of a rehearsal rests on it. */
const toldWhileShut: readonly string[] = ['path.changed']

const refused = (id: number): Frame => ({ t: 'fail', id, code: 'store-locked', detail: '' })

export function lockedPort(port: Port, isShut: () => boolean): Port {
  return {
    send(frame) {
      // An answer that was asked for while it was open comes too late.
      if (isShut() && frame.t === 'ok') port.send(refused(frame.id))
      else if (!isShut() || frame.t === 'fail' || (frame.t === 'event' && toldWhileShut.includes(frame.name))) port.send(frame)
    },
    onFrame: (listener) =>
      port.onFrame((raw) => {
        const frame = isShut() ? parseFrame(raw) : null
        if (frame?.t === 'call') port.send(refused(frame.id))
        else listener(raw)
      }),
    onClose: port.onClose,
    close: port.close,
  }
}
