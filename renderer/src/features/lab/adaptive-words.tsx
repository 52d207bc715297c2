/** The adaptive censor in plain words: its cards in the record, its reasons, its next step. */
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import { AdaptiveState, Rung } from '../../../../shared/contract/adaptive.ts'
import type { Move } from '../../../../shared/contract/lab.ts'
import { useFormat } from '../../i18n/format.ts'
import { isolated } from '../../i18n/isolated.ts'

type Next = NonNullable<AdaptiveState['next']>
type Reason = AdaptiveState['suspects'][number]['reasons'][number]

const Because = v.picklist([...AdaptiveState.entries.suspects.item.entries.reasons.item.entries.code.options, 'public', 'cost', 'idle'])
const Step = v.object({ rung: Rung, targets: v.string(), count: v.number(), because: Because, what: v.string(), cost: v.number() })
const Opened = v.object({ where: v.string(), targets: v.string(), count: v.number() })

export function useAdaptiveWords() {
  const { t } = useTranslation('lab')
  return {
    step: ({ rung, target, cost }: Pick<Next, 'rung' | 'target' | 'cost'>) =>
      [t(`step.${rung}`, { target: isolated(target) }), t('stepCost', { count: cost })].join(' '),
    reason: ({ code, what }: Reason) => t(`reason.${code}`, { what: isolated(what) }),
  }
}

/** A card of the record; `null` for moves that are none of its. */
export function useAdaptiveMove(): (move: Move) => string | null {
  const { t } = useTranslation('lab')
  const format = useFormat()
  return ({ code, facts }) => {
    switch (code) {
      case 'adaptive-began':
        return t('adaptive.began', { count: Number(facts?.budget ?? 0) })
      case 'adaptive-stopped':
        return t('adaptive.stopped')
      case 'adaptive-probe':
        return t('adaptive.probe', { target: isolated(String(facts?.targets ?? '')) })
      case 'service-opened': {
        const opened = v.safeParse(Opened, facts)
        if (!opened.success) return null
        const { where, targets, count } = opened.output
        return t('adaptive.opened', { count, where: isolated(where), list: format.list(targets.split(', ').map(isolated)) })
      }
      case 'adaptive-impose':
      case 'adaptive-lift': {
        const step = v.safeParse(Step, facts)
        if (!step.success) return null
        const { rung, targets, because, what, cost } = step.output
        const list = format.list(targets.split(', ').map(isolated))
        const why = t(`reason.${because}`, { what: isolated(what) })
        if (code === 'adaptive-lift') return [t('adaptive.lift', { list }), why].join(' ')
        return [t(`did.${rung}`, { list }), why, t('reckons', { count: cost })].join(' ')
      }
      default:
        return null
    }
  }
}
