/** The hard separations: a crowd or a censor, a slow line or a throttled one, a fault of the service or somebody on the way. */
import { describe, expect, test } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import {
  context,
  find,
  hello,
  OWN,
  status,
  stranger,
  strangerAnswers,
  strangerElsewhereAnswers,
  tcp,
  tls,
  transfer,
  vantage,
} from './scenes.ts'

const ago = (ms: number) => ({ at: context.now - ms })

describe('a crowd at the door', () => {
  /** One in three gets in, after a wait. */
  const tries: Observation[] = Array.from({ length: 12 }, (_, n) =>
    n % 3 === 0 ? tcp('connected', { ...ago(24_000 - n * 2000), ms: 1800 }) : tcp('refused', { ...ago(24_000 - n * 2000), ms: 100 }),
  )
  const quick = tcp('connected', { ...ago(80_000), ms: 90 })

  test('is overload: now yes, now no, whoever gets in waits, and others are fine', () => {
    expect(find('chat', [quick, ...tries, strangerAnswers])).toMatchObject({ kind: 'overload', place: 'service', mechanisms: [] })
  })

  test('is none when every try fails alike', () => {
    const never = Array.from({ length: 12 }, (_, n) => tcp('refused', ago(24_000 - n * 2000)))
    expect(find('chat', [...never, strangerAnswers], { relayAlive: true })).toMatchObject({
      kind: 'interference',
      mechanisms: ['ip_reset'],
    })
  })

  test('is none when refusals come sooner than the far end could send them', () => {
    const forged = tcp('refused', { ...ago(500), ms: 20 })
    expect(find('chat', [quick, ...tries, forged, strangerAnswers])).toMatchObject({ kind: 'interference', mechanisms: ['ip_reset'] })
  })

  test('that was there from the start is no forger: refusals come at once, and only who gets in waits', () => {
    expect(find('chat', [...tries, strangerAnswers])).toMatchObject({ kind: 'overload', mechanisms: [] })
  })

  test('does not excuse a cut by name', () => {
    const cut = tls({ kind: 'timeout' }, { ...ago(5000), ms: 4000 })
    const nameless = tls({ kind: 'established' }, { ...ago(1000), sni: null, ms: 900 })
    const seen = [quick, ...tries, cut, { ...cut, ...ago(9000) }, nameless, strangerAnswers]
    expect(find('chat', seen)).toMatchObject({ kind: 'interference', mechanisms: ['sni_drop'] })
    // Who is turned away meanwhile is turned away by the crowd.
    expect(find('chat', seen, { relayAlive: true }).mechanisms).toEqual(['sni_drop'])
  })

  test('is not over for whoever got in once', () => {
    const in1 = [tcp('connected', { ...ago(1900), ms: 1500 }), tls({ kind: 'established' }, { ...ago(390), ms: 380 })]
    expect(find('chat', [quick, ...tries, ...in1, strangerAnswers]).kind).toBe('overload')
  })

  test('is over after several good tries in a row', () => {
    const well = Array.from({ length: 6 }, (_, n) => tcp('connected', { ...ago(900 - n * 100), ms: 80 }))
    const proven = hello({ kind: 'proven' }, ago(50))
    expect(find('chat', [quick, ...tries, ...well, proven, strangerAnswers]).kind).toBe('ok')
  })
})

describe('the service itself', () => {
  test('silent from elsewhere too is down, not blocked', () => {
    const silent = [tcp('timeout', { ms: 3500 }), tcp('timeout', { ms: 3500 })]
    expect(find('chat', [...silent, strangerAnswers, vantage({ kind: 'silent' })])).toMatchObject({ kind: 'service_fault' })
    expect(find('chat', [...silent, strangerAnswers, vantage({ kind: 'established' })])).toMatchObject({
      kind: 'interference',
      mechanisms: ['ip_drop'],
      word: 'confirmed',
    })
  })

  test('a proxy that is out of order tells nothing', () => {
    const silent = [tcp('timeout', { ms: 3500 }), tcp('timeout', { ms: 3500 })]
    expect(find('chat', [...silent, strangerAnswers, vantage({ kind: 'no-vantage', code: 'timeout' })]).kind).toBe('interference')
  })

  test('a wrong certificate that somebody elsewhere is shown as well is its own', () => {
    const wrong = { kind: 'certificate', code: 'SELF_SIGNED_CERT_IN_CHAIN', issuer: 'Nobody' } as const
    expect(find('chat', [tls(wrong), tls(wrong), stranger({ kind: 'established' }), vantage(wrong)])).toMatchObject({
      kind: 'service_fault',
      mechanisms: [],
    })
  })

  test('the same, while the relay proves itself at another place, is at most a suspicion of somebody in the middle', () => {
    const wrong = { kind: 'certificate', code: 'ERR_TLS_CERT_ALTNAME_INVALID', issuer: 'Nobody' } as const
    const sibling = hello({ kind: 'proven' }, { endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10' })
    expect(find('chat', [tls(wrong), tls(wrong), sibling, vantage(wrong)], { relayAlive: true })).toMatchObject({
      mechanisms: ['tls_mitm'],
      word: 'suspected',
    })
  })

  test('says no by a status inside its own session, and that is its word', () => {
    const proven = tls({ kind: 'established' })
    expect(find('chat', [proven, status(451)])).toMatchObject({ kind: 'server_side_denial', place: 'service' })
    expect(find('chat', [proven, status(503)])).toMatchObject({ kind: 'overload' })
    expect(find('chat', [proven, status(500)])).toMatchObject({ kind: 'service_fault' })
    expect(find('chat', [proven, status(404)])).toMatchObject({ kind: 'ok' })
  })
})

describe('one address, a range, or broken IPv6', () => {
  const third = { id: 'chat-third', plane: 'links', host: 'x.test', port: 443, addresses: ['240.1.0.20'], provider: 'own' } as const
  const silent = (address: string) => tcp('timeout', { address, ms: 3500, ...ago(6000) })

  test('all of ours in a range silent, others alive, is the range; one alive in it makes it the addresses', () => {
    const meanwhile = { ...strangerElsewhereAnswers, ...ago(5000) }
    const all = [silent(OWN[0]), silent(OWN[1]), silent(third.addresses[0]), meanwhile]
    expect(find('chat', all).mechanisms).toEqual(['prefix_block'])
    const alive = tcp('connected', { address: third.addresses[0], ...ago(5000) })
    expect(find('chat', [silent(OWN[0]), silent(OWN[1]), alive, meanwhile]).mechanisms).toEqual(['ip_drop'])
  })

  test('addresses of IPv6 that all fail say nothing of anybody', () => {
    const v6 = tcp('timeout', { address: '2001:db8::1', ms: 3500 })
    expect(find('chat', [v6, v6, hello({ kind: 'proven' }, ago(3000)), strangerAnswers])).toMatchObject({ kind: 'ok' })
  })

  test('what befell another address is settled once the plain one has proven itself', () => {
    const wrong = { kind: 'certificate', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', issuer: 'guest-network' } as const
    const before = tls(wrong, { address: OWN[1], ...ago(9000) })
    expect(find('chat', [before, tls({ kind: 'established' }, ago(500))]).kind).toBe('ok')
  })
})

describe('throughput', () => {
  const slow = { kbps: 130, outcome: { kind: 'slow' } } as const
  const reached = [tcp('connected'), tls({ kind: 'established' })]
  const same = { role: 'control', sni: null } as const
  const elsewhere = { role: 'control', endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10', sni: 'relay2.y.test' } as const

  test('a rate three times far below that of another server is a limit, and by name if the same server is fast without it', () => {
    const three = [transfer(slow), transfer(slow), transfer(slow)]
    const limited = [...reached, ...three, transfer({ ...slow, ...same }), transfer(elsewhere)]
    expect(find('chat', limited)).toMatchObject({ kind: 'interference', mechanisms: ['rate_limit'], word: 'likely' })
    const byName = [...reached, ...three, transfer(same), transfer(elsewhere)]
    expect(find('chat', byName)).toMatchObject({ kind: 'interference', mechanisms: ['sni_throttle'] })
    expect(find('chat', [...reached, transfer(slow), transfer(slow), transfer(same), transfer(elsewhere)]).kind).toBe('ok')
  })

  test('as slow everywhere is a poor line', () => {
    const poor = [...reached, transfer(slow), transfer({ ...slow, ...same }), transfer({ ...slow, ...elsewhere })]
    expect(find('chat', poor)).toMatchObject({ kind: 'degraded', mechanisms: [], place: 'network' })
  })

  test('on a line that loses packets one slow sample is no limit, and three that are all slow beside a quick one are', () => {
    const resent = tcp('connected', { role: 'control', provider: 'cloud-b', address: '240.3.0.50', ms: 1100, ...ago(4000) })
    const line = [...reached, strangerAnswers, resent]
    expect(find('chat', [...line, transfer(slow), transfer(elsewhere)]).kind).toBe('ok')
    expect(find('chat', [...line, transfer(slow), transfer(slow), transfer(slow), transfer(elsewhere)]).kind).toBe('ok')
    const beside = [transfer(elsewhere), transfer({ ...slow, ...same })]
    expect(find('chat', [...line, transfer(slow), transfer(slow), transfer(slow), ...beside])).toMatchObject({
      kind: 'interference',
      mechanisms: ['rate_limit'],
    })
    expect(
      find('chat', [
        ...line,
        transfer(slow),
        transfer({ kbps: 380, outcome: { kind: 'slow' } }),
        transfer(slow),
        transfer({ ...elsewhere, kbps: 1000 }),
      ]).kind,
    ).not.toBe('interference')
  })

  test('a download that stops after its first kilobytes, where another finishes, is a freeze', () => {
    const stops = { bytes: 17_000, kbps: null, outcome: { kind: 'stalled' } } as const
    expect(find('chat', [...reached, transfer(stops), transfer(stops), transfer(elsewhere)]).kind).toBe('ok')
    expect(find('chat', [...reached, transfer(stops), transfer(stops), transfer(stops), transfer(elsewhere)])).toMatchObject({
      kind: 'interference',
      mechanisms: ['byte_freeze'],
      word: 'likely',
    })
  })

  test('is fine again with one good sample, and is no matter where nothing is reached at all', () => {
    expect(find('chat', [...reached, transfer({ ...slow, ...ago(5000) }), transfer()])).toMatchObject({ kind: 'ok' })
    const cut = [tcp('timeout', { ms: 3500 }), tcp('timeout', { ms: 3500 }), strangerAnswers, transfer(slow), transfer(elsewhere)]
    expect(find('chat', cut).mechanisms).toEqual(['ip_drop'])
  })
})
