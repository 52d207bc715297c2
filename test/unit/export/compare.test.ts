/** Somebody else's file beside mine: what is refused, and what decides. */
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { diagnose } from '../../../electron/core/diagnose/verdict.ts'
import { compareWith } from '../../../electron/core/export/compare.ts'
import { diagnosticsOf } from '../../../electron/core/export/diagnostics.ts'
import { MAX_DIAGNOSTICS_CHARS } from '../../../shared/contract/diagnostics.ts'
import { quietPath } from '../../support/path-fixtures.ts'
import { bundle as tiny } from '../chats/profile.ts'
import {
  answer,
  context,
  FALSE_PAGE,
  hello,
  LINKS,
  linksProven,
  OWN,
  strangerAnswers,
  strangerElsewhereAnswers,
  tcp,
  tls,
} from '../diagnose/scenes.ts'

function file(observations: readonly Observation[], of = context) {
  const verdicts = diagnose(observations, of).map((finding) => ({ ...finding, at: of.now, since: of.now, actions: [], exposure: [] }))
  const bundle = { ...tiny, endpoints: [...of.endpoints], controls: [...of.controls] }
  return diagnosticsOf({ path: { ...quietPath, verdicts }, evidence: { observations, context: of }, history: [], version: '0.1.0', bundle })
}
const others = [strangerAnswers, strangerElsewhereAnswers]
const reached = [tcp('connected'), tls({ kind: 'established' }), hello({ kind: 'proven' }, { at: context.now - 500 })]
const silent = Array.from({ length: 5 }, (_, i) => tcp('timeout', { ms: 3500, at: context.now - 5000 - i * 700 }))
const atPage = { plane: 'links', endpoint: 'links', address: FALSE_PAGE, sni: 'x.test', source: 'system' } as const

const here = file([...silent, answer([FALSE_PAGE]), tls({ kind: 'reset' }, atPage), linksProven, ...others])
const there = file([...reached, answer([LINKS]), linksProven, ...others])

describe('two places beside each other', () => {
  it('says for each plane what both found, what was seen otherwise, and which of it decides', () => {
    const compared = compareWith(here, JSON.stringify(there))
    if (compared.outcome !== 'compared') throw new Error(compared.reason)
    const [chat, links] = compared.planes
    expect(chat).toMatchObject({ plane: 'chat', isSame: false, mine: { mechanisms: ['ip_drop'] }, theirs: { kind: 'ok' } })
    expect(chat?.differences).toEqual([{ what: 'connect', about: OWN[0], mine: 'silent', theirs: 'answers', decides: true }])
    expect(links).toMatchObject({ mine: { mechanisms: ['dns_lie'] }, theirs: { kind: 'ok' } })
    expect(links?.differences).toEqual([{ what: 'lookup', about: 'x.test', mine: 'other-answer', theirs: 'true-answer', decides: true }])
  })

  it('finds no difference between a file and itself', () => {
    const compared = compareWith(here, JSON.stringify(here))
    expect(compared).toMatchObject({
      outcome: 'compared',
      planes: [
        { isSame: true, differences: [] },
        { isSame: true, differences: [] },
      ],
    })
  })

  it('refuses, with its reason, what is too large, no JSON, foreign, older or damaged', () => {
    const reason = (text: string) => compareWith(here, text)
    expect(reason('x'.repeat(MAX_DIAGNOSTICS_CHARS + 1))).toEqual({ outcome: 'refused', reason: 'too-large' })
    expect(reason('not a file')).toEqual({ outcome: 'refused', reason: 'not-json' })
    expect(reason('{"software_name":"ooniprobe"}')).toEqual({ outcome: 'refused', reason: 'foreign' })
    expect(reason('[]')).toEqual({ outcome: 'refused', reason: 'foreign' })
    expect(reason('{"format":"throughline diagnostics 1"}')).toEqual({ outcome: 'refused', reason: 'older' })
    expect(reason(JSON.stringify({ ...there, test_keys: { ...there.test_keys, queries: [{}] } }))).toEqual({
      outcome: 'refused',
      reason: 'malformed',
    })
    const elsewhere = { ...context, endpoints: context.endpoints.map((endpoint) => ({ ...endpoint, host: `other-${endpoint.host}` })) }
    expect(reason(JSON.stringify(file(reached, elsewhere)))).toEqual({ outcome: 'refused', reason: 'foreign' })
  })
})
