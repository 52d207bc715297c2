/** The person as censor: four moves, each turned into a rule at the provider of one place. */
import * as v from 'valibot'
import { BackendError } from '../../shared/contract/errors.ts'
import type { CensorMove } from '../../shared/contract/lab.ts'
import type { HandRule } from '../../shared/contract/workbench.ts'
import type { Endpoint } from '../../shared/protocol/bundle.ts'
import { Rule } from '../censor/rule.ts'
import type { Topology } from '../engine/topology.ts'

export interface HandMove {
  readonly rule: Rule
  /** The same in the words of the workbench, where it can be changed. */
  readonly hand: HandRule
  readonly text: string
}

export interface Board {
  readonly topology: Topology
  readonly endpoints: readonly Endpoint[]
  /** The provider that carries what clients at a place now use; `null` when nothing does. */
  pathOf(place: string): string | null
}

/** Throws `BackendError('bad-input')` when there is no such place. */
export function handMove(move: CensorMove, placeId: string, { topology, endpoints, pathOf }: Board): HandMove {
  const place = topology.place(placeId)
  if (!place) throw new BackendError('bad-input', 'no such place')
  const at = { providers: [place.provider] }
  // The first endpoint of a plane is its plain path; the others are what is left once that is gone.
  const plain = endpoints.filter((endpoint, i) => endpoints.findIndex((other) => other.plane === endpoint.plane) === i)
  const make = (
    id: string,
    label: string,
    hand: Omit<HandRule, 'where'>,
    rest: Pick<v.InferInput<typeof Rule>, 'match' | 'act'>,
  ): HandMove => ({
    rule: v.parse(Rule, { id, label, ...rest, match: { ...at, ...rest.match } }),
    hand: { where: `place:${placeId}`, ...hand },
    text: label,
  })
  switch (move) {
    case 'dns_lie': {
      const page = topology.world.hosts.find((host) => host.kind === 'false-page')
      return make(
        `you-lie-${placeId}`,
        'Lies in name lookup',
        { mechanism: 'dns_lie', aim: 'service', values: {} },
        {
          match: { names: unique(endpoints.map((endpoint) => endpoint.host)) },
          act: { do: 'lie', addresses: page ? [...page.addresses] : [] },
        },
      )
    }
    case 'ip_drop':
      return make(
        `you-drop-${placeId}`,
        'Drops its addresses',
        { mechanism: 'ip_drop', aim: 'usual', values: {} },
        {
          match: { to: unique(plain.flatMap((endpoint) => endpoint.addresses)).map(alone) },
          act: { do: 'drop' },
        },
      )
    case 'prefix_block': {
      const owner = topology.provider(pathOf(placeId) ?? '') ?? topology.providerOf(plain[0]?.addresses[0] ?? '')
      const hand: Omit<HandRule, 'where'> = { mechanism: 'ip_drop', aim: owner ? `cloud:${owner.id}` : 'usual', values: {} }
      return make(`you-prefix-${placeId}-${owner?.id ?? 'none'}`, `Drops all of ${owner?.title ?? 'nothing'}`, hand, {
        match: { to: [...(owner?.prefixes ?? [])] },
        act: { do: 'drop' },
      })
    }
    case 'sni_reset': {
      const hand: Omit<HandRule, 'where'> = { mechanism: 'sni_reset', aim: 'messages', values: { how: 'exact' } }
      return make(`you-sni-${placeId}`, 'Cuts connections that name the relay', hand, {
        match: {
          sni: unique(endpoints.filter((endpoint) => endpoint.plane === 'chat').map((endpoint) => endpoint.host)).map((text) => ({
            how: 'exact' as const,
            text,
          })),
        },
        act: { do: 'reset' },
      })
    }
  }
}

function alone(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
