/** A crowd at the door and a cut by name at once, and neither where there is only the other. */
import { expect, test } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { context, find, OWN, strangerAnswers, strangerElsewhereAnswers, tcp, tls, vantage } from './scenes.ts'

const ago = (ms: number) => ({ at: context.now - ms })
const quick = tcp('connected', { ...ago(80_000), ms: 90 })
/** One in three gets in, after a wait. */
const tries: readonly Observation[] = Array.from({ length: 12 }, (_, n) =>
  n % 3 === 0 ? tcp('connected', { ...ago(34_000 - n * 2000), ms: 1100 }) : tcp('refused', { ...ago(34_000 - n * 2000), ms: 100 }),
)
const crowd = [quick, ...tries, strangerAnswers]
const silent = (ms: number, since: number) => tls({ kind: 'timeout' }, { ...ago(since), ms })
const otherName = (ms: number, since: number) =>
  tls({ kind: 'established' }, { ...ago(since), ms, sni: 'media.x.test', plane: 'media', endpoint: 'media' })
const refusedSince = tcp('refused', { ...ago(5000), ms: 100 })
const alive = { relayAlive: true }

test('who was let in and then hears nothing, where another name was answered in the same crowd, is cut by name, whoever is refused since', () => {
  expect(find('chat', [...crowd, otherName(1080, 15_000), silent(4000, 9000), refusedSince], alive)).toMatchObject({
    kind: 'interference',
    mechanisms: ['sni_drop'],
    word: 'suspected',
  })
})

test('a silence no longer than the queue, or where nobody was answered since the crowd came, is the crowd', () => {
  expect(find('chat', [...crowd, otherName(2000, 15_000), silent(4000, 9000), refusedSince], alive).kind).toBe('overload')
  expect(find('chat', [...crowd, otherName(80, 60_000), silent(4000, 9000), refusedSince], alive).kind).toBe('overload')
})

test('a silence that has only begun takes back nothing that a longer one said', () => {
  const begun = [...crowd, otherName(1080, 15_000), silent(4000, 9000), refusedSince, silent(1500, 1600)]
  expect(find('chat', begun, alive)).toMatchObject({ kind: 'interference', mechanisms: ['sni_drop'] })
})

test('a refusal that takes as long as an answer may be the service’s own: nobody is more than suspected', () => {
  const refused = [tcp('refused', { ms: 90 }), tcp('refused', { ms: 92, ...ago(500) })]
  const seen = [quick, ...refused, vantage({ kind: 'established' }), strangerElsewhereAnswers]
  expect(find('chat', seen, alive)).toMatchObject({ kind: 'interference', mechanisms: ['ip_reset'], word: 'suspected' })
  expect(find('chat', [quick, ...refused, strangerElsewhereAnswers], alive)).toMatchObject({ kind: 'service_fault', place: 'service' })
  const tooSoon = tcp('refused', { ms: 20, ...ago(200) })
  expect(find('chat', [...seen, tooSoon], alive)).toMatchObject({ mechanisms: ['ip_reset'], word: 'confirmed' })
})

test('silence beside refusals by the service itself is no block', () => {
  const both = [tcp('timeout', { ms: 3500 }), tcp('timeout', { ms: 3500, address: OWN[1] }), strangerElsewhereAnswers]
  expect(find('chat', [quick, ...both], alive)).toMatchObject({ kind: 'interference', mechanisms: ['ip_drop'] })
  expect(find('chat', [quick, ...both, tcp('refused', { ...ago(2000), ms: 95, address: '240.1.0.12' })], alive).kind).not.toBe(
    'interference',
  )
})
