/** What an attempt that was given up says: silence counts once it lasted longer than connecting mostly takes here. */
import { expect, test } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { DialError } from '../../../electron/core/net/errors.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { attempt } from '../../../electron/core/reach/attempt.ts'
import { candidates } from '../../../electron/core/reach/candidates.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const endpoint = {
  id: 'chat',
  plane: 'chat' as const,
  host: 'chat.throughline.test',
  port: 443,
  addresses: ['240.16.0.10'],
  provider: 'own',
}

/** Nobody answers, and somebody else has won after so long. */
async function givenUpAfter(ms: number, usualTcpMs: number | null): Promise<string[]> {
  const clock = new VirtualClock()
  const told: Observation[] = []
  const silence: Network = {
    connect: (_to, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    facts: () => ({ kind: 'simulated', id: 'here', up: true, gateway: null, resolvers: [], v6: false, changedAt: 0 }),
    onChange: () => () => {},
    async *exchange() {},
    close() {},
  }
  const [candidate] = candidates({
    ...{ endpoints: [endpoint], proxies: [], carrier: 'ws', v6: false, learned: [], remembered: [], doubted: new Set(), round: 0 },
  })
  if (!candidate) throw new Error('there is no way')
  const race = new AbortController()
  const trying = attempt(
    {
      ...{ network: silence, clock, random: seededRandom(1), plane: 'chat', transports: null, usualTcpMs, patience: 1 },
      ...{ roots: () => [], observe: (one) => told.push(one), onReached: () => {}, prove: null, wrap: () => null },
    },
    candidate,
    async () => {},
    race.signal,
  )
  const ended = expect(trying).rejects.toMatchObject({ reason: 'superseded' })
  clock.advance(ms)
  race.abort(new DialError('superseded'))
  await ended
  return told.map((one) => (one.t === 'tcp' ? one.outcome.kind : one.t))
}

test.each([
  ['three times what TCP takes here', 240, 80, ['timeout']],
  ['twice what TCP takes here', 240, 120, []],
  ['long for an unknown network', 260, null, ['timeout']],
  ['short for an unknown network', 240, null, []],
  ['too short for any network, however near', 150, 5, []],
])('silence that is %s', async (_what, ms, usual, told) => {
  expect(await givenUpAfter(ms, usual)).toEqual(told)
})
