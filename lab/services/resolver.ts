/** A recursive resolver: the one authoritative truth, unless the place where it stands was told to say something else. */
import type { Duplex } from 'node:stream'
import type { Way } from '../censor/judge.ts'
import type { DatagramListener } from '../engine/datagrams.ts'
import { answerTo, forgeAnswer, questionOf } from '../engine/dns-message.ts'
import type { Connect, Engine, Origin } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'

const TTL_SECONDS = 60

/** What every name truly stands for, right now. */
export interface Names {
  /** `null`: there is no such name. */
  addressesOf(name: string): readonly string[] | null
  set(name: string, addresses: readonly string[] | null): void
  /** More machines, with the names they bear. */
  add(hosts: readonly Host[]): void
  /** These are there no more, nor are names that only they bore. */
  remove(hosts: readonly Host[]): void
  /** Back to what the world says at first. */
  reset(): void
}

export function createNames(hosts: readonly Host[]): Names {
  const names = new Map<string, readonly string[]>()
  let known: Host[] = []
  const put = (host: Host) => {
    if (!host.up) return
    for (const name of host.names) names.set(name, [...(names.get(name) ?? []), ...host.addresses])
  }
  const add = (more: readonly Host[]) => {
    known.push(...more)
    more.forEach(put)
  }
  add(hosts)
  return {
    add,
    remove(gone) {
      const ids = new Set(gone.map(({ id }) => id))
      known = known.filter(({ id }) => !ids.has(id))
      const borne = new Set(gone.flatMap((host) => host.names))
      for (const name of borne) names.delete(name)
      for (const host of known)
        if (host.names.some((name) => borne.has(name))) put({ ...host, names: host.names.filter((name) => borne.has(name)) })
    },
    reset() {
      names.clear()
      known.forEach(put)
    },
    addressesOf: (name) => names.get(name) ?? null,
    set(name, addresses) {
      if (addresses) names.set(name, addresses)
      else names.delete(name)
    },
  }
}

export interface Resolver {
  readonly datagrams: DatagramListener
  /** DNS over TCP (RFC 7766): the same answers behind a length of two bytes. */
  readonly connect: Connect
  /** The answer to one message, `null` for none; what DoH carries too. */
  answer(way: Way, query: Uint8Array): Uint8Array | null
}

/** The way of a question that came by a stream, for the rules and the log. */
export function wayTo(from: Origin, to: string, port: number, toProvider: string): Way {
  return { who: from.who, from: from.address, place: from.place, provider: from.provider, to, toProvider, port }
}

export function createResolver(engine: Engine, names: Names, provider: string, stream: () => [Duplex, Duplex]): Resolver {
  const answer = (way: Way, query: Uint8Array): Uint8Array | null => {
    const question = questionOf(query)
    if (!question) return null
    const told = engine.judge.atResolver(provider, way, question.name)
    engine.packets.emit({
      t: 'dns',
      direction: 'up',
      way,
      bytes: query.length,
      name: question.name,
      fate: told ? 'lied' : 'passed',
      rule: told?.rule.id ?? null,
    })
    if (told?.act.do === 'lie') return forgeAnswer(query, told.act.addresses, told.act.ttl)
    const addresses = names.addressesOf(question.name)
    return answerTo(query, { addresses: addresses ?? [], ttl: TTL_SECONDS, exists: addresses !== null, soa: true })
  }
  return {
    answer,
    datagrams(_from, way, query, reply) {
      const message = answer(way, query)
      if (message) reply(message)
    },
    connect(from, asked) {
      const [outer, inner] = stream()
      const way = wayTo(from, asked.address, asked.port, provider)
      let held = Buffer.alloc(0)
      inner.on('error', () => {})
      inner.on('data', (chunk: Buffer) => {
        held = Buffer.concat([held, chunk])
        while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
          const end = 2 + held.readUInt16BE(0)
          const message = answer(way, held.subarray(2, end))
          held = held.subarray(end)
          if (!message) {
            inner.destroy()
            return
          }
          const length = Buffer.alloc(2)
          length.writeUInt16BE(message.length)
          inner.write(Buffer.concat([length, message]))
        }
      })
      inner.on('end', () => inner.end())
      return outer
    },
  }
}
