/** How sure a finding is: the chip with its help line. `none` shows nothing. */
import { useTranslation } from 'react-i18next'
import type { ConfidenceWord } from '../../../shared/contract/path.ts'
import { Chip } from './chip.tsx'

export function Confidence({ word }: { word: ConfidenceWord }) {
  const { t } = useTranslation()
  switch (word) {
    case 'none':
      return null
    case 'suspected':
      return <Chip help={t('confidenceSuspectedHelp')}>{t('confidenceSuspected')}</Chip>
    case 'likely':
      return <Chip help={t('confidenceLikelyHelp')}>{t('confidenceLikely')}</Chip>
    case 'confirmed':
      return <Chip help={t('confidenceConfirmedHelp')}>{t('confidenceConfirmed')}</Chip>
  }
}
