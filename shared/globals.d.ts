/** The few globals that every place we run in (Node, a browser page, a worker) has. Nothing else is allowed in `shared/`. */
declare class TextEncoder {
  encode(text: string): Uint8Array
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean })
  decode(bytes: Uint8Array): string
}
declare function btoa(binary: string): string
declare function atob(text: string): string
declare function setTimeout(callback: () => void, ms: number): unknown
declare function clearTimeout(handle: unknown): void
declare const performance: { now(): number }
declare class AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
declare function structuredClone<T>(value: T): T
declare function queueMicrotask(callback: () => void): void
