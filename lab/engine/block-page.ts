/** The answer of a box in a server's name: a whole HTTP response. */
const encoder = new TextEncoder()

export function pageOf(act: { readonly status: number; readonly location?: string | undefined; readonly body: string }): Uint8Array {
  const location = act.location === undefined ? '' : `Location: ${act.location}\r\n`
  return encoder.encode(
    `HTTP/1.1 ${act.status} Blocked\r\n${location}Content-Type: text/html; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(act.body)}\r\nConnection: close\r\n\r\n${act.body}`,
  )
}
