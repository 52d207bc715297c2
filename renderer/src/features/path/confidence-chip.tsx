/** How sure a finding is, with the line that says what the word means. Nothing where nothing is claimed. */
import { useTranslation } from 'react-i18next'
import type { ConfidenceWord } from '../../../../shared/contract/path.ts'
import { Chip } from '../../ui/chip.tsx'

const keys = {
  suspected: ['confidenceSuspected', 'confidenceSuspectedHelp'],
  likely: ['confidenceLikely', 'confidenceLikelyHelp'],
  confirmed: ['confidenceConfirmed', 'confidenceConfirmedHelp'],
} as const

export function ConfidenceChip({ word }: { word: ConfidenceWord }) {
  const { t } = useTranslation()
  if (word === 'none') return null
  const [label, help] = keys[word]
  return (
    <Chip tone={word === 'suspected' ? 'neutral' : 'cut'} help={t(help)}>
      {t(label)}
    </Chip>
  )
}
