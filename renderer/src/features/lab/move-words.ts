/** What a move says: scenario text as it is, the app's and the plain client's own moves from the catalogue. */
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import type { LabState, Move } from '../../../../shared/contract/lab.ts'
import { ConfidenceWord, Mechanism, Plane, VerdictKind } from '../../../../shared/contract/path.ts'
import { findingKeys } from '../../ui/line/finding-words.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'

const RouteFacts = v.object({ kind: v.picklist(['plain', 'address', 'sibling', 'proxy']), ms: v.number() })
const FindingFacts = v.object({ plane: Plane, kind: VerdictKind, mechanisms: v.string(), word: ConfidenceWord })
const Said = v.object({ plane: Plane, kind: VerdictKind, mechanisms: v.array(Mechanism), word: ConfidenceWord })

const confidence = {
  suspected: 'common:confidenceSuspected',
  likely: 'common:confidenceLikely',
  confirmed: 'common:confidenceConfirmed',
} as const

/** A finding in the words of the Path view: the plane and its sentences; `null` for codes this screen does not know. */
export function useSaid(): (
  said: NonNullable<LabState['truth'][number]['said']>,
) => { plane: string; sentences: readonly string[] } | null {
  const { t } = useTranslation('path')
  return (said) => {
    const parsed = v.safeParse(Said, said)
    if (!parsed.success) return null
    return { plane: t(`plane.${parsed.output.plane}`), sentences: findingKeys(parsed.output).map((key) => t(key)) }
  }
}

/** One move in one or two sentences. */
export function useMoveWords(): (move: Move) => string {
  const { t } = useTranslation(['lab', 'common'])
  const milliseconds = useMilliseconds()
  const say = useSaid()
  return (move) => {
    switch (move.code) {
      case 'route-changed': {
        const facts = v.safeParse(RouteFacts, move.facts)
        return facts.success ? t(`move.${facts.output.kind}`, { ms: milliseconds(facts.output.ms) }) : move.text
      }
      case 'path-lost':
        return t('move.lost')
      case 'plain-connected':
        return t('move.plainConnected', { ms: milliseconds(Number(move.facts?.ms ?? 0)) })
      case 'plain-lost':
        return t('move.plainLost')
      case 'finding-changed': {
        const facts = v.safeParse(FindingFacts, move.facts)
        const said = facts.success ? say({ ...facts.output, mechanisms: facts.output.mechanisms.split(' ').filter(Boolean) }) : null
        if (!facts.success || !said) return move.text
        const { kind, word } = facts.output
        // The same finding, surer than before, is a move of its own.
        const sure = kind === 'ok' || word === 'none' ? [] : [`${t(confidence[word])}.`]
        return [t('move.finding', { plane: said.plane }), ...said.sentences, ...sure].join(' ')
      }
      default:
        return move.text
    }
  }
}
