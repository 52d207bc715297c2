/** What the line shows for each kind of finding: where it is cut, what goes around, and what carries. */
import { describe, expect, it } from 'vitest'
import { type LineModel, lineModel, planeShown } from '../../../renderer/src/ui/line/line-model.ts'
import { lineSentences, lookupTags, troubleTags } from '../../../renderer/src/ui/line/line-words.ts'
import { mechanisms, type PathState, type Verdict, verdictKinds } from '../../../shared/contract/path.ts'
import { francePath, lookingPath, neverTriedPath, quietPath, russiaPath, verdict } from '../../support/path-fixtures.ts'

const strokes = (model: LineModel) => model.segments.map((segment) => segment.stroke)
const withChat = (chat: Partial<Verdict>, over: Partial<PathState> = {}): LineModel =>
  lineModel({ ...quietPath, status: 'looking', route: null, verdicts: [verdict({ plane: 'chat', ...chat })], ...over })

describe('the line', () => {
  it('is one plain line when nothing is in the way', () => {
    const model = lineModel(quietPath)
    expect(strokes(model)).toEqual(['plain', 'plain', 'plain'])
    expect(model).toMatchObject({ trouble: null, detour: null, lookup: { state: 'plain' } })
    expect(model.stops.every((stop) => stop.state === 'reached')).toBe(true)
  })

  it('is cut behind the way out where a network drops the relay, and a bridge carries around the cut', () => {
    const model = lineModel(russiaPath)
    expect(strokes(model)).toEqual(['plain', 'plain', 'cut'])
    expect(model.trouble).toMatchObject({ segment: 'wayout-relay', at: 'start', word: 'likely' })
    expect(model.detour).toEqual({ kind: 'proxy', state: 'carrying' })
    expect(lineSentences(model)).toContain('trouble.relay.cut.likely')
    expect(lineSentences(model)).toContain('detour.proxy.carrying')
  })

  it('stays whole on the line of public links while only the lookup lies about them, and another one is asked', () => {
    const model = lineModel(francePath, 'links')
    expect(strokes(model)).toEqual(['plain', 'plain', 'plain'])
    expect(model.lookup).toEqual({ state: 'false', word: 'confirmed', instead: true })
    expect(lookupTags(model)).toEqual(['tag.lookupFalse', 'tag.word.confirmed'])
    expect(model.detour).toBeNull()
  })

  it('is shown for messages, unless only another plane is in trouble', () => {
    expect(planeShown(quietPath)).toBe('chat')
    expect(planeShown(russiaPath)).toBe('chat')
    expect(planeShown(neverTriedPath)).toBe('chat')
    expect(planeShown(francePath)).toBe('links')
    const unchecked = verdict({ plane: 'web', kind: 'inconclusive' })
    expect(planeShown({ ...quietPath, verdicts: [unchecked] })).toBe('chat')
  })

  it('shows the lookup as truthful on the line of a plane it does not lie about', () => {
    expect(lineModel(francePath).lookup.state).toBe('plain')
    expect(lineModel(francePath, 'media').lookup.state).toBe('plain')
    expect(lineModel(francePath, 'chat').lookup.state).toBe('plain')
    expect(lineModel(francePath, 'links').lookup.state).toBe('false')
  })

  it('calls a bundled address no detour while only the lookup is in trouble', () => {
    const lied = verdict({ plane: 'chat', kind: 'interference', mechanisms: ['dns_lie'], place: 'resolver' })
    const route = { recipe: 'x', endpoint: 'chat-1', kind: 'address' as const, connectMs: 300, since: 0 }
    expect(lineModel({ ...quietPath, route, verdicts: [lied] }).detour).toBeNull()
    const dropped = verdict({ plane: 'chat', kind: 'interference', mechanisms: ['ip_drop'], place: 'way' })
    expect(lineModel({ ...quietPath, route, verdicts: [dropped] }).detour).toEqual({ kind: 'address', state: 'carrying' })
  })

  it('is undecided where another route carries and the cause is still open', () => {
    const route = { recipe: 'x', endpoint: 'chat-2', kind: 'sibling' as const, connectMs: 300, since: 0 }
    const model = lineModel({ ...quietPath, route, verdicts: [verdict({ plane: 'chat' })] })
    expect(strokes(model)).toEqual(['plain', 'plain', 'undecided'])
    expect(model.detour).toEqual({ kind: 'sibling', state: 'carrying' })
  })

  it('shows a detour as being tried while nothing carries yet', () => {
    expect(lineModel(lookingPath).detour).toEqual({ kind: 'proxy', state: 'trying' })
    expect(lineModel(lookingPath).stops.find((stop) => stop.id === 'relay')?.state).toBe('beyond')
  })

  it('is undecided beyond the own network before anything is known', () => {
    const model = lineModel(neverTriedPath)
    expect(strokes(model)).toEqual(['plain', 'undecided', 'undecided'])
    expect(troubleTags(model)).toEqual(['tag.looking'])
  })

  it.each([
    ['offline', { place: 'device' }, 'you-network', 'cut'],
    ['offline', { place: 'network' }, 'network-wayout', 'cut'],
    ['captive_portal', {}, 'network-wayout', 'cut'],
    ['local_filter', { place: 'network' }, 'you-network', 'refused'],
    ['clock_wrong', { place: 'device' }, 'wayout-relay', 'refused'],
    ['ipv6_broken', {}, 'network-wayout', 'slowed'],
    ['service_fault', { place: 'service' }, 'wayout-relay', 'cut'],
    ['overload', { place: 'service' }, 'wayout-relay', 'slowed'],
    ['server_side_denial', { place: 'service' }, 'wayout-relay', 'cut'],
    ['degraded', { place: 'network' }, 'network-wayout', 'slowed'],
    ['inconclusive', { place: null }, 'wayout-relay', 'undecided'],
  ] as const)('puts %s %o at %s as %s', (kind, over, segment, stroke) => {
    expect(withChat({ kind, ...over }).trouble).toMatchObject({ segment, stroke, kind })
  })

  it('tells the relay’s own troubles from the network’s by where the mark stands', () => {
    expect(withChat({ kind: 'service_fault', place: 'service' })).toMatchObject({ trouble: { at: 'end' } })
    const relay = (kind: Verdict['kind']) => withChat({ kind, place: 'service' }).stops.find((stop) => stop.id === 'relay')?.state
    expect([relay('service_fault'), relay('overload'), relay('server_side_denial')]).toEqual(['faulty', 'busy', 'refusing'])
  })

  it('draws slowing as cross-ticks, an impostor as a ring, every other mechanism of interference as a cut, and lookup trouble as no cut', () => {
    const stroke = (mechanism: (typeof mechanisms)[number]) =>
      withChat({ kind: 'interference', mechanisms: [mechanism], place: 'way' }).trouble?.stroke ?? null
    expect(stroke('sni_throttle')).toBe('slowed')
    expect(stroke('rate_limit')).toBe('slowed')
    expect(stroke('tls_mitm')).toBe('refused')
    expect(stroke('sni_reset')).toBe('cut')
    expect(stroke('allow_list')).toBe('cut')
    // While nothing carries, lookup trouble alone leaves open what the trunk would do.
    for (const mechanism of mechanisms.filter((each) => each.startsWith('dns_'))) expect(stroke(mechanism)).toBe('undecided')
  })

  it('has a sentence for every stop whatever the finding, and never names what lies beyond a cut as reached', () => {
    for (const kind of verdictKinds) {
      for (const mechanism of [null, ...mechanisms]) {
        for (const place of ['device', 'network', 'resolver', 'way', 'service', null] as const) {
          const model = withChat({ kind, place, mechanisms: mechanism === null ? [] : [mechanism] })
          expect(lineSentences(model).length).toBeGreaterThanOrEqual(5)
          const cut = model.segments.findIndex((segment) => segment.stroke === 'cut' || segment.stroke === 'refused')
          if (cut >= 0) expect(model.segments.slice(cut + 1).every((segment) => segment.stroke === 'beyond')).toBe(true)
        }
      }
    }
  })
})
