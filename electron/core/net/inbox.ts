/** A queue with one reader: values put in are read in order by `for await`, until `end`. */
export interface Inbox<T> {
  put(value: T): void
  end(): void
  all(): AsyncGenerator<T>
}

export function createInbox<T>(): Inbox<T> {
  const queue: T[] = []
  let ended = false
  let wake = () => {}
  return {
    put(value) {
      if (ended) return
      queue.push(value)
      wake()
    },
    end() {
      ended = true
      wake()
    },
    async *all() {
      for (;;) {
        const [value] = queue.splice(0, 1)
        if (value !== undefined) {
          yield value
          continue
        }
        if (ended) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
