/** What a managed pluggable transport says on its standard output (Tor's pluggable transport specification, version 1), line by line. Pure. */

export type TransportMessage =
  /** Connections for `name` are taken at this port of the loopback, by SOCKS5. */
  | { readonly t: 'method'; readonly name: string; readonly port: number }
  | { readonly t: 'methods-done' }
  | { readonly t: 'proxy-done' }
  /** It will not work: which line said so, and what it said. */
  | { readonly t: 'error'; readonly code: string; readonly detail: string }
  /** Anything else is to be ignored (section 3.3). */
  | { readonly t: 'other' }

const errors = new Set(['ENV-ERROR', 'VERSION-ERROR', 'PROXY-ERROR', 'CMETHOD-ERROR'])

export function parseMessage(line: string): TransportMessage {
  const [word = '', ...rest] = line.trimEnd().split(' ')
  if (errors.has(word)) return { t: 'error', code: word.toLowerCase(), detail: rest.join(' ').slice(0, 200) }
  switch (word) {
    case 'PROXY':
      return rest[0] === 'DONE' ? { t: 'proxy-done' } : { t: 'other' }
    case 'CMETHODS':
      return rest[0] === 'DONE' ? { t: 'methods-done' } : { t: 'other' }
    case 'CMETHOD': {
      const [name = '', protocol = '', address = ''] = rest
      const port = Number(/^127\.0\.0\.1:(\d{1,5})$/.exec(address)?.[1])
      if (protocol !== 'socks5' || !(port >= 1 && port <= 65_535)) return { t: 'error', code: 'cmethod-unusable', detail: name }
      return { t: 'method', name, port }
    }
    default:
      return { t: 'other' }
  }
}

/**
 * Arguments of one connection as the two fields of RFC 1929 (the specification's section 3.5): backslash, equals sign and semicolon
 * escaped; what does not fit into 255 bytes goes on in the second, which else is a single NUL. `null` for no arguments or too many.
 */
export function connectionArguments(args: Readonly<Record<string, string>>): { username: string; password: string } | null {
  const escaped = (text: string) => text.replaceAll(/[\\=;]/g, '\\$&')
  const text = Object.entries(args)
    .map(([key, value]) => `${escaped(key)}=${escaped(value)}`)
    .join(';')
  // Beyond ASCII a field could end within a character.
  if (text === '' || text.length > 510 || !/^[ -~]*$/.test(text)) return null
  return { username: text.slice(0, 255), password: text.slice(255) || '\0' }
}
