/** What is said before anybody on the way is blamed: this computer, this network, its lookup. */
import { describe, expect, test } from 'vitest'
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
  portal,
  stranger,
  strangerElsewhereAnswers,
  tcp,
  tls,
} from './scenes.ts'

const wrongly = (code: string, issuer = 'Somebody') => ({ kind: 'certificate', code, issuer }) as const
const other = { endpoint: 'shop', provider: 'cloud-b', address: '240.3.0.50', sni: 'shop.test' }

describe('a portal', () => {
  const selfSigned = wrongly('DEPTH_ZERO_SELF_SIGNED_CERT', 'guest-network')
  const met = [stranger(selfSigned), stranger(selfSigned, other), tls(selfSigned)]
  const sentOn = portal({ kind: 'status', status: 302, elsewhere: true, skewMs: 0 })

  test('is one when strangers lead elsewhere and vouch for themselves alone', () => {
    expect(find('chat', [...met, sentOn])).toMatchObject({ kind: 'captive_portal', word: 'confirmed', place: 'network', mechanisms: [] })
  })

  test('is none once a stranger proves himself, whatever plain pages do', () => {
    expect(find('chat', [stranger({ kind: 'established' }), sentOn, linksProven]).kind).not.toBe('captive_portal')
  })

  test('is none where a site only sends its visitors on to its own encrypted self', () => {
    const toItself = portal({ kind: 'status', status: 301, elsewhere: false, skewMs: 0 })
    expect(find('chat', [stranger({ kind: 'timeout' }), toItself]).kind).not.toBe('captive_portal')
  })
})

describe('a wrong clock', () => {
  const late = wrongly('CERT_HAS_EXPIRED')
  const everybody = [tls(late), stranger(late)]
  const day = 86_400_000

  test('is said when everybody is out of date and the true time is known to be another', () => {
    expect(find('chat', [...everybody, local({ clockSkewMs: -200 * day })])).toMatchObject({ kind: 'clock_wrong', place: 'device' })
  })

  test('is told by the dates of two strangers who agree, where nobody proved the time', () => {
    const dated = (endpoint: string) => portal({ kind: 'status', status: 204, elsewhere: false, skewMs: -200 * day }, { endpoint })
    expect(find('chat', [...everybody, dated('music'), dated('shop')]).kind).toBe('clock_wrong')
    expect(find('chat', [...everybody, dated('music')]).kind).not.toBe('clock_wrong')
  })

  test("is not said when only the service's certificate is out of date", () => {
    const seen = [tls(late), stranger({ kind: 'established' }), local({ clockSkewMs: -200 * day })]
    expect(find('chat', seen)).toMatchObject({ kind: 'service_fault', place: 'service' })
  })
})

describe('an inspecting box', () => {
  test('is on this computer when it signs with an authority that was installed here', () => {
    const signed = tls(wrongly('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'Office'))
    expect(find('chat', [signed, local({ installed: ['Office'] })])).toMatchObject({ kind: 'local_filter', place: 'device' })
  })
})

describe('a filter of this network', () => {
  const near = { near: true } as const
  const behind = answer([LINKS], { resolver: 'other', resolverId: 'second' })

  test('is one when the lookup behind it says the truth', () => {
    expect(find('links', [answer(['0.0.0.0'], near), behind, linksProven])).toMatchObject({ kind: 'local_filter', place: 'network' })
    expect(find('links', [dns({ kind: 'nxdomain', soa: false }, near), behind, linksProven])).toMatchObject({ kind: 'local_filter' })
  })

  test('is none when the resolver that lies is no part of this network, or the one behind lies as well', () => {
    expect(find('links', [answer(['0.0.0.0']), behind, linksProven]).kind).toBe('interference')
    const liesToo = answer(['0.0.0.0'], { resolver: 'other', resolverId: 'second' })
    expect(find('links', [answer(['0.0.0.0'], near), liesToo, linksProven]).kind).toBe('interference')
  })

  test('is known by its page where it stands at the provider, because it was ordered', () => {
    const page = [answer([FALSE_PAGE]), answer([FALSE_PAGE]), linksProven]
    expect(find('links', page, { householdFilters: [FALSE_PAGE] })).toMatchObject({ kind: 'local_filter', place: 'resolver' })
  })
})

describe('the lookup of this network', () => {
  test('that takes seconds for every name, on a line that does not, is slow', () => {
    const slow = { ms: 2900 }
    const control = answer(['240.2.0.50'], { ...slow, role: 'control', name: 'music.test' })
    expect(find('links', [answer([LINKS], slow), control, linksProven, strangerElsewhereAnswers])).toMatchObject({
      kind: 'degraded',
      place: 'resolver',
    })
    const farLine = tcp('connected', { role: 'control', provider: 'cloud-b', address: '240.3.0.50', ms: 900 })
    expect(find('links', [answer([LINKS], slow), control, linksProven, farLine]).kind).toBe('ok')
  })

  test('that gives an address nobody can have, as every other lookup does, repeats a mistake of the service', () => {
    const everywhere = answer(['10.0.0.7'], { resolver: 'doh', resolverId: 'doh' })
    expect(find('links', [answer(['10.0.0.7']), everywhere, linksProven])).toMatchObject({ kind: 'service_fault', place: 'service' })
  })

  test('that answers for a name which is gone is no liar if it answers for names that nobody has', () => {
    const gone = dns({ kind: 'nxdomain', soa: true }, { resolver: 'doh', resolverId: 'doh' })
    const made = answer([FALSE_PAGE], { role: 'control', name: 'qwertyuiopas.test', madeUp: true })
    expect(find('links', [answer([FALSE_PAGE]), gone, made])).toMatchObject({ kind: 'service_fault', mechanisms: [] })
    expect(find('links', [answer([FALSE_PAGE]), answer([FALSE_PAGE]), gone]).word).not.toBe('confirmed')
  })
})

describe('nothing beyond this network', () => {
  const silent = (endpoint: string, provider: string, address: string) =>
    tcp('timeout', { role: 'control', endpoint, provider, address, at: context.now - 2000 })
  const controls = [
    { id: 'music', host: 'music.test', address: '240.2.0.50', port: 443, provider: 'cloud-a', domestic: false },
    { id: 'shop', host: 'shop.test', address: '240.3.0.50', port: 443, provider: 'cloud-b', domestic: false },
    { id: 'news', host: 'news.test', address: '240.4.0.50', port: 443, provider: 'here', domestic: true },
  ]
  const abroad = [silent('music', 'cloud-a', '240.2.0.50'), silent('shop', 'cloud-b', '240.3.0.50')]
  const ours = tcp('timeout', { at: context.now - 2000 })

  test('is said although a session is still thought alive, once its own address has fallen silent too', () => {
    const proven = hello({ kind: 'proven' }, { at: context.now - 60_000 })
    expect(find('chat', [proven, ours, ...abroad], { relayAlive: true })).toMatchObject({ kind: 'offline', place: 'network' })
    const byProxy = hello({ kind: 'proven' }, { at: context.now - 60_000, source: 'proxy' })
    expect(find('chat', [byProxy, ours, ...abroad], { relayAlive: true }).kind).not.toBe('offline')
  })

  test('is a list of what may be reached if places of this country answer, never more than suspected', () => {
    const home = tcp('connected', { role: 'control', endpoint: 'news', provider: 'here', address: '240.4.0.50' })
    expect(find('chat', [ours, ...abroad, home], { controls })).toMatchObject({
      kind: 'interference',
      mechanisms: ['allow_list'],
      word: 'suspected',
    })
    const lookup = answer([...OWN], { resolver: 'doh', resolverId: 'doh', name: 'chat.x.test', plane: 'chat' })
    expect(find('chat', [ours, ...abroad, home, lookup], { controls }).mechanisms).not.toContain('allow_list')
  })
})
