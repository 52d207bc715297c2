/** One kind of event. `on` returns its own undo, so it drops into clean-up code. */
export interface Events<T> {
  on(listener: (value: T) => void): () => void
  emit(value: T): void
}

export function createEvents<T>(): Events<T> {
  const listeners = new Set<(value: T) => void>()
  return {
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    emit(value) {
      for (const listener of [...listeners]) listener(value)
    },
  }
}
