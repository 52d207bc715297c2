/** A frame as JSON text, for ports that carry text (WebSocket). Bytes travel as `{"$bytes": base64url}`. */
import { fromBase64Url, toBase64Url } from '../util/bytes.ts'
import type { Frame } from './port.ts'

export function frameToText(frame: Frame): string {
  return JSON.stringify(frame, (_key, value: unknown) => (value instanceof Uint8Array ? { $bytes: toBase64Url(value) } : value))
}

/** What the text says, still to be parsed as a frame; `null` when it is not JSON or its bytes are misspelt. Never throws. */
export function frameFromText(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) => {
      const isBytes = typeof value === 'object' && value !== null && '$bytes' in value && typeof value.$bytes === 'string'
      return isBytes && Object.keys(value).length === 1 ? fromBase64Url(String(value.$bytes)) : value
    })
  } catch {
    return null
  }
}
