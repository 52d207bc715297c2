/** What core writes down about itself. Facts only: never message text, names of people, addresses, keys or paths. */
export type LogFacts = Readonly<Record<string, string | number | boolean>>

export interface Log {
  info(event: string, facts?: LogFacts): void
  warn(event: string, facts?: LogFacts): void
}

/** The kind of an error for the log: its class and code, never its text, which may quote what it choked on. */
export function errorFacts(error: unknown): LogFacts {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { error: error.name, code }
}
