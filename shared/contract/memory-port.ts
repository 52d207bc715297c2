/** Two joined ends in one process. Frames are copied on the way, as every real port does. */
import type { Frame, Port } from './port.ts'

interface End extends Port {
  receive(raw: unknown): void
  ended(): void
}

function createEnd(other: () => End): End {
  let onFrame: (raw: unknown) => void = () => {}
  const onClose: (() => void)[] = []
  let closed = false
  return {
    send(frame: Frame) {
      if (closed) return
      const copy = structuredClone(frame)
      queueMicrotask(() => other().receive(copy))
    },
    receive: (raw) => {
      if (!closed) onFrame(raw)
    },
    onFrame: (listener) => {
      onFrame = listener
    },
    onClose: (listener) => void onClose.push(listener),
    ended() {
      if (closed) return
      closed = true
      for (const listener of onClose) listener()
    },
    close() {
      this.ended()
      other().ended()
    },
  }
}

export function memoryPortPair(): [Port, Port] {
  const a: End = createEnd(() => b)
  const b: End = createEnd(() => a)
  return [a, b]
}
