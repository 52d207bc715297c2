/** One port as two: calls whose name starts with `prefix`, and the rest, which wait until somebody serves them. */
import { type Frame, type Port, parseFrame } from '../../shared/contract/port.ts'

export function splitPort(port: Port, prefix: string): readonly [Port, Port] {
  const [ours, rest] = [side(port), side(port)]
  port.onFrame((raw) => {
    const frame = parseFrame(raw)
    if (frame) (frame.t === 'call' && frame.name.startsWith(prefix) ? ours : rest).receive(frame)
  })
  return [ours, rest]
}

function side(port: Port): Port & { receive(frame: Frame): void } {
  let listener: ((frame: Frame) => void) | null = null
  const early: Frame[] = []
  return {
    send: port.send,
    onFrame(next) {
      listener = next
      for (const frame of early.splice(0)) next(frame)
    },
    onClose: port.onClose,
    close: port.close,
    receive(frame) {
      if (listener) listener(frame)
      else early.push(frame)
    },
  }
}
