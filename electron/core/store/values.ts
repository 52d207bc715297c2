/** Small settings and memories by name, in the encrypted store. Values are JSON texts; each user parses its own with a schema. */
export interface ValueStore {
  get(key: string): string | null
  /** Durable when it returns; `null` removes. */
  set(key: string, value: string | null): void
}
