/**
 * One engine, several users of it: the window and the shell itself each get a port of their own, and ids are rewritten so that
 * every answer finds its asker. The ports outlive the engine: while none is attached, calls fail with `closed`.
 */
import { type Frame, type Port, parseFrame } from '../../shared/contract/port.ts'

export interface Switchboard {
  /** Makes `engine` the far side until it closes. */
  attach(engine: Port): void
  open(): Port
  /** Sends an event of the shell's own to everybody. */
  broadcast(frame: Extract<Frame, { t: 'event' }>): void
}

interface End {
  deliver(frame: Frame): void
  ended(): void
}

export function createSwitchboard(): Switchboard {
  const ends = new Set<End>()
  const waiting = new Map<number, { readonly end: End; readonly id: number }>()
  let engine: Port | null = null
  let nextId = 1

  const failAll = () => {
    const pending = [...waiting.values()]
    waiting.clear()
    for (const { end, id } of pending) end.deliver({ t: 'fail', id, code: 'closed', detail: '' })
  }
  const fromEngine = (frame: Frame) => {
    if (frame.t === 'event') {
      for (const end of [...ends]) end.deliver(frame)
    } else if (frame.t !== 'call') {
      const asker = waiting.get(frame.id)
      waiting.delete(frame.id)
      asker?.end.deliver({ ...frame, id: asker.id })
    }
  }

  return {
    attach(port) {
      engine = port
      port.onFrame((raw) => {
        const frame = parseFrame(raw)
        if (frame && engine === port) fromEngine(frame)
      })
      port.onClose(() => {
        if (engine !== port) return
        engine = null
        failAll()
      })
    },
    open() {
      let onFrame: (raw: unknown) => void = () => {}
      const onClose: (() => void)[] = []
      const end: End = {
        deliver: (frame) => queueMicrotask(() => ends.has(end) && onFrame(frame)),
        ended: () => {
          for (const listener of onClose) listener()
        },
      }
      ends.add(end)
      return {
        send(frame) {
          if (!ends.has(end) || frame.t !== 'call') return
          if (!engine) {
            end.deliver({ t: 'fail', id: frame.id, code: 'closed', detail: '' })
            return
          }
          const id = nextId++
          waiting.set(id, { end, id: frame.id })
          engine.send({ ...frame, id })
        },
        onFrame: (listener) => {
          onFrame = listener
        },
        onClose: (listener) => void onClose.push(listener),
        close() {
          if (!ends.delete(end)) return
          for (const [id, asker] of waiting) if (asker.end === end) waiting.delete(id)
          end.ended()
        },
      }
    },
    broadcast: (frame) => {
      for (const end of [...ends]) end.deliver(frame)
    },
  }
}
