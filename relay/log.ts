/**
 * What the relay says on standard error: counts and codes. Never an address, a handle, a key or a word of a message, so an
 * error goes in by its name and code alone: its own text may quote any of them.
 */
import { pino } from 'pino'

export type Facts = Readonly<Record<string, string | number | boolean>>

export interface Log {
  info(facts: Facts, message: string): void
  warn(facts: Facts, message: string): void
  error(facts: Facts, message: string): void
}

/** Synchronous: what was logged before a crash is there after it. */
export function createLog(): Log {
  return pino({ base: null, level: 'info' }, pino.destination({ dest: 2, sync: true }))
}

export function errorFacts(error: unknown): Facts {
  if (!(error instanceof Error)) return { error: typeof error }
  const where = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '))
  return {
    error: error.name,
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    ...(where !== undefined && { where: where.trim() }),
  }
}
