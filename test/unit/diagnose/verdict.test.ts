import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { diagnose } from '../../../electron/core/diagnose/verdict.ts'
import {
  answer,
  context,
  dns,
  FALSE_PAGE,
  find,
  hello,
  LINKS,
  linksProven,
  local,
  OWN,
  strangerAnswers,
  strangerElsewhereAnswers,
  tcp,
  tls,
  vantage,
} from './scenes.ts'

/** When whatever could take the blame away has answered, or will not. */
const LATER = context.now + 10_000
const patient = { now: LATER, relayAlive: true }

describe('name lookup', () => {
  test('an answer that matches another lookup is no trouble', () => {
    expect(find('links', [answer([LINKS]), linksProven])).toMatchObject({ kind: 'ok', mechanisms: [] })
  })

  test('an unexpected answer alone is never more than suspected, for rotating answers look the same', () => {
    const sameThrice = [answer([FALSE_PAGE]), answer([FALSE_PAGE]), answer([FALSE_PAGE])]
    expect(find('links', sameThrice, { relayAlive: true })).toMatchObject({
      kind: 'interference',
      mechanisms: ['dns_lie'],
      word: 'suspected',
      place: 'resolver',
    })
  })

  test('an unexpected answer where the site proves itself is the truth', () => {
    const provenThere = tls(
      { kind: 'established' },
      { plane: 'links', endpoint: 'links', address: '240.9.9.9', sni: 'x.test', source: 'system' },
    )
    expect(find('links', [answer(['240.9.9.9']), provenThere])).toMatchObject({ kind: 'ok' })
  })

  test('an answer where nothing is recognised, while the known address proves itself, is confirmed as a lie', () => {
    const refusedThere = tcp('refused', { plane: 'links', address: FALSE_PAGE, source: 'system' })
    const seen = [answer([FALSE_PAGE]), answer([FALSE_PAGE]), refusedThere, linksProven]
    expect(find('links', seen, patient)).toMatchObject({
      kind: 'interference',
      mechanisms: ['dns_lie'],
      word: 'confirmed',
      place: 'resolver',
    })
  })

  test('the lie is over as soon as the newest answer is true', () => {
    const refusedThere = tcp('refused', { plane: 'links', address: FALSE_PAGE, source: 'system' })
    const newer = { at: context.now - 10 }
    expect(find('links', [answer([FALSE_PAGE]), refusedThere, linksProven, answer([LINKS], newer)])).toMatchObject({ kind: 'ok' })
  })

  test('an address that no public name has is a bogon if other lookups know better', () => {
    expect(find('links', [answer(['0.0.0.0']), answer(['0.0.0.0']), linksProven])).toMatchObject({
      kind: 'interference',
      mechanisms: ['dns_bogon'],
    })
  })

  test('a second, different answer on the same socket is an injection on the way, not the resolver', () => {
    const raced = dns({ kind: 'answer', addresses: [FALSE_PAGE], late: [[LINKS]] })
    expect(find('links', [raced, raced])).toMatchObject({
      kind: 'interference',
      mechanisms: ['dns_injection'],
      place: 'way',
      word: 'confirmed',
    })
  })

  test('silence for our name while the same resolver answers for another is likely silence on purpose', () => {
    const other = answer(['240.2.0.50'], { role: 'control', name: 'music.test' })
    expect(find('links', [dns({ kind: 'timeout' }), dns({ kind: 'timeout' }), other])).toMatchObject({
      kind: 'interference',
      mechanisms: ['dns_silence'],
      word: 'likely',
    })
  })

  test('silence for every name is a resolver that is down, and nobody is blamed', () => {
    const silentToo = dns({ kind: 'timeout' }, { role: 'control', name: 'music.test' })
    expect(find('links', [dns({ kind: 'timeout' }), dns({ kind: 'timeout' }), silentToo])).toMatchObject({
      kind: 'degraded',
      mechanisms: [],
      place: 'resolver',
    })
  })
})

describe('reaching an address', () => {
  const bothSilent = [tcp('timeout'), tcp('timeout', { address: OWN[1] })]

  test('silence of our addresses while strangers answer is a likely drop', () => {
    expect(find('chat', [...bothSilent, strangerAnswers], { now: LATER })).toMatchObject({
      kind: 'interference',
      mechanisms: ['ip_drop'],
      word: 'likely',
      place: 'way',
    })
  })

  test('it is confirmed once somebody elsewhere reaches it, and not because the relay is reached at another address', () => {
    expect(find('chat', [...bothSilent, strangerAnswers], patient).word).toBe('likely')
    const open = [vantage({ kind: 'established' }), vantage({ kind: 'established' }, { address: OWN[1] })]
    expect(find('chat', [...bothSilent, strangerAnswers, ...open])).toMatchObject({ mechanisms: ['ip_drop'], word: 'confirmed' })
  })

  test('nobody is more than suspected before whoever was asked elsewhere has had time to answer', () => {
    expect(find('chat', [...bothSilent, strangerAnswers], { relayAlive: true }).word).toBe('suspected')
  })

  test('a stranger who answered before it fell silent, or since we last looked, is no comparison; nor is one of this country alone', () => {
    const word = (stranger: Observation, more = {}) => find('chat', [...bothSilent, stranger], { ...patient, ...more }).word
    expect(word({ ...strangerAnswers, at: context.now - 3000 })).toBe('none')
    expect(word({ ...strangerAnswers, at: context.now - 200 })).toBe('none')
    const [music] = context.controls
    const controls = music
      ? [
          { ...music, domestic: true },
          { ...music, id: 'abroad' },
        ]
      : []
    expect(word(strangerAnswers, { controls })).toBe('none')
  })

  test('silence is over for every plane once anything opens at that address', () => {
    const other = tcp('connected', { plane: 'links', endpoint: 'links', at: context.now - 700 })
    const second = tcp('connected', { plane: 'links', endpoint: 'links', address: OWN[1], at: context.now - 700 })
    expect(find('chat', [...bothSilent, strangerAnswers, other, second], patient).kind).toBe('inconclusive')
  })

  test('silence with nothing to compare claims at most a suspicion', () => {
    expect(['none', 'suspected']).toContain(find('chat', bothSilent).word)
  })

  test('a stranger silent in the same cloud, while another cloud answers, makes it a range', () => {
    const strangerSilent = tcp('timeout', { role: 'control', endpoint: 'music', provider: 'own', address: '240.1.0.99' })
    expect(find('chat', [...bothSilent, strangerSilent, strangerElsewhereAnswers], { relayAlive: true }).mechanisms).toContain(
      'prefix_block',
    )
  })

  test('nothing beyond this network answers: offline, and no censor is named', () => {
    const dead = [
      tcp('timeout', { role: 'control', provider: 'cloud-a', address: '240.2.0.50' }),
      tcp('timeout', { role: 'control', provider: 'cloud-b', address: '240.3.0.50' }),
    ]
    expect(find('chat', [...bothSilent, ...dead])).toMatchObject({ kind: 'offline', mechanisms: [] })
  })

  test('refused here and seen from elsewhere too is the service', () => {
    expect(find('chat', [tcp('refused'), tcp('refused'), vantage({ kind: 'refused' }), strangerAnswers])).toMatchObject({
      kind: 'service_fault',
      place: 'service',
    })
  })

  test('refused while the relay is reached otherwise is a forged refusal', () => {
    expect(find('chat', [tcp('refused'), tcp('refused'), strangerAnswers], { relayAlive: true })).toMatchObject({
      kind: 'interference',
      mechanisms: ['ip_reset'],
    })
  })

  test('a brief silence while another way wins takes back nothing that a long one showed', () => {
    const brief = tcp('timeout', { ms: 300, at: context.now - 100 })
    expect(find('chat', [...bothSilent, strangerAnswers, brief], patient)).toMatchObject({ mechanisms: ['ip_drop'], word: 'likely' })
  })

  test('the plain path is not called fine on the word of another way, nor of a time before it fell silent', () => {
    const elsewhere = hello({ kind: 'proven' }, { endpoint: 'chat-cloud', address: '240.2.0.10' })
    expect(find('chat', [elsewhere], { relayAlive: true }).kind).toBe('inconclusive')
    const before = hello({ kind: 'proven' }, { at: context.now - 60_000 })
    expect(find('chat', [before, tcp('timeout', { ms: 300, at: context.now - 500 }), elsewhere], { relayAlive: true }).kind).toBe(
      'inconclusive',
    )
  })

  test('an answering address ends the finding', () => {
    const again = [
      tcp('connected', { at: context.now - 5 }),
      tcp('connected', { address: OWN[1], at: context.now - 5 }),
      hello({ kind: 'proven' }, { at: context.now - 4 }),
    ]
    expect(find('chat', [...bothSilent, strangerAnswers, ...again])).toMatchObject({ kind: 'ok' })
  })

  test('a silence shorter than a second, or than three connects on a slow line, means nothing', () => {
    const short = [tcp('timeout', { ms: 300 }), tcp('timeout', { ms: 300, address: OWN[1] }), strangerAnswers]
    expect(find('chat', short, { relayAlive: true }).kind).toBe('inconclusive')
    const slowStranger = tcp('connected', { role: 'control', provider: 'cloud-a', address: '240.2.0.50', ms: 900 })
    expect(find('chat', [...bothSilent, slowStranger], { relayAlive: true }).kind).toBe('inconclusive')
  })

  test('in the first seconds after the network changed, silence is at most suspected', () => {
    const unsettled = local({ settledMs: 500, at: context.now - 1000 })
    expect(find('chat', [unsettled, ...bothSilent, strangerAnswers], { relayAlive: true }).word).toBe('suspected')
  })
})

describe('encrypting and recognising', () => {
  test('a handshake cut off where soon not even a connection opens is a block of the address, unless another name passed meanwhile', () => {
    const at = (ago: number) => ({ at: context.now - ago })
    const namelessBefore = tls({ kind: 'established' }, { sni: null, ...at(9000) })
    const cut = tls({ kind: 'timeout' }, { ms: 5000, ...at(6000) })
    const namelessSince = tls({ kind: 'established' }, { sni: null, ...at(5000) })
    const silent = [tcp('timeout', { ms: 8000, ...at(3000) }), tcp('timeout', { ms: 8000, ...at(1000) })]
    const alive = { relayAlive: true }
    expect(find('chat', [namelessBefore, cut, ...silent, strangerAnswers], alive).mechanisms).toEqual(['ip_drop'])
    expect(find('chat', [cut, namelessSince, ...silent, strangerAnswers], alive).mechanisms).toContain('sni_drop')
    expect(find('chat', [namelessBefore, cut, strangerAnswers], alive).mechanisms).toEqual(['sni_drop'])
  })

  test('a reset after the name, while the same address passes without it, is a cut by name', () => {
    const cut = tls({ kind: 'reset' })
    const nameless = tls({ kind: 'established' }, { sni: null })
    expect(find('chat', [cut, cut, nameless], { relayAlive: true })).toMatchObject({
      kind: 'interference',
      mechanisms: ['sni_reset'],
      word: 'confirmed',
      place: 'way',
    })
  })

  test("a stranger's certificate only for us is somebody in the middle", () => {
    const wrong = tls({ kind: 'certificate', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', issuer: 'Somebody' })
    const control = tls({ kind: 'established' }, { role: 'control', address: '240.2.0.50', sni: 'music.test' })
    expect(find('chat', [wrong, wrong, control]).word).toBe('suspected')
    expect(find('chat', [wrong, wrong, control], { now: LATER })).toMatchObject({ mechanisms: ['tls_mitm'], word: 'likely' })
    const elsewhere = vantage({ kind: 'established' })
    expect(find('chat', [wrong, wrong, control, elsewhere])).toMatchObject({ mechanisms: ['tls_mitm'], word: 'confirmed' })
  })

  test('the same stranger signing everything is this network or computer, not the way', () => {
    const wrong = tls({ kind: 'certificate', code: 'SELF_SIGNED_CERT_IN_CHAIN', issuer: 'Antivirus' })
    const control = tls(
      { kind: 'certificate', code: 'SELF_SIGNED_CERT_IN_CHAIN', issuer: 'Antivirus' },
      { role: 'control', address: '240.2.0.50', sni: 'music.test' },
    )
    expect(find('chat', [wrong, control])).toMatchObject({ kind: 'local_filter', mechanisms: [] })
  })

  test('a box whose certificate is accepted is found out by the missing proof', () => {
    const box = hello({ kind: 'unproven', reason: 'channel-mismatch' })
    expect(find('chat', [tls({ kind: 'established' }), box, box], { relayAlive: true })).toMatchObject({
      kind: 'interference',
      mechanisms: ['tls_mitm'],
      word: 'confirmed',
    })
  })

  test('a relay that answers with its own refusal is not censored', () => {
    expect(find('chat', [hello({ kind: 'refused', code: 'denied' })])).toMatchObject({ kind: 'server_side_denial', place: 'service' })
    expect(find('chat', [hello({ kind: 'refused', code: 'overloaded' })])).toMatchObject({ kind: 'overload', place: 'service' })
  })
})

describe('everywhere', () => {
  test('no network at all is said of every plane alike', () => {
    const findings = diagnose([local({ up: false }), tcp('timeout')], context)
    expect(findings.map((finding) => finding.kind)).toEqual(findings.map(() => 'offline'))
  })

  test('a relay that answers although no network is up is on this computer, and nobody is offline', () => {
    expect(find('chat', [local({ up: false }), hello({ kind: 'proven' })], { relayAlive: true }).kind).toBe('ok')
  })

  test('trouble on a spare way alone is no trouble of the plane', () => {
    const spare = tcp('timeout', { endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10' })
    expect(find('chat', [hello({ kind: 'proven' }), spare, spare, strangerElsewhereAnswers])).toMatchObject({ kind: 'ok' })
  })

  const anyObservation = fc.oneof(
    fc.constantFrom<Observation>(
      answer([LINKS]),
      answer([FALSE_PAGE]),
      dns({ kind: 'timeout' }),
      dns({ kind: 'nxdomain', soa: true }),
      answer(['not an address']),
    ),
    fc.constantFrom<Observation>(tcp('timeout'), tcp('connected'), tcp('refused'), tcp('unreachable'), strangerAnswers),
    fc.constantFrom<Observation>(
      tls({ kind: 'established' }),
      tls({ kind: 'reset' }),
      hello({ kind: 'proven' }),
      hello({ kind: 'timeout' }),
      local(),
    ),
  )

  test('any evidence gives one well-formed verdict per plane, the same one every time', () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { maxLength: 12 }), fc.boolean(), (observations, relayAlive) => {
        const once = diagnose(observations, { ...context, relayAlive })
        expect(diagnose(observations, { ...context, relayAlive })).toEqual(once)
        expect(once.map((finding) => finding.plane)).toEqual(['chat', 'links'])
        for (const finding of once) {
          expect(finding.confidence).toBeGreaterThanOrEqual(0)
          expect(finding.confidence).toBeLessThan(1)
          if (finding.kind !== 'inconclusive') expect(finding.evidence.length).toBeGreaterThan(0)
          if (finding.kind === 'interference') expect(finding.mechanisms.length).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('failures alone, with no comparison and no proof, never become a likely interference', () => {
    const failures = fc.constantFrom<Observation>(
      tcp('timeout'),
      tcp('refused'),
      tcp('unreachable'),
      dns({ kind: 'timeout' }),
      tls({ kind: 'timeout' }),
      hello({ kind: 'timeout' }),
    )
    fc.assert(
      fc.property(fc.array(failures, { maxLength: 20 }), (observations) => {
        for (const finding of diagnose(observations, context)) {
          if (finding.kind === 'interference') expect(['none', 'suspected']).toContain(finding.word)
        }
      }),
    )
  })
})

test('silence where a false answer led is no trouble of the site once lookups are true again', () => {
  const falseAnswer = answer([FALSE_PAGE], { at: context.now - 30_000 })
  const silentThere = tcp('timeout', {
    plane: 'links',
    endpoint: 'links',
    address: FALSE_PAGE,
    source: 'system',
    at: context.now - 900,
    ms: 800,
  })
  expect(find('links', [falseAnswer, silentThere, linksProven]).kind).toBe('interference')
  expect(find('links', [falseAnswer, silentThere, linksProven, answer([LINKS], { at: context.now - 100, ms: 20 })]).kind).toBe('ok')
})
