/** Evidence as a file and back: what is computed from the file is what was computed from what was seen. */
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { diagnose } from '../../../electron/core/diagnose/verdict.ts'
import { diagnosticsOf } from '../../../electron/core/export/diagnostics.ts'
import { recompute } from '../../../electron/core/export/recompute.ts'
import { Diagnostics } from '../../../shared/contract/diagnostics.ts'
import type { PathState } from '../../../shared/contract/path.ts'
import { russiaPath } from '../../support/path-fixtures.ts'
import { bundle as tiny } from '../chats/profile.ts'
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
} from '../diagnose/scenes.ts'

const FILTER = '203.0.113.9'
const bogons = ['192.0.2.0/24']
const bundle = { ...tiny, endpoints: [...context.endpoints], controls: [...context.controls], bogons, householdFilters: [FILTER] }
const judgedBy = { ...context, bogons, householdFilters: [FILTER] }

const wrong = { kind: 'certificate', code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', issuer: 'Some Company' } as const
const portalPage = { kind: 'status', status: 302, elsewhere: true, skewMs: 86_400_000 } as const
/** What rules tell apart, with addresses of every class that stands as a number in the file. */
const seen: readonly Observation[] = [
  ...[LINKS, FALSE_PAGE, '0.0.0.0', '192.0.2.7', FILTER, '9.9.9.9', '2001:470::5', 'fd00::1'].map((address) => answer([address])),
  answer(['10.0.0.9'], { near: true }),
  answer([LINKS], { resolver: 'other', resolverId: 'second' }),
  answer([LINKS, '9.9.9.9'], { resolver: 'doh', resolverId: 'doh-a' }),
  dns({ kind: 'nxdomain', soa: false }),
  dns({ kind: 'nxdomain', soa: true }, { madeUp: true, name: 'qzx.x.test' }),
  dns({ kind: 'nxdomain', soa: true }, { resolver: 'doh', resolverId: 'doh-a' }),
  dns({ kind: 'timeout' }, { ms: 2000 }),
  dns({ kind: 'error', rcode: 'SERVFAIL' }),
  dns({ kind: 'failed', reason: 'malformed' }),
  dns({ kind: 'answer', addresses: [FALSE_PAGE], late: [[LINKS]] }),
  answer(['240.2.0.50'], { role: 'control', name: 'music.test' }),
  dns({ kind: 'timeout' }, { role: 'control', name: 'music.test' }),
  linksProven,
  ...(['connected', 'refused', 'reset', 'unreachable'] as const).map((kind) => tcp(kind)),
  tcp('timeout', { ms: 3500.25 }),
  tcp('refused', { ms: 12.123_456_7 }),
  tcp('timeout', { address: OWN[1], ms: 3500 }),
  tcp('timeout', { address: '240.1.0.77', ms: 3500, source: 'doh' }),
  tcp('refused', { plane: 'links', endpoint: 'links', address: FALSE_PAGE, source: 'system' }),
  tcp('connected', { address: '81.2.69.142', port: 9443, source: 'proxy' }),
  tcp('timeout', { address: '2a02:2e0::7', ms: 3500 }),
  tcp('connected', { endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10' }),
  strangerAnswers,
  strangerElsewhereAnswers,
  tcp('timeout', { role: 'control', endpoint: 'music', provider: 'cloud-a', address: '240.2.0.50', ms: 3500 }),
  ...(['established', 'reset', 'closed'] as const).map((kind) => tls({ kind })),
  tls({ kind: 'established' }, { sni: null }),
  tls({ kind: 'timeout' }, { ms: 4000 }),
  tls({ kind: 'failed', code: 'EPROTO' }),
  tls(wrong),
  tls({ kind: 'certificate', code: 'CERT_HAS_EXPIRED', issuer: 'R3' }),
  tls(wrong, { plane: 'links', endpoint: 'links', address: FALSE_PAGE, sni: 'x.test', source: 'system' }),
  stranger(wrong),
  stranger({ kind: 'certificate', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', issuer: 'portal' }),
  stranger({ kind: 'certificate', code: 'CERT_NOT_YET_VALID', issuer: 'R3' }),
  stranger({ kind: 'established' }),
  hello({ kind: 'proven' }),
  hello({ kind: 'unproven', reason: 'channel-mismatch' }),
  hello({ kind: 'refused', code: 'overloaded' }),
  hello({ kind: 'status', status: 503 }),
  hello({ kind: 'timeout' }, { ms: 8000 }),
  ...[200, 403, 503].map((code) => status(code)),
  ...(['established', 'silent'] as const).map((kind) => vantage({ kind })),
  vantage(wrong),
  vantage({ kind: 'no-vantage', code: 'ECONNREFUSED' }),
  portal(portalPage),
  portal({ kind: 'status', status: 204, elsewhere: false, skewMs: 0 }),
  portal({ kind: 'failed', code: 'timeout' }),
  transfer({ kbps: 120, outcome: { kind: 'slow' } }),
  transfer({ bytes: 17_000, kbps: null, ms: 9000, outcome: { kind: 'stalled' } }),
  transfer({ role: 'control', endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10' }),
  local({ installed: ['Some Company'] }),
  local({ up: false }),
  local({ clockSkewMs: -86_400_000 }),
]

const evidence = fc.array(
  fc
    .tuple(fc.constantFrom(...seen), fc.integer({ min: 1, max: 120_000 }))
    .map(([o, ago]): Observation => ({ ...o, at: judgedBy.now - ago - o.ms })),
  { maxLength: 30 },
)

/** All that is said, but for the raw facts, which stand redacted in the file. */
const said = (findings: ReturnType<typeof diagnose>) =>
  findings.map(({ evidence: lines, ...finding }) => ({
    ...finding,
    evidence: lines.map(({ rule, layer, code, control, level }) => ({ rule, layer, code, control, level })),
  }))

function exported(observations: readonly Observation[], relayAlive: boolean) {
  const at = { ...judgedBy, relayAlive }
  const findings = diagnose(observations, at)
  const path: PathState = {
    ...russiaPath,
    verdicts: findings.map((finding) => ({ ...finding, at: at.now, since: at.now, actions: [], exposure: [] })),
  }
  return {
    findings,
    text: JSON.stringify(diagnosticsOf({ path, evidence: { observations, context: at }, history: [], version: '0.1.0', bundle })),
  }
}

describe('the evidence of a file', () => {
  it('gives the verdicts of the file, whatever was seen', () => {
    fc.assert(
      fc.property(evidence, fc.boolean(), (observations, relayAlive) => {
        const { findings, text } = exported(observations, relayAlive)
        const file = v.parse(Diagnostics, JSON.parse(text))
        expect(said(recompute(file))).toEqual(said(findings))
        for (const finding of recompute(file)) {
          const { kind, mechanisms, confidence, word, place } = finding
          expect(file.test_keys.planes[finding.plane]).toMatchObject({ kind, mechanisms, confidence, word, place })
        }
      }),
      { numRuns: 200 },
    )
  })

  it("speaks OONI's words", () => {
    const { text } = exported(
      [answer(['10.10.34.34']), dns({ kind: 'nxdomain', soa: false }), tcp('refused'), tls(wrong), tls({ kind: 'closed' })],
      false,
    )
    const { test_keys: keys, ...top } = v.parse(Diagnostics, JSON.parse(text))
    expect(top).toMatchObject({ test_name: 'throughline', probe_asn: 'AS0', probe_cc: 'ZZ', probe_ip: '127.0.0.1', input: null })
    expect(keys.queries[0]).toMatchObject({ hostname: 'x.test', failure: null, answers: [{ answer_type: 'A', ipv4: '[bogon 1]' }] })
    expect(keys.queries[1]).toMatchObject({ failure: 'dns_nxdomain_error', answers: [], resolver_address: '' })
    expect(keys.tcp_connect[0]).toMatchObject({ ip: OWN[0], port: 443, status: { failure: 'connection_refused', success: false } })
    expect(keys.tls_handshakes.map(({ address, server_name, failure }) => [address, server_name, failure])).toEqual([
      [`${OWN[0]}:443`, 'chat.x.test', 'ssl_unknown_authority'],
      [`${OWN[0]}:443`, 'chat.x.test', 'eof_error'],
    ])
  })
})
