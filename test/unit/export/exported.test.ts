/** However long somebody measured: what is written can be read again, and holds the newest of each thing. */
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../../electron/core/diagnose/history.ts'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { compareWith } from '../../../electron/core/export/compare.ts'
import { exported } from '../../../electron/core/export/exported.ts'
import { evidenceIn } from '../../../electron/core/export/recompute.ts'
import { Diagnostics, MAX_DIAGNOSTICS_CHARS } from '../../../shared/contract/diagnostics.ts'
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import { quietPath } from '../../support/path-fixtures.ts'
import { bundle as tiny } from '../chats/profile.ts'
import { answer, context, hello, status, strangerAnswers, tcp, tls, transfer, vantage } from '../diagnose/scenes.ts'

/** A service of so many machines, each with four addresses. */
const service = (machines: number): Endpoint[] =>
  Array.from({ length: machines }, (_, n) => ({
    id: `machine-${n}-of-the-service`,
    plane: (['chat', 'media', 'links', 'web'] as const)[n % 4] ?? 'chat',
    host: `machine-${n}.a-service-with-a-rather-long-name.test`,
    port: 443,
    addresses: [0, 1, 2, 3].map((i) => `240.${i}.${n}.10`),
    provider: 'a-provider',
  }))

/** What one round notes of all of them. */
function round(endpoints: readonly Endpoint[], at: number): Observation[] {
  return [
    { ...strangerAnswers, at },
    ...endpoints.flatMap(({ id, plane, host, addresses, provider }) => {
      const there = { endpoint: id, plane, provider, at }
      return [
        answer([...addresses], { name: host, plane, at }),
        answer([...addresses], { name: host, plane, at, resolver: 'doh', resolverId: 'doh-a' }),
        status(200, { endpoint: id, plane, provider, at, address: addresses[0] ?? '' }),
        transfer({ plane, endpoint: id, provider, at, address: addresses[0] ?? '', sni: host }),
        ...addresses.flatMap((address) => [
          tcp('timeout', { ...there, address, ms: 3500 }),
          tls({ kind: 'reset' }, { ...there, address, sni: host }),
          tls({ kind: 'established' }, { ...there, address, sni: null }),
          hello({ kind: 'timeout' }, { ...there, address, ms: 8000 }),
          vantage({ kind: 'established' }, { endpoint: id, plane, at, address }),
        ]),
      ]
    }),
  ]
}

/** As many tries of each thing as are remembered (`remember` keeps sixteen). */
function session(machines: number) {
  const endpoints = service(machines)
  const observations = Array.from({ length: 16 }, (_, n) => round(endpoints, context.now - 1000 - (15 - n) * 20_000)).flat()
  return { endpoints, observations }
}

function exportOf(observations: readonly Observation[], endpoints: readonly Endpoint[] = context.endpoints) {
  const bundle = { ...tiny, endpoints: [...endpoints], controls: [...context.controls] }
  return exported({
    path: quietPath,
    evidence: { observations, context: { ...context, endpoints } },
    history: [],
    bundle,
    version: '0.1.0',
  })
}

describe('the file of a long session', () => {
  it('of a service like ours holds everything, in readable lines', () => {
    const { endpoints, observations } = session(5)
    const { text, file } = exportOf(observations, endpoints)
    expect(file.test_keys.left_out).toBe(0)
    expect(evidenceIn(file).observations).toHaveLength(observations.length)
    expect(text.length).toBeLessThan(MAX_DIAGNOSTICS_CHARS)
    expect(text).toContain('\n')
  })

  it('of a service that is too large for a file can be read again, says how much it left out, and has the newest of each thing', () => {
    const { endpoints, observations } = session(24)
    const { text, file } = exportOf(observations, endpoints)
    expect(text.length).toBeLessThanOrEqual(MAX_DIAGNOSTICS_CHARS)
    expect(text.length).toBeGreaterThan(MAX_DIAGNOSTICS_CHARS * 0.8)
    const kept = evidenceIn(v.parse(Diagnostics, JSON.parse(text))).observations
    expect(file.test_keys.left_out).toBe(observations.length - kept.length)
    expect(file.test_keys.left_out).toBeGreaterThan(0)
    expect(new Set(kept.map(keyOf)).size).toBe(new Set(observations.map(keyOf)).size)
    const newest = Math.max(...kept.map(({ at }) => at))
    for (const key of new Set(kept.map(keyOf))) {
      const ages = kept.filter((o) => keyOf(o) === key).map(({ at }) => Math.round((newest - at) / 20_000))
      expect(ages.toSorted((a, b) => a - b)).toEqual(ages.map((_, n) => n))
    }
  }, 60_000)

  it('can be read again, whatever it would hold', () => {
    const lengths = fc.tuple(fc.integer({ min: 0, max: 6000 }), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 40 }))
    fc.assert(
      fc.property(lengths, ([count, name, addresses]) => {
        const lookup = (n: number) =>
          answer(
            Array.from({ length: addresses }, (_, i) => `81.2.${i}.${n % 250}`),
            { name: `${'n'.repeat(name)}${n % 30}.test`, at: context.now - n },
          )
        const observations = Array.from({ length: count }, (_, n) => lookup(n))
        const { text, file } = exportOf(observations)
        expect(text.length).toBeLessThanOrEqual(MAX_DIAGNOSTICS_CHARS)
        expect(v.parse(Diagnostics, JSON.parse(text)).test_keys.queries.length + file.test_keys.left_out).toBe(count)
      }),
      { numRuns: 2 },
    )
  }, 60_000)

  it('names the version of the program; one of before is still taken', () => {
    const { file, text } = exportOf([strangerAnswers])
    expect(file).toMatchObject({ software_version: '0.1.0', test_version: '2.1.0' })
    const { software_version, ...before } = { ...file, test_version: '2.0.0' }
    const { left_out, ...keys } = file.test_keys
    expect([software_version, left_out]).toEqual(['0.1.0', 0])
    expect(compareWith(file, JSON.stringify({ ...before, test_keys: keys }))).toMatchObject({ outcome: 'compared' })
    expect(compareWith(file, text)).toMatchObject({ outcome: 'compared' })
  })
})
