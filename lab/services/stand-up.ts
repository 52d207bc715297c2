/** Puts the world's machines behind their addresses, each kind with its service. */
import type { Duplex } from 'node:stream'
import { assertNever } from '../../shared/util/assert-never.ts'
import type { Connect, Engine } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import type { Authority } from './authority.ts'
import { createResolver, type Names } from './resolver.ts'

export interface Services {
  /** What stands behind the addresses of every `relay` host. */
  setRelay(connect: Connect | null): void
  /** A host that was down comes up, or goes; connections it has are left alone. */
  setUp(id: string, up: boolean): void
  close(): void
}

export interface ServiceDeps {
  readonly engine: Engine
  readonly names: Names
  readonly authority: Authority
  readonly foreignAuthority: Authority | null
  pair(): [Duplex, Duplex]
}

export async function standUp(deps: ServiceDeps): Promise<Services> {
  const { engine, names } = deps
  const undo = new Map<string, (() => void)[]>()
  let relay: Connect | null = null

  const put = (host: Host, port: number, connect: Connect) => host.addresses.map((address) => engine.listen({ address, port }, connect))
  const raise = async (host: Host): Promise<(() => void)[]> => {
    switch (host.kind) {
      case 'resolver': {
        const resolver = createResolver(engine, names, host.provider, deps.pair)
        return [
          ...put(host, 53, resolver.connect),
          ...host.addresses.map((address) => engine.listenDatagrams({ address, port: 53 }, resolver.datagrams)),
        ]
      }
      case 'relay':
        return put(host, 443, (from, asked) => {
          if (!relay) throw new Error('the service is not there')
          return relay(from, asked)
        })
      case 'doh':
      case 'site':
      case 'redirect':
      case 'socks5':
      case 'http-connect':
      case 'false-page':
      case 'plain':
        return []
      default:
        return assertNever(host.kind)
    }
  }

  for (const host of engine.topology.world.hosts) if (host.up) undo.set(host.id, await raise(host))

  return {
    setRelay(connect) {
      relay = connect
    },
    setUp(id, up) {
      const host = engine.topology.host(id)
      if (!host || undo.has(id) === up) return
      if (up) void raise(host).then((undos) => undo.set(id, undos))
      else {
        for (const each of undo.get(id) ?? []) each()
        undo.delete(id)
      }
    },
    close() {
      for (const undos of undo.values()) for (const each of undos) each()
    },
  }
}
