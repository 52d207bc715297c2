/** The closed list of failures that cross the contract. The screen owns the sentences. */
export const errorCodes = [
  'bad-input',
  'unknown-call',
  'absent',
  'closed',
  'internal',
  'no-such-chat',
  'no-such-message',
  'no-such-file',
  'no-such-contact',
  'no-such-scenario',
  'no-such-route',
  'already-there',
  'own-card',
  'file-too-large',
  'not-connected',
  'refused',
  'bad-bundle',
  'bad-scenario',
  'bad-account',
  'name-taken',
  'store-locked',
  'store-damaged',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** A failure the other side of the contract may know about. Anything else crosses as `internal`, without its text. */
export class BackendError extends Error {
  override readonly name = 'BackendError'
  readonly code: ErrorCode
  /** What about the input was wrong, for developers; never paths, secrets or message text. */
  readonly detail: string

  constructor(code: ErrorCode, detail = '') {
    super(detail ? `${code}: ${detail}` : code)
    this.code = code
    this.detail = detail
  }
}
