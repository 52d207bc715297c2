/** What conditions of a machine do to whoever connects to it: before its own service, or in place of it. */

import type { Duplex } from 'node:stream'
import type { CertificateFault, Of } from '../engine/condition.ts'
import type { Connect, Engine, Origin } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import type { Authority, Certificate } from './authority.ts'
import type { Conditions } from './conditions.ts'
import { openTls } from './interceptor.ts'
import { joinPaced } from './paced.ts'
import { join } from './proxy.ts'
import { endTls } from './tls-end.ts'
import { page, webOver } from './web.ts'

export interface HostConditionDeps {
  readonly engine: Engine
  readonly conditions: Conditions
  readonly authority: Authority
  /** One that nobody trusts. */
  readonly unknownAuthority: Authority
  pair(): [Duplex, Duplex]
}

const DAY_MS = 86_400_000
/** The ports where this world speaks TLS from the first byte. */
export const TLS_PORTS: ReadonlySet<number> = new Set([443, 853])

/** The service behind a port of `host`, as it fares under what holds there when somebody connects. */
export function underConditions(deps: HostConditionDeps, host: Host, port: number, service: Connect): Connect {
  const { engine, conditions, authority, pair } = deps
  const country = (from: Origin) => engine.topology.provider(from.provider)?.country ?? ''
  const nameOf = (asked: string | null) => asked ?? host.names[0] ?? 'unnamed.test'
  const issued = (asked: string | null) => authority.issue([nameOf(asked)])
  const made = new Map<string, Promise<Certificate>>()
  const faulty = (fault: CertificateFault, name: string) => {
    const key = `${fault} ${name}`
    const certificate = made.get(key) ?? make(deps, fault, name)
    made.set(key, certificate)
    return certificate
  }

  const answered: Connect = async (from, asked) => {
    const denial = conditions.atHost('deny', host.id)
    if (TLS_PORTS.has(port) && denial && (denial.countries?.includes(country(from)) ?? true)) {
      const [outer, inner] = pair()
      const serve = denialOf(denial)
      endTls(engine.pulse, inner, issued, (near) => serve(near, from))
      return outer
    }
    const wrong = conditions.atHost('certificate', host.id)
    if (TLS_PORTS.has(port) && wrong) {
      const [outer, inner] = pair()
      endTls(
        engine.pulse,
        inner,
        (name) => faulty(wrong.fault, nameOf(name)),
        (near, name) => {
          Promise.resolve(service(from, asked))
            .then((behind) => openTls(behind, name))
            .then(
              (far) => join(near, far),
              () => near.destroy(),
            )
        },
      )
      return outer
    }
    return service(from, asked)
  }

  return async (from, asked) => {
    const down = conditions.atHost('down', host.id)
    if (down?.how === 'refused') throw new Error('nobody serves')
    // Its caller's stack gives up in its own time; one that is called again is asked again.
    if (down) return new Promise(() => {})
    if (conditions.atHost('stall', host.id)) return silence(pair)
    const slow = conditions.atHost('slow', host.id)
    if (!slow) return answered(from, asked)
    const [outer, inner] = pair()
    joinPaced(engine.clock, inner, await answered(from, asked), slow)
    return outer
  }
}

function silence(pair: () => [Duplex, Duplex]): Duplex {
  const [outer, inner] = pair()
  inner.on('error', () => {})
  inner.resume()
  return outer
}

function denialOf({ status, title, text }: Of<'deny'>): (stream: Duplex, from: Origin) => void {
  return webOver((_request, response) => page(response, status, title, text, { Connection: 'close' }))
}

function make({ authority, unknownAuthority }: HostConditionDeps, fault: CertificateFault, name: string): Promise<Certificate> {
  switch (fault) {
    case 'other-name':
      return authority.issue(['somebody-else.test'])
    case 'expired':
      return authority.issueFor([name], -90 * DAY_MS, -DAY_MS)
    case 'not-yet-valid':
      return authority.issueFor([name], DAY_MS, 90 * DAY_MS)
    case 'unknown-authority':
      return unknownAuthority.issue([name])
    case 'self-signed':
      return authority.selfSigned([name])
  }
}
