/** An HTTP proxy that knows CONNECT alone (RFC 9110 section 9.3.6), with Basic credentials where the host has users. */
import type { Connect } from '../engine/engine.ts'
import { createTaker, dialFor, isForbidden, join, type ProxyDeps } from './proxy.ts'

const MAX_HEAD = 8192

export function httpConnect(deps: ProxyDeps): Connect {
  const { users } = deps.host
  return () => {
    const [outer, inner] = deps.pair()
    inner.on('error', () => {})
    const taker = createTaker(inner)
    const refuse = (status: string) => inner.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
    const run = async (): Promise<unknown> => {
      const head = (await taker.through('\r\n\r\n', MAX_HEAD)).toString('latin1')
      const asked = /^CONNECT (\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5}) HTTP\/1\.[01]\r\n/i.exec(head)
      if (!asked) return refuse('405 Method Not Allowed')
      if (users && !isKnown(users, head)) return refuse('407 Proxy Authentication Required')
      try {
        const far = await dialFor(deps, (asked[1] ?? '').replace(/^\[|\]$/g, ''), Number(asked[2]))
        inner.write('HTTP/1.1 200 Connection established\r\n\r\n')
        taker.release()
        return join(inner, far)
      } catch (error) {
        return refuse(isForbidden(error) ? '403 Forbidden' : '502 Bad Gateway')
      }
    }
    run().catch(() => inner.destroy())
    return outer
  }
}

/** Whether a head holds the credentials of one of them. */
export function isKnown(users: Readonly<Record<string, string>>, head: string): boolean {
  const given = /\r\nproxy-authorization: *basic +([a-z0-9+/=]+)\r\n/i.exec(head)?.[1]
  const [name = '', word] = Buffer.from(given ?? '', 'base64')
    .toString()
    .split(/:(.*)/s)
  return Object.hasOwn(users, name) && users[name] === word
}
