/** What a move says: scenario text as it is, the app's and the plain client's own moves from the catalogue. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import type { LabState, Move } from '../../../../shared/contract/lab.ts'
import { ConfidenceWord, Mechanism, Plane, routeKinds, VerdictKind } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { causeFound } from '../../ui/line/causes.ts'
import { findingKeys } from '../../ui/line/finding-words.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Told } from '../../ui/told.tsx'
import { useAdaptiveMove } from './adaptive-words.tsx'
import type { Line } from './record-model.ts'

const RouteFacts = v.object({ kind: v.picklist(routeKinds), ms: v.number() })
const Said = v.object({ plane: Plane, kind: VerdictKind, mechanisms: v.array(Mechanism), word: ConfidenceWord })
const FindingFacts = v.pipe(
  v.looseObject({ mechanisms: v.string() }),
  v.transform(({ mechanisms, ...facts }) => ({ ...facts, mechanisms: mechanisms.split(' ').filter(Boolean) })),
  Said,
)
type Said = v.InferOutput<typeof Said>

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

/** The same of a move; `null` where it is no finding. */
export function useSaidFully(): (move: Move) => ReturnType<ReturnType<typeof useSaid>> {
  const say = useSaid()
  return (move) => {
    const facts = v.safeParse(FindingFacts, move.facts)
    return facts.success ? say(facts.output) : null
  }
}

/** One card in one or two sentences. */
export function useMoveWords(): (line: Line) => ReactNode {
  const { t } = useTranslation('lab')
  const milliseconds = useMilliseconds()
  const finding = useFindingWords()
  const adaptive = useAdaptiveMove()
  return ({ move, also }) => {
    const text = <Told block>{move.text}</Told>
    switch (move.code) {
      case 'route-changed': {
        const facts = v.safeParse(RouteFacts, move.facts)
        return facts.success ? t(`move.${facts.output.kind}`, { ms: milliseconds(facts.output.ms) }) : text
      }
      case 'path-lost':
        return t('move.lost')
      case 'plain-connected':
        return t('move.plainConnected', { ms: milliseconds(Number(move.facts?.ms ?? 0)) })
      case 'plain-lost':
        return t('move.plainLost')
      case 'finding-changed':
        return finding([move, ...also]) ?? text
      default:
        return adaptive(move) ?? text
    }
  }
}

/** In short, for all planes it is said of; `null` for codes this screen does not know. */
function useFindingWords(): (moves: readonly Move[]) => string | null {
  const { t } = useTranslation(['lab', 'path', 'common'])
  const format = useFormat()
  return (moves) => {
    const findings = moves.flatMap((move) => {
      const parsed = v.safeParse(FindingFacts, move.facts)
      return parsed.success ? [parsed.output] : []
    })
    const [first] = findings
    if (!first) return null
    const planes = format.row(findings.map(({ plane }) => t(`path:plane.${plane}`)))
    // The same finding, surer than before, is a move of its own.
    const sure = first.kind === 'ok' || first.word === 'none' ? [] : [`${t(confidence[first.word])}.`]
    return [t(`said.${effectOf(first)}`, { planes }), ...sure].join(' ')
  }
}

/** Kinds that no cause in the network or at the service stands behind. */
const plainly = ['ok', 'offline', 'captive_portal', 'local_filter', 'clock_wrong', 'ipv6_broken'] as const

function effectOf({ kind, mechanisms, word }: Said) {
  // One unexpected answer is no lie yet.
  if (word === 'suspected' && mechanisms.length === 1 && mechanisms[0] === 'dns_lie') return 'lookupOdd'
  return causeFound({ kind, mechanisms }) ?? plainly.find((each) => each === kind) ?? 'inconclusive'
}
