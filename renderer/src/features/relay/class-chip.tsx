/** Of what class some stored data is: the word, and behind it what that means. */
import { useTranslation } from 'react-i18next'
import type { DataClass } from '../../../../shared/contract/chat.ts'
import { Chip } from '../../ui/chip.tsx'

const tones = { content: 'cut', metadata: 'neutral', 'public-key': 'through', sealed: 'secret', nobody: 'neutral' } as const

/** `undefined`: a newer relay's, which nobody here explained. */
export function ClassChip({ of }: { of: DataClass | undefined }) {
  const { t } = useTranslation('relay')
  return (
    <Chip tone={of ? tones[of] : 'detour'} help={t(`classHelp.${of ?? 'unknown'}`)}>
      {t(`class.${of ?? 'unknown'}`)}
    </Chip>
  )
}
