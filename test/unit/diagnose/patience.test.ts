/** Nobody is accused of more than a suspicion before what could take the blame away has answered, nor on what was seen before or behind something else. */
import { describe, expect, test } from 'vitest'
import {
  answer,
  context,
  dns,
  FALSE_PAGE,
  find,
  LINKS,
  linksProven,
  OWN,
  stranger,
  strangerAnswers,
  strangerElsewhereAnswers,
  tcp,
  tls,
  vantage,
} from './scenes.ts'

const ago = (ms: number) => ({ at: context.now - ms })
const alive = { relayAlive: true }
const later = { ...alive, now: context.now + 10_000 }
const portalsOwn = { kind: 'certificate', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', issuer: 'Portal' } as const
const wrong = { kind: 'certificate', code: 'ERR_TLS_CERT_ALTNAME_INVALID', issuer: 'Lab authority' } as const
const elsewhere = { resolver: 'doh', resolverId: 'doh' } as const

describe('a lookup', () => {
  const bogon = answer(['0.0.0.0'], { near: true })

  test('of this household is suspected until the one behind it has answered, or none will', () => {
    const seen = [bogon, bogon, answer([LINKS], elsewhere), linksProven]
    expect(find('links', seen)).toMatchObject({ mechanisms: ['dns_bogon'], word: 'suspected' })
    expect(find('links', seen, later)).toMatchObject({ mechanisms: ['dns_bogon'], word: 'confirmed' })
    const liesToo = answer(['0.0.0.0'], { resolver: 'other', resolverId: 'second' })
    expect(find('links', [...seen, liesToo], alive)).toMatchObject({ mechanisms: ['dns_bogon'], word: 'confirmed' })
  })

  test('is suspected until an authenticated one has said whether it is the same everywhere', () => {
    const far = { near: false }
    expect(find('links', [{ ...bogon, ...far }, { ...bogon, ...far }, linksProven], alive).word).toBe('suspected')
    expect(find('links', [{ ...bogon, ...far }, { ...bogon, ...far }, linksProven, answer([LINKS], elsewhere)], alive).word).toBe(
      'confirmed',
    )
  })

  test('that repeats what was true everywhere a moment ago is no lie', () => {
    const was = answer(['10.0.0.7'], { ...elsewhere, ...ago(900) })
    const is = answer([LINKS], { ...elsewhere, ...ago(450) })
    expect(find('links', [answer(['10.0.0.7']), was, is, linksProven], later).kind).toBe('service_fault')
    const gone = dns({ kind: 'nxdomain', soa: true }, { ...elsewhere, ...ago(900) })
    expect(find('links', [dns({ kind: 'nxdomain', soa: true }), gone, is, linksProven], later).kind).toBe('service_fault')
  })
})

describe('a name', () => {
  const nameless = tls({ kind: 'established' }, { sni: null, ...ago(500) })

  test('cut once may have been whoever answers that began anew; cut again it was not', () => {
    expect(find('chat', [tls({ kind: 'reset' }), nameless], later)).toMatchObject({ mechanisms: ['sni_reset'], word: 'suspected' })
    expect(find('chat', [tls({ kind: 'reset' }, ago(2000)), tls({ kind: 'reset' }), nameless], later).word).toBe('confirmed')
  })

  test('is not said to be cut where the address was closed in the middle of a handshake', () => {
    const usual = tcp('connected', { ...ago(20_000), ms: 100 })
    const closed = [1, 2, 3].map((n) => tcp('refused', { ...ago(n * 200), ms: 20 }))
    expect(find('chat', [usual, tls({ kind: 'reset' }), ...closed], alive).mechanisms).toEqual(['ip_reset'])
    // Two cuts are no accident, and what closes the address since is what a cut leaves behind.
    const twice = [usual, tls({ kind: 'reset' }, ago(3000)), tls({ kind: 'reset' }), ...closed, stranger({ kind: 'established' })]
    expect(find('chat', twice, alive).mechanisms).toContain('sni_reset')
  })
})

describe('a wrong certificate', () => {
  test('behind a portal says nothing once strangers answer for themselves again', () => {
    const met = [tls(portalsOwn, ago(3900)), tls(portalsOwn, ago(3800)), stranger(portalsOwn, ago(3700))]
    const back = [stranger({ kind: 'established' }, ago(200)), strangerElsewhereAnswers, vantage({ kind: 'established' }, ago(3800))]
    expect(find('chat', [...met, ...back], later).kind).toBe('inconclusive')
    // Met again since, it is no portal's.
    expect(find('chat', [...met, ...back, tls(portalsOwn, ago(150))], later).kind).toBe('interference')
  })

  test('that everybody was shown until a moment ago may be mended: suspected until we have looked again', () => {
    const before = vantage(wrong, { via: 'a', ...ago(2500) })
    const mended = vantage({ kind: 'established' }, { via: 'a', ...ago(850) })
    const row = [tls(wrong, ago(3000)), tls(wrong)]
    const seen = [...row, stranger({ kind: 'established' }), before, mended]
    expect(find('chat', seen, later)).toMatchObject({ kind: 'interference', word: 'suspected' })
    expect(find('chat', [...seen, tls(wrong, { ...ago(100), ms: 50 })], later)).toMatchObject({
      mechanisms: ['tls_mitm'],
      word: 'confirmed',
    })
  })
})

test('a wrong certificate that somebody elsewhere was shown as well stays the service’s own when it is cut there now', () => {
  const there = [vantage(wrong, ago(2500)), vantage({ kind: 'cut' }, ago(500))]
  const seen = [tls(wrong, ago(3000)), tls(wrong), stranger({ kind: 'established' }), ...there]
  expect(find('chat', seen, { now: later.now })).toMatchObject({ kind: 'service_fault', place: 'service' })
})

test('a machine that is silent for everybody elsewhere takes those beside it with it, however the others fared', () => {
  const silent = [tcp('timeout', { ms: 3500 }), tcp('timeout', { ms: 3500, address: OWN[1] })]
  const there = [vantage({ kind: 'silent' }), vantage({ kind: 'refused' }, { via: 'second' })]
  const seen = [...silent, strangerAnswers, strangerElsewhereAnswers, ...there]
  expect(find('chat', seen, later)).toMatchObject({ kind: 'service_fault', place: 'service' })
})

test('a block that is over is no crowd, though some tries failed and some came late', () => {
  const before = [40, 38, 36, 34].map((s) => tcp('connected', { ...ago(s * 1000), ms: 90 }))
  const block = [30, 26, 22, 18].map((s) => tcp('timeout', { ...ago(s * 1000), ms: 3500 }))
  const since = [12, 10, 8].map((s) => tcp('connected', { ...ago(s * 1000), ms: 1500 }))
  expect(find('chat', [...before, ...block, ...since, strangerAnswers, tls({ kind: 'established' })], alive).kind).toBe('ok')
})

test('silence of many of our names at once adds up on a poor line too, that of one does not', () => {
  const resent = tcp('connected', { role: 'control', provider: 'cloud-b', address: '240.3.0.50', ms: 1100, ...ago(4000) })
  const other = answer(['240.2.0.50'], { role: 'control', name: 'music.test', ...ago(3800) })
  const silent = (name: string) => dns({ kind: 'timeout' }, { name, ms: 3000, ...ago(4000) })
  const names = ['x.test', 'a.x.test', 'b.x.test', 'c.x.test']
  const line = [resent, other, linksProven, strangerAnswers]
  expect(find('links', [...line, ...names.map(silent)], alive)).toMatchObject({ mechanisms: ['dns_silence'] })
  expect(find('links', [...line, silent('x.test'), answer([FALSE_PAGE], { name: 'a.x.test' })], alive).kind).not.toBe('interference')
})
