/** What can go wrong while a connection is made, in the few words that schedules, screens and evidence share. */

/** How far along the connection was: the phases of PathState, seen from below. */
export type DialPhase = 'lookup' | 'reach' | 'encrypt' | 'recognise'

export type DialReason =
  | 'timeout'
  | 'reset'
  | 'refused'
  | 'unreachable'
  | 'certificate'
  | 'closed'
  | 'unproven'
  | 'denied'
  | 'proxy-refused'
  | 'superseded'
  | 'failed'

/** A failed step. `code` is Node's own or the other side's, for evidence. */
export class DialError extends Error {
  override readonly name = 'DialError'
  readonly reason: DialReason
  readonly code: string
  /** Who signed a certificate that was not accepted, as it names itself. */
  readonly issuer: string

  constructor(reason: DialReason, code: string = reason, issuer = '') {
    super(code === reason ? reason : `${reason} (${code})`)
    this.reason = reason
    this.code = code
    this.issuer = issuer
  }
}

/** An error shaped as Node's own socket errors are. */
export function socketError(code: string, syscall: 'connect' | 'read'): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
}

/** Anything a socket or TLS session fails with -> one `DialError`. */
export function classify(error: unknown): DialError {
  if (error instanceof DialError) return error
  const code = textField(error, 'code')
  switch (code) {
    case 'ECONNREFUSED':
      return new DialError('refused', code)
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EHOSTDOWN':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
      return new DialError('unreachable', code)
    case 'ETIMEDOUT':
      return new DialError('timeout', code)
    case 'ECONNRESET':
    case 'EPIPE':
      // Node calls an orderly close before the handshake ended ECONNRESET too, but then no system call failed.
      return textField(error, 'syscall') === '' ? new DialError('closed', code) : new DialError('reset', code)
    default:
      return new DialError('failed', code || 'unknown')
  }
}

function textField(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return ''
  const found = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof found === 'string' ? found : ''
}
