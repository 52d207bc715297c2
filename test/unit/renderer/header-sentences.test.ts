import { describe, expect, it } from 'vitest'
import { headerSentences } from '../../../renderer/src/features/header/sentences.ts'
import en from '../../../renderer/src/i18n/en/header.json'
import { mechanisms, type PathState, planes, verdictKinds } from '../../../shared/contract/path.ts'
import * as paths from '../../support/path-states.ts'

const { NOW, verdict, withVerdicts, cannot } = paths
const text = (path: PathState, now = NOW) =>
  headerSentences(path, now).map(({ key }) => en[key as keyof typeof en] ?? en[`${key}_other` as keyof typeof en])
const first = (path: PathState, now = NOW) => headerSentences(path, now)[0]

describe('the header says how we are connected', () => {
  it('looks at first, and after 1.5 s says that what is written waits', () => {
    expect(text(paths.starting)).toEqual(['Looking for the relay.'])
    expect(text(paths.starting, NOW + 1_500)).toEqual(['Trying other routes. What you write waits here and will be sent.'])
  })

  it('says one word when all is well', () => {
    expect(text(paths.fine)).toEqual(['Connected.'])
  })

  it('says that the usual route fails while the cause is open, and where to see more', () => {
    const open = withVerdicts(paths.detour, verdict('chat', 'inconclusive'))
    expect(text(open)).toEqual(['Connected by another route. The usual one fails; finding out why.'])
    expect(first(open)?.action).toBe('details')
  })

  it('names the detour and the cause, with how sure that is', () => {
    expect(text(paths.detour)).toEqual([
      'Connected by a detour, through a bridge.',
      "This network drops everything sent to the relay's address.",
    ])
    expect(headerSentences(paths.detour, NOW)[1]?.confidence).toBe('likely')
  })

  it('is connected where only the name lookup lies', () => {
    expect(text(paths.lookupLies)).toEqual(["Connected. This network's name lookup answers falsely for the relay, so we do not use it."])
    expect(first(paths.lookupLies)?.confidence).toBe('confirmed')
  })

  it('says that messages work where only another plane is hit', () => {
    expect(text(paths.linksOnly)).toEqual(['Messages work.', "Public links: this network's name lookup answers falsely."])
  })

  it('tells a switch in mid-chat with the measured gap, and stops telling it later', () => {
    const [told] = headerSentences(paths.cutAndSwitched, NOW)
    expect(told).toMatchObject({ key: 'switched.proxy', params: { ms: 900 } })
    expect(text(paths.cutAndSwitched, NOW + 20_000)[0]).toBe('Connected by a detour, through a bridge.')
  })

  it('counts down to the plain path and offers to move now', () => {
    expect(headerSentences(paths.returning, NOW + 30_000)).toEqual([
      { key: 'returning', params: { holdMs: 300_000, leftMs: 150_000 }, confidence: 'none', action: 'return' },
    ])
    expect(first(paths.returning, NOW + 900_000)?.params.leftMs).toBe(0)
  })

  it('counts down beside the trouble that others than the messages have, for that goes on', () => {
    const slow = {
      ...paths.returning,
      verdicts: [verdict('chat', 'interference', ['ip_drop']), verdict('media', 'interference', ['rate_limit'])],
    }
    expect(headerSentences(slow, NOW).map(({ key }) => key)).toEqual(['returning', 'trouble.media.slow'])
  })

  it('counts down to the next try while nothing gets through, and offers it now', () => {
    const between = { ...withVerdicts(paths.searching, verdict('chat', 'inconclusive')), nextTryAt: NOW + 8_000 }
    const [told] = headerSentences(between, between.since + 3_000)
    expect(told).toMatchObject({ key: 'waiting', action: 'retry' })
    expect(headerSentences(between, NOW + 5_000).find(({ action }) => action === 'retry')?.params.leftMs).toBe(3_000)
    const fault = { ...cannot('service_fault'), nextTryAt: NOW + 8_000 }
    expect(headerSentences(fault, NOW).map(({ key }) => key)).toEqual(['serviceFault', 'nextTry'])
  })

  it('says that the person banned routes when nothing else gets through, and where to see them', () => {
    const banned = {
      recipe: 'r',
      endpoint: 'e',
      kind: 'proxy' as const,
      source: 'hand' as const,
      last: null,
      remembered: false,
      choice: 'banned' as const,
    }
    const stuck = { ...withVerdicts(paths.searching, verdict('chat', 'inconclusive')), routes: [banned], nextTryAt: NOW + 8_000 }
    expect(headerSentences(stuck, NOW)[1]).toMatchObject({ key: 'bansInTheWay', params: { count: 1 }, action: 'details' })
    expect(headerSentences({ ...stuck, nextTryAt: null }, NOW).some(({ key }) => key === 'bansInTheWay')).toBe(false)
  })

  it('calls a pinned route no detour, and its return by its name', () => {
    const recipe = paths.detour.route?.recipe ?? ''
    const pinned = {
      recipe,
      endpoint: 'e',
      kind: 'proxy' as const,
      source: 'hand' as const,
      last: null,
      remembered: false,
      choice: 'pinned' as const,
    }
    expect(first({ ...paths.detour, routes: [pinned] })?.key).toBe('pinnedInUse')
    const away = { ...paths.returning, routes: [{ ...pinned, recipe: 'another' }] }
    expect(first(away)).toMatchObject({ key: 'returningPinned', action: 'return' })
  })

  it('does not say that the usual route fails where it was left by choice', () => {
    const plain = { recipe: 'p', endpoint: 'e', kind: 'plain' as const, source: 'bundle' as const, remembered: false }
    const open = withVerdicts(paths.detour, verdict('chat', 'ok'))
    const last = { ok: true, ms: 300, at: NOW }
    expect(first({ ...open, routes: [{ ...plain, last }] })?.key).toBe('detour.testing')
    expect(first({ ...open, routes: [{ ...plain, last, choice: 'banned' }] })?.key).toBe('detour.banned')
    expect(first({ ...open, routes: [{ ...plain, last: { ...last, ok: false } }] })?.key).toBe('detour.open')
  })

  it('says that the path has fallen silent while others are tried beside it', () => {
    expect(first({ ...paths.fine, isQuiet: true })?.key).toBe('quiet')
  })

  it('says that there is no network', () => {
    expect(text(paths.offline)).toEqual(['This computer has no network. Messages wait here.'])
    expect(text({ ...paths.searching, network: { ...paths.searching.network, up: false } })[0]).toContain('no network')
  })

  it('tells only-domestic from nothing at all', () => {
    expect(text(cannot('interference', ['allow_list']))[0]).toContain('Only services inside the country answer.')
    expect(text(cannot('interference', ['possible_shutdown', 'ip_drop']))[0]).toContain('nothing beyond it answers.')
    expect(text(cannot('offline', [], { place: 'way' }))[0]).toContain('Your link is up')
  })

  it('tells that a network wants a sign-in first', () => {
    expect(text(cannot('captive_portal'))[0]).toContain('This network wants you to sign in first.')
  })

  it('names a local filter, a service fault, an overload and a denial as what they are', () => {
    expect(text(cannot('local_filter'))[0]).toContain('Something on this computer or local network')
    expect(text(cannot('service_fault'))).toEqual(['The relay is not working. It fails from everywhere we can ask.'])
    expect(text(cannot('overload'))).toEqual(['The relay is overloaded: slow and patchy from everywhere.'])
    expect(text(cannot('server_side_denial'))[0]).toContain('That is its own decision.')
  })

  it('says by how much the clock is off, when it knows', () => {
    const days = { ...cannot('clock_wrong'), clockSkewMs: -3 * 86_400_000 }
    expect(first(days)).toMatchObject({ key: 'clock', params: { skewMs: 3 * 86_400_000 } })
    expect(first({ ...days, clockSkewMs: null })?.key).toBe('clockUnknown')
  })

  it('admits that it cannot tell, with the routes tried, only after a while', () => {
    const failed = paths.detour.attempts.slice(0, 1)
    const puzzled = { ...cannot('inconclusive'), attempts: failed }
    expect(first({ ...puzzled, since: NOW - 5_000 })?.key).toBe('lookingLonger')
    expect(first(puzzled)).toMatchObject({ key: 'unknown', params: { count: 1 }, action: 'details' })
  })

  it('tells the trouble with messages before that of another plane', () => {
    const both = withVerdicts(paths.detour, paths.dropped, verdict('links', 'interference', ['dns_lie']))
    expect(text(both)[1]).toContain("relay's address")
  })

  it('never says more than two sentences, and each has words', () => {
    for (const state of [paths.fine, paths.detour, paths.cutAndSwitched, paths.returning, paths.searching]) {
      for (const plane of planes) {
        for (const kind of verdictKinds) {
          for (const mechanism of mechanisms) {
            const said = text(withVerdicts(state, verdict(plane, kind, [mechanism])))
            expect(said.length).toBeGreaterThan(0)
            expect(said.length).toBeLessThanOrEqual(2)
            expect(said).not.toContain(undefined)
          }
        }
      }
    }
  })
})
