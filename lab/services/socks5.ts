/** A SOCKS5 proxy (RFC 1928), CONNECT only, without or with user name and password (RFC 1929). */
import ipaddr from 'ipaddr.js'
import type { Connect } from '../engine/engine.ts'
import { createTaker, dialFor, join, type ProxyDeps } from './proxy.ts'

// RFC 1928 section 6.
const replies: Record<string, number> = { EACCES: 2, ENETUNREACH: 3, EHOSTUNREACH: 4, ENOTFOUND: 4, ECONNREFUSED: 5 }
const NO_METHOD = 0xff
const NOT_SUPPORTED = 7
const BAD_ADDRESS_TYPE = 8

export function socks5(deps: ProxyDeps): Connect {
  const { users } = deps.host
  return () => {
    const [outer, inner] = deps.pair()
    inner.on('error', () => {})
    const { take, release } = createTaker(inner)
    const byte = async () => (await take(1)).readUInt8()
    const reply = (code: number) => inner.write(Uint8Array.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0))

    /** False: this client may not use the proxy. */
    const admit = async (): Promise<boolean> => {
      if ((await byte()) !== 5) throw new Error('not SOCKS5')
      const method = users ? 2 : 0
      if (!(await take(await byte())).includes(method)) {
        inner.write(Uint8Array.of(5, NO_METHOD))
        return false
      }
      inner.write(Uint8Array.of(5, method))
      if (!users) return true
      if ((await byte()) !== 1) throw new Error('not RFC 1929')
      const name = (await take(await byte())).toString()
      const word = (await take(await byte())).toString()
      const known = Object.hasOwn(users, name) && users[name] === word
      inner.write(Uint8Array.of(1, known ? 0 : 1))
      return known
    }
    const target = async (type: number): Promise<string | null> => {
      if (type === 1) return ipaddr.fromByteArray([...(await take(4))]).toString()
      if (type === 4) return ipaddr.fromByteArray([...(await take(16))]).toString()
      return type === 3 ? (await take(await byte())).toString('latin1') : null
    }
    const run = async (): Promise<unknown> => {
      if (!(await admit())) return inner.end()
      const [version, command, , type = 0] = await take(4)
      if (version !== 5) throw new Error('not SOCKS5')
      const address = await target(type)
      if (address === null) return reply(BAD_ADDRESS_TYPE) && inner.end()
      const port = (await take(2)).readUInt16BE()
      if (command !== 1) return reply(NOT_SUPPORTED) && inner.end()
      try {
        const far = await dialFor(deps, address, port)
        reply(0)
        release()
        return join(inner, far)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : ''
        reply(replies[code] ?? 1)
        return inner.end()
      }
    }
    run().catch(() => inner.destroy())
    return outer
  }
}
