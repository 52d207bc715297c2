/** A recursive resolver: the one authoritative truth, unless the place where it stands was told to say something else. */
import type { Duplex } from 'node:stream'
import type { Way } from '../censor/judge.ts'
import type { DatagramListener } from '../engine/datagrams.ts'
import { answerTo, fitDatagram, forgeAnswer, questionOf } from '../engine/dns-message.ts'
import type { Connect, Engine, Origin } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import type { Conditions } from './conditions.ts'
import { filtered } from './local-filter.ts'
import type { Names } from './names.ts'

const TTL_SECONDS = 60

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

export interface ResolverDeps {
  readonly engine: Engine
  readonly names: Names
  readonly conditions: Conditions
  readonly host: Host
  pair(): [Duplex, Duplex]
}

export function createResolver({ engine, names, conditions, host, pair }: ResolverDeps): Resolver {
  const { provider } = host
  const answer = (way: Way, query: Uint8Array): Uint8Array | null => {
    const question = questionOf(query)
    if (!question) return null
    const told = engine.judge.atResolver(provider, way, question.name)
    const household = way.place === null || way.provider !== provider ? null : conditions.atPlace('filter', way.place)
    const kept = household?.by === 'provider' ? filtered(household, query) : null
    engine.packets.emit({
      t: 'dns',
      direction: 'up',
      way,
      bytes: query.length,
      name: question.name,
      fate: told || kept ? 'lied' : 'passed',
      rule: told?.rule.id ?? (kept ? (household?.id ?? null) : null),
    })
    if (told?.act.do === 'lie') return forgeAnswer(query, told.act.addresses, told.act.ttl)
    if (kept) return kept
    const addresses = names.addressesOf(question.name, provider) ?? conditions.atHost('rewrite', host.id)?.addresses ?? null
    const texts = names.textsOf(question.name)
    return answerTo(query, {
      addresses: addresses ?? [],
      texts,
      ttl: TTL_SECONDS,
      exists: addresses !== null || texts.length > 0,
      soa: true,
    })
  }
  return {
    answer,
    datagrams(_from, way, query, reply) {
      if (conditions.atHost('down', host.id) || conditions.atHost('stall', host.id)) return
      const whole = answer(way, query)
      if (!whole) return
      const message = fitDatagram(query, whole)
      const slow = conditions.atHost('slow', host.id)
      if (slow) engine.clock.after(slow.delayMs, () => reply(message))
      else reply(message)
    },
    connect(from, asked) {
      const [outer, inner] = pair()
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
