/** What no schema can say of a scenario: that ids are there once, that what is named is there, that times follow each other. */
import { isVirtual, type World } from '../engine/world.ts'
import type { Scenario } from './scenario.ts'
import type { Fault, Path } from './scenario-faults.ts'
import { keyOf } from './scenario-faults.ts'

/** Of one offer: what a signed bundle can hold (shared/protocol/bundle.ts). */
const MAX_ENDPOINTS = 64

/** JSON has no infinity, but readers make one of 1e999. */
function endlessNumbers(value: unknown, path: Path = []): Fault[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [{ path, code: 'type', facts: { key: keyOf(path), what: 'number' } }]
  if (typeof value !== 'object' || value === null) return []
  const inner: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return inner.flatMap(([step, each]) => endlessNumbers(each, [...path, step]))
}

/** `base`: the world it is to be played in; without it, what is named of the world is not looked up. In the order of the file. */
export function crossFaults(scenario: Scenario, base: World | null): Fault[] {
  const faults: Fault[] = []
  const add = (path: Path, code: Fault['code'], facts: Fault['facts'] = {}) =>
    faults.push({ path, code, facts: { key: keyOf(path), ...facts } })
  const once = (list: readonly { readonly id: string }[], path: Path) => {
    const seen = new Set<string>()
    list.forEach(({ id }, i) => {
      if (seen.has(id)) add([...path, i, 'id'], 'idTwice', { id })
      seen.add(id)
    })
    return seen
  }
  const { world, rules, moves, checks, card } = scenario
  const ruleIds = once(rules, ['rules'])
  scenario.conditions.forEach(({ id }, i) => {
    if (ruleIds.has(id)) add(['conditions', i, 'id'], 'idTwice', { id })
    ruleIds.add(id)
  })
  const moveIds = once(moves, ['moves'])
  once(checks, ['checks'])

  if (!scenario.places.includes(card.vantage)) add(['places'], 'mustHold', { id: card.vantage })
  moves.forEach((move, i) => {
    const above = moves[i - 1]
    if (above && move.atMs < above.atMs) add(['moves', i, 'atMs'], 'order')
    if (move.atMs > scenario.lastsMs) add(['moves', i, 'atMs'], 'afterEnd', { max: scenario.lastsMs })
    for (const list of ['start', 'end'] as const) {
      move[list].forEach((id, j) => {
        if (!ruleIds.has(id))
          add(['moves', i, list, j], 'noSuch', { what: scenario.conditions.length > 0 ? 'rule or condition' : 'rule', id })
      })
    }
    const { endpoints } = move.offer ?? {}
    if (endpoints && endpoints.length > MAX_ENDPOINTS) add(['moves', i, 'offer', 'endpoints'], 'tooLong', { max: MAX_ENDPOINTS })
    endpoints?.forEach(({ host, addresses }, j) => {
      if (!host.endsWith('.test')) add(['moves', i, 'offer', 'endpoints', j, 'host'], 'form', { what: 'name' })
      addresses.forEach((address, k) => {
        if (!isVirtualLiteral(address)) add(['moves', i, 'offer', 'endpoints', j, 'addresses', k], 'form', { what: 'virtual' })
      })
    })
  })
  const { survey } = scenario
  if (survey && !moveIds.has(survey.after)) add(['survey', 'after'], 'noSuch', { what: 'move', id: survey.after })
  checks.forEach((check, i) => {
    if (check.of === 'recorded') return
    for (const [j, id] of (check.of === 'packets' ? (check.rules ?? []) : []).entries())
      if (!ruleIds.has(id)) add(['checks', i, 'rules', j], 'noSuch', { what: 'rule', id })
    for (const side of ['after', 'before'] as const) {
      const id = check[side]
      if (id !== undefined && !moveIds.has(id)) add(['checks', i, side], 'noSuch', { what: 'move', id })
    }
  })
  faults.push(...endlessNumbers(scenario))
  if (base) faults.push(...worldFaults(scenario, base, world))
  return faults
}

function worldFaults(scenario: Scenario, base: World, world: Scenario['world']): Fault[] {
  const faults: Fault[] = []
  const add = (path: Path, code: Fault['code'], facts: Fault['facts']) => faults.push({ path, code, facts: { key: keyOf(path), ...facts } })
  const known = (list: 'providers' | 'places' | 'hosts') => {
    const ids = new Set(base[list].map(({ id }) => id))
    world[list].forEach(({ id }, i) => {
      if (ids.has(id)) add(['world', list, i, 'id'], 'idTwice', { id })
      ids.add(id)
    })
    return ids
  }
  const providers = known('providers')
  const places = known('places')
  const hosts = known('hosts')
  const need = (ids: ReadonlySet<string>, what: string) => (id: string | undefined, path: Path) => {
    if (id !== undefined && !ids.has(id)) add(path, 'noSuch', { what, id })
  }
  const provider = need(providers, 'provider')
  const place = need(places, 'place')
  const host = need(hosts, 'host')
  const each = (list: readonly string[] | undefined, path: Path, check: (id: string, path: Path) => void) => {
    for (const [i, id] of (list ?? []).entries()) check(id, [...path, i])
  }

  place(scenario.card.vantage, ['card', 'vantage'])
  each(scenario.places, ['places'], place)
  place(scenario.elsewhere, ['elsewhere'])
  world.providers.forEach(({ via }, i) => {
    provider(via, ['world', 'providers', i, 'via'])
  })
  world.places.forEach((one, i) => {
    provider(one.provider, ['world', 'places', i, 'provider'])
  })
  const taken = new Set(base.hosts.flatMap((one) => (one.kind === 'relay' ? [] : one.addresses)))
  world.hosts.forEach((one, i) => {
    provider(one.provider, ['world', 'hosts', i, 'provider'])
    if (one.kind === 'relay') return
    one.addresses.forEach((address, j) => {
      if (taken.has(address)) add(['world', 'hosts', i, 'addresses', j], 'addressTwice', { id: address })
      taken.add(address)
    })
  })
  scenario.rules.forEach(({ match }, i) => {
    each(match.providers, ['rules', i, 'match', 'providers'], provider)
    each(match.places, ['rules', i, 'match', 'places'], place)
    each(match.toProviders, ['rules', i, 'match', 'toProviders'], provider)
  })
  scenario.moves.forEach((move, i) => {
    each(move.raise, ['moves', i, 'raise'], host)
    each(move.lower, ['moves', i, 'lower'], host)
  })
  each(scenario.visitors?.places, ['visitors', 'places'], place)
  scenario.expected.forEach(({ vantage }, i) => {
    place(vantage, ['expected', i, 'vantage'])
  })
  scenario.checks.forEach((check, i) => {
    if (check.of === 'fallen') provider(check.cloud, ['checks', i, 'cloud'])
    if (check.of !== 'packets') return
    each(check.providers, ['checks', i, 'providers'], provider)
    each(check.toProviders, ['checks', i, 'toProviders'], provider)
  })
  return faults
}

function isVirtualLiteral(address: string): boolean {
  try {
    return isVirtual(address)
  } catch {
    return false
  }
}
