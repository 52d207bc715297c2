/** A scenario of the library, played headless in memory: for the tests that hold its file against what the lab did. */
import type { Duplex } from 'node:stream'
import packet from 'dns-packet'
import { expect, onTestFinished } from 'vitest'
import type { Network } from '../../../electron/core/net/network.ts'
import type { Scenario } from '../../../lab/player/scenario.ts'
import { webServer } from '../../../lab/services/web.ts'
import { mechanisms } from '../../../shared/contract/path.ts'
import { type MemoryRig, memoryRig } from './memory-rig.ts'

/** What stands in for the relay: it sends back what it gets, or serves pages over TLS with the service's own certificate. */
type Service = 'echo' | 'pages'

/** The checks that do not hold. `tampered`: with all that the scenario does to the world left out. */
export async function play(id: string, tampered: boolean, service: Service = 'echo'): Promise<string[]> {
  const rig = await memoryRig()
  rig.lab.setService(service === 'echo' ? () => mirror(rig) : webServer(rig.lab.pair, rig.lab.certificate, (_, response) => response.end()))
  lookAgainAndAgain(rig, await rig.network('alice', null))
  rig.player.tamper({ removeRules: tampered, swap: null })
  rig.player.play(id, 'alice')
  const { moves, lastsMs, checks } = rig.player.scenario(id)
  // What tells a tampered run from another is over with the last move.
  const end = moves.at(-1)
  await rig.lab.run(tampered && end ? end.atMs - 10 : lastsMs + 500)
  if (!tampered) expect(rig.player.state().running?.finished).toBe(true)
  const early = checks.filter((check) => !tampered || !('after' in check) || check.after !== end?.id).map((check) => check.id)
  return rig.player
    .truth()
    .filter((check) => !check.ok && early.includes(check.id))
    .map((check) => `${check.id}: expected ${check.expected} saw ${check.seen}`)
}

/** The least that a client does: it asks its own resolver. */
function lookAgainAndAgain({ clock }: MemoryRig, network: Network): void {
  const query = packet.encode({ type: 'query', id: 1, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name: 'tl.test' }] })
  const ended = new AbortController()
  onTestFinished(() => ended.abort())
  const again = () => {
    const [resolver] = network.facts().resolvers
    if (resolver) void network.exchange(resolver, query, ended.signal)[Symbol.asyncIterator]().next()
    clock.after(1000, again)
  }
  again()
}

function mirror({ lab }: MemoryRig): Duplex {
  const [outer, inner] = lab.pair()
  inner.on('error', () => {})
  inner.pipe(inner)
  return outer
}

/** What must come out lies within the run, names known mechanisms, and says what holds elsewhere; every claim has a source. */
export function expectSound({ card, expected, lastsMs, elsewhere }: Scenario): void {
  expect(new Set(expected.map((verdict) => verdict.vantage)), card.id).toEqual(new Set([card.vantage, elsewhere]))
  for (const { byMs, untilMs, mechanisms: must, mayName } of expected) {
    expect(byMs).toBeLessThan(untilMs)
    expect(untilMs).toBeLessThanOrEqual(lastsMs)
    for (const name of [...must, ...mayName]) expect(mechanisms).toContain(name)
    for (const name of must) expect(mayName).toContain(name)
  }
  expect(card.claims.every((claim) => claim.source !== '')).toBe(true)
}
