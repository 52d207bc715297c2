/** What holds of verdicts whatever the evidence: they are a function of it, and no missing comparison makes anybody surer. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { diagnose } from '../../../electron/core/diagnose/verdict.ts'
import {
  answer,
  context,
  dns,
  FALSE_PAGE,
  hello,
  LINKS,
  linksProven,
  local,
  OWN,
  portal,
  status,
  stranger,
  strangerAnswers,
  strangerElsewhereAnswers,
  tcp,
  tls,
  transfer,
  vantage,
} from './scenes.ts'

const wrong = { kind: 'certificate', code: 'SELF_SIGNED_CERT_IN_CHAIN', issuer: 'Somebody' } as const
const seen: readonly Observation[] = [
  answer([LINKS]),
  answer([FALSE_PAGE]),
  answer(['0.0.0.0'], { near: true }),
  answer([LINKS], { resolver: 'other', resolverId: 'second' }),
  answer([LINKS], { resolver: 'doh', resolverId: 'doh' }),
  dns({ kind: 'nxdomain', soa: false }),
  dns({ kind: 'nxdomain', soa: true }, { resolver: 'doh', resolverId: 'doh' }),
  dns({ kind: 'timeout' }),
  dns({ kind: 'answer', addresses: [FALSE_PAGE], late: [[LINKS]] }),
  dns({ kind: 'timeout' }, { role: 'control', name: 'music.test' }),
  answer(['240.2.0.50'], { role: 'control', name: 'music.test' }),
  linksProven,
  tcp('connected'),
  tcp('refused'),
  tcp('refused', { ms: 10 }),
  tcp('timeout', { ms: 3500 }),
  tcp('timeout', { address: OWN[1], ms: 3500 }),
  tcp('unreachable'),
  tcp('connected', { endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10' }),
  strangerAnswers,
  strangerElsewhereAnswers,
  tcp('timeout', { role: 'control', endpoint: 'music', provider: 'cloud-a', address: '240.2.0.50' }),
  tls({ kind: 'established' }),
  tls({ kind: 'established' }, { sni: null }),
  tls({ kind: 'reset' }),
  tls({ kind: 'timeout' }, { ms: 4000 }),
  tls(wrong),
  stranger(wrong),
  stranger({ kind: 'established' }),
  hello({ kind: 'proven' }),
  hello({ kind: 'unproven', reason: 'channel-mismatch' }),
  hello({ kind: 'timeout' }, { ms: 8000 }),
  status(403),
  status(200),
  vantage({ kind: 'established' }),
  vantage({ kind: 'silent' }),
  vantage(wrong),
  portal({ kind: 'status', status: 302, elsewhere: true, skewMs: 0 }),
  transfer({ kbps: 120, outcome: { kind: 'slow' } }),
  transfer({ role: 'control', endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10' }),
  local(),
  local({ clockSkewMs: -86_400_000 }),
]

/** Any of them, its outcome known at any moment of the last minute. */
const evidence = fc.array(
  fc
    .tuple(fc.constantFrom(...seen), fc.integer({ min: 1, max: 60_000 }))
    .map(([o, ago]): Observation => ({ ...o, at: context.now - ago - o.ms })),
  { maxLength: 24 },
)

const blame = (observations: readonly Observation[], relayAlive: boolean) =>
  diagnose(observations, { ...context, relayAlive }).map(({ kind, confidence }) => (kind === 'interference' ? confidence : 0))

/** Somebody to compare with, or somebody elsewhere, for whom all was well. */
function isGoodControl(o: Observation): boolean {
  if (o.t === 'vantage') return o.outcome.kind === 'established'
  if (o.t === 'tcp') return o.role === 'control' && o.outcome.kind === 'connected'
  if (o.t === 'tls') return o.role === 'control' && o.outcome.kind === 'established'
  return o.t === 'dns' && o.role === 'control' && o.outcome.kind === 'answer'
}

/** A stranger made it a suspicion about the address, and so no matter of throughput; without him it was taken for a limit, and likely. */
const slowWhereNothingOpens = [
  strangerAnswers,
  tcp('unreachable'),
  transfer({ kbps: 120, outcome: { kind: 'slow' } }),
  transfer({ role: 'control', endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10' }),
]

describe('whatever was seen', () => {
  test('the order in which it was told changes nothing', () => {
    fc.assert(
      fc.property(
        evidence.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        fc.boolean(),
        ([list, shuffled], relayAlive) => {
          expect(diagnose(shuffled, { ...context, relayAlive })).toEqual(diagnose(list, { ...context, relayAlive }))
        },
      ),
    )
  })

  test('without anybody to compare with, nobody is more sure that somebody interferes', () => {
    fc.assert(
      fc.property(evidence, fc.boolean(), (list, relayAlive) => {
        const before = blame(list, relayAlive)
        const after = blame(
          list.filter((o) => !isGoodControl(o)),
          relayAlive,
        )
        for (const [i, confidence] of after.entries()) expect(confidence).toBeLessThanOrEqual(Math.max(before[i] ?? 0, 0.64))
      }),
      { examples: [[slowWhereNothingOpens, false]] },
    )
  })

  test('a plane that has just proven itself from end to end is blamed for nothing that is done to its addresses', () => {
    fc.assert(
      fc.property(evidence, fc.boolean(), (all, relayAlive) => {
        // How fast something comes is another matter than whether it does.
        const list = all.filter(({ t }) => t !== 'transfer')
        const at = context.now - 0.5
        const proven = [
          tcp('connected', { at, ms: 0.1 }),
          tls({ kind: 'established' }, { at, ms: 0.2 }),
          status(200, { at, ms: 0.3 }),
          hello({ kind: 'proven' }, { at, ms: 0.4 }),
        ]
        const of = (observations: readonly Observation[]) => blame(observations, relayAlive)[0] ?? 0
        expect(of([...list, ...proven])).toBeLessThanOrEqual(of(list))
      }),
    )
  })

  test('interference comes with a mechanism and evidence that counts, and anything else with neither a mechanism nor blame', () => {
    fc.assert(
      fc.property(evidence, fc.boolean(), (list, relayAlive) => {
        for (const finding of diagnose(list, { ...context, relayAlive })) {
          expect(finding.mechanisms.length > 0).toBe(finding.kind === 'interference')
          if (finding.kind === 'interference') expect(finding.evidence.some(({ level }) => level === 'scored')).toBe(true)
        }
      }),
    )
  })
})
