/** Troubles that are no censor's: of the service, of this network, of this computer. */
import type { Plane } from '../../shared/contract/path.ts'
import type { RuleInput } from '../censor/rule.ts'
import type { ConditionInput } from '../engine/condition.ts'
import { anyPart, type Draws, type Ingredient, type Make } from './random-parts.ts'
import { HOME, RESOLVER } from './random-place.ts'

const all: readonly Plane[] = ['chat', 'media', 'links', 'web']
const machines = [
  { hosts: ['service'], planes: ['chat', 'media'] },
  { hosts: ['service-links'], planes: ['links', 'web'] },
  { hosts: ['service', 'service-links'], planes: all },
] as const

const held = (id: string, condition: ConditionInput, rest: Omit<Ingredient, 'condition' | 'start'>): Ingredient => ({
  ...rest,
  condition,
  start: id,
})
const atMachines = ({ draw }: Draws) => draw<(typeof machines)[number]>([machines[0], machines[1], machines[2]])
const here = [HOME]

export const troubles: readonly [Make, ...Make[]] = [
  (draws) => {
    const { hosts, planes } = atMachines(draws)
    const how = draws.draw(['refused', 'silent'])
    const title = `${hosts.join(' and ')} down, ${how}`
    return held(
      draws.id,
      { do: 'down', id: draws.id, label: title, hosts: [...hosts], how },
      { title, kind: 'service_fault', places: ['service'], scope: planes },
    )
  },
  (draws) => {
    const { hosts, planes } = atMachines(draws)
    const fault = draws.draw(['expired', 'other-name', 'unknown-authority'])
    const title = `${hosts.join(' and ')} with a wrong certificate: ${fault}`
    return held(
      draws.id,
      { do: 'certificate', id: draws.id, label: title, hosts: [...hosts], fault },
      { title, kind: 'service_fault', places: ['service'], scope: planes },
    )
  },
  (draws) => {
    const { hosts, planes } = atMachines(draws)
    const status = draws.draw([451, 503])
    const title = `${hosts.join(' and ')} answer ${status}`
    const condition: ConditionInput = {
      do: 'deny',
      id: draws.id,
      label: title,
      hosts: [...hosts],
      status,
      title: 'No',
      text: 'Not from here.',
    }
    return held(draws.id, condition, {
      title,
      kind: status === 451 ? 'server_side_denial' : 'overload',
      places: ['service'],
      scope: planes,
    })
  },
  ({ id }) => {
    const act: RuleInput['act'] = { do: 'load', served: 250, offered: 1000, queue: 300 }
    const title = 'A flood at the service'
    return {
      title,
      rule: { id, label: title, match: { toProviders: ['throughline'] }, act },
      start: id,
      kind: 'overload',
      places: ['service'],
      scope: all,
    }
  },
  ({ id }) =>
    held(
      id,
      { do: 'portal', id, label: 'portal', places: here },
      { title: 'A portal', kind: 'captive_portal', places: ['network'], scope: 'everywhere' },
    ),
  ({ id, chance }) => {
    const installed = chance(0.5)
    const title = `TLS inspected by a box ${installed ? 'this computer trusts' : 'of this network'}`
    return held(
      id,
      { do: 'inspect', id, label: title, places: here, installed },
      { title, kind: 'local_filter', places: ['device', 'network'], scope: 'everywhere' },
    )
  },
  ({ id, draw }) => {
    const days = draw([-400, 400])
    const skewMs = days * 86_400_000
    return held(
      id,
      { do: 'clock', id, label: 'clock', places: here, skewMs },
      { title: `The clock ${days} days off`, kind: 'clock_wrong', places: ['device'], scope: 'everywhere' },
    )
  },
  ({ id, chance }) => {
    const link = chance(0.5)
    return held(
      id,
      { do: 'cut', id, label: 'cut', places: here, link },
      {
        title: link ? 'The link is down' : 'Nothing beyond the gateway',
        kind: 'offline',
        places: ['device', 'network'],
        scope: 'everywhere',
      },
    )
  },
  (draws) => {
    const { title: what, names, named } = anyPart(draws)
    const title = `A filter of this household: ${what}`
    const condition: ConditionInput = {
      do: 'filter',
      id: draws.id,
      label: title,
      places: here,
      names: [...names],
      addresses: draws.draw([['0.0.0.0'], []]),
      by: 'computer',
    }
    return held(draws.id, condition, { title, kind: 'local_filter', places: ['network'], scope: named })
  },
  ({ id }) =>
    held(
      id,
      { do: 'slow', id, label: 'slow lookup', hosts: [RESOLVER], delayMs: 2600 },
      { title: 'A slow resolver', kind: 'degraded', places: ['resolver'], scope: all },
    ),
  ({ id }) =>
    held(
      id,
      { do: 'down', id, label: 'no lookup', hosts: [RESOLVER], how: 'silent' },
      { title: 'A silent resolver', kind: 'degraded', places: ['resolver'], scope: all },
    ),
  ({ id, draw }) => {
    const addMs = draw([200, 500])
    const loss = draw([0, 0.05, 0.1])
    const title = `A poor line: ${addMs} ms more, ${loss * 100} % lost`
    return held(
      id,
      { do: 'line', id, label: title, places: here, addMs, jitterMs: 50, loss },
      { title, kind: 'ok', orKinds: ['degraded'], scope: all },
    )
  },
  ({ id }) =>
    held(
      id,
      { do: 'line', id, label: 'narrow line', places: here, kbps: 200 },
      { title: 'A line of 200 kbit/s', kind: 'ok', orKinds: ['degraded'], places: ['network'], scope: all },
    ),
  ({ id }) =>
    held(
      id,
      { do: 'rewrite', id, label: 'search page', hosts: [RESOLVER], addresses: ['240.77.252.152'] },
      { title: 'Names that do not exist lead to a search page', kind: 'nothing', scope: [] },
    ),
]
