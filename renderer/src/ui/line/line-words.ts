/** The line in words: keys into the catalogue, one whole sentence each. Screen readers get these in order; the drawing gets the tags. */
import type en from '../../i18n/en/path.json'
import type { LineModel, StopId } from './line-model.ts'

export type PathKey = keyof typeof en

const helperTag = { address: 'tag.byAddress', disguise: 'tag.byDisguise', sibling: 'tag.bySibling', proxy: 'tag.byProxy' } as const
const segmentEnd = { 'you-network': 'network', 'network-wayout': 'wayout', 'wayout-relay': 'relay' } as const

/** The line stop by stop, as sentences: trouble directly behind the stop it follows, the detour before the relay. */
export function lineSentences(model: LineModel): readonly PathKey[] {
  const { trouble, lookup, detour } = model
  const state = new Map(model.stops.map((stop) => [stop.id, stop.state]))
  const troubleAfter = (id: StopId): PathKey[] => {
    if (trouble === null || model.segments.find((segment) => segment.id === trouble.segment)?.from !== id) return []
    // What the relay itself does wrong is said of the relay.
    return trouble.at === 'end' && trouble.kind !== 'clock_wrong'
      ? []
      : [`trouble.${segmentEnd[trouble.segment]}.${trouble.stroke}.${trouble.word}`]
  }
  const middle = (id: 'network' | 'wayout'): PathKey => {
    const now = state.get(id)
    return now === 'reached' || now === 'unknown' ? `stop.${id}.${now}` : `stop.${id}.beyond`
  }
  const orTrouble = (id: 'network' | 'wayout'): PathKey[] => {
    const said = troubleAfter(id)
    return said.length > 0 ? said : [middle(id)]
  }
  const atYou = troubleAfter('you')
  return [
    ...(atYou.length > 0 ? atYou : (['stop.you.reached'] as const)),
    ...orTrouble('network'),
    lookup.state === 'plain' || lookup.state === 'unreached' ? `lookup.${lookup.state}` : `lookup.${lookup.state}.${lookup.word}`,
    ...(lookup.instead ? (['lookup.instead'] as const) : []),
    ...orTrouble('wayout'),
    ...(detour === null ? [] : [`detour.${detour.kind}.${detour.state}` as const]),
    `stop.relay.${state.get('relay') ?? 'unknown'}`,
  ]
}

/** The few words at the place of trouble: what is the matter, then how sure. */
export function troubleTags(model: LineModel): readonly PathKey[] {
  const { trouble } = model
  if (trouble === null) return []
  const what = ((): PathKey => {
    switch (trouble.kind) {
      case 'offline':
        return trouble.segment === 'you-network' ? 'tag.noNetwork' : 'tag.cut'
      case 'captive_portal':
        return 'tag.signIn'
      case 'clock_wrong':
        return 'tag.clock'
      case 'overload':
        return 'tag.busy'
      case 'server_side_denial':
        return 'tag.denied'
      case 'service_fault':
        return 'tag.faulty'
      default:
        return model.status === 'looking' && trouble.stroke === 'undecided' && trouble.word === 'none'
          ? 'tag.looking'
          : `tag.${trouble.stroke}`
    }
  })()
  return trouble.word === 'none' ? [what] : [what, `tag.word.${trouble.word}`]
}

/** The words under the lookup's diamond. */
export function lookupTags(model: LineModel): readonly PathKey[] {
  const { lookup } = model
  if (lookup.state !== 'false' && lookup.state !== 'silent') return []
  const what = lookup.state === 'false' ? 'tag.lookupFalse' : 'tag.lookupSilent'
  return lookup.word === 'none' ? [what] : [what, `tag.word.${lookup.word}`]
}

export function detourTags(model: LineModel): readonly PathKey[] {
  if (model.detour === null) return []
  return model.detour.state === 'trying' ? [helperTag[model.detour.kind], 'tag.trying'] : [helperTag[model.detour.kind]]
}
