/** Our outcomes in OONI's words for failures (github.com/ooni/spec, df-007-errors, and the words its probe has added), there and back. */
const words = {
  refused: 'connection_refused',
  reset: 'connection_reset',
  unreachable: 'host_unreachable',
  timeout: 'generic_timeout_error',
  closed: 'eof_error',
} as const
type Worded = keyof typeof words

const UNKNOWN = 'unknown_failure: '

export function failureOf(kind: Worded): string {
  return words[kind]
}

/** What has no word: the code that the system gave it. */
export function unknownFailure(code: string): string {
  return `${UNKNOWN}${code.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 60) || 'other'}`
}

export function kindOf<const K extends Worded>(failure: string | null, among: readonly K[]): K | null {
  return among.find((kind) => words[kind] === failure) ?? null
}

export function codeOf(failure: string | null): string {
  return failure?.startsWith(UNKNOWN) ? failure.slice(UNKNOWN.length) : (failure ?? '')
}

/** Node's name for what is wrong with a certificate. */
export function certificateFailure(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'ssl_invalid_hostname'
  return code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID' ? 'ssl_invalid_certificate' : 'ssl_unknown_authority'
}

export function lookupFailure(rcode: string): string {
  if (rcode === 'SERVFAIL') return 'dns_servfail_error'
  return rcode === 'REFUSED' ? 'dns_refused_error' : unknownFailure(rcode)
}

/** Why a step of an attempt failed, as the Path view has it. */
export function reasonFailure(reason: string): string {
  if (reason === 'superseded') return 'interrupted'
  if (reason === 'certificate') return 'ssl_unknown_authority'
  const kind = (Object.keys(words) as Worded[]).find((one) => one === reason)
  return kind ? words[kind] : unknownFailure(reason)
}
