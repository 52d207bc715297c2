/** The strip that keeps a rehearsal from being taken for reality: where this window's person stands, and in which story. */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../shared/contract/lab.ts'
import { useFormat } from '../i18n/format.ts'
import { isolated } from '../i18n/isolated.ts'
import { useApp } from '../state/backend.ts'
import styles from './simulated-strip.module.css'

export function SimulatedStrip() {
  const { t } = useTranslation()
  const simulated = useApp((state) => state.path?.network.kind === 'simulated')
  const lab = useApp((state) => state.lab)
  const user = useApp((state) => state.hello?.user)
  const format = useFormat()
  if (!simulated) return null

  const { place, story } = standing(lab, user)
  const text = !place
    ? t('simulatedOnly')
    : !story
      ? t('simulatedPlace', { place: isolated(place) })
      : t('simulatedStory', { place: isolated(place), scenario: isolated(story.scenario), date: format.storyDay(story.at) })
  return (
    <footer className={styles.strip}>
      <strong>{t('simulated')}</strong> <span>{text}</span>
    </footer>
  )
}

function standing(lab: LabState | null, user: string | undefined): { place?: string; story?: { scenario: string; at: string } } {
  const vantage = lab?.clients.find((client) => client.name === user)?.vantage
  const place = lab?.vantages.find((candidate) => candidate.id === vantage)?.title
  const running = lab?.running
  const scenario = running?.client === user && lab?.scenarios.find((card) => card.id === running?.scenario)?.place
  return { ...(place && { place }), ...(running && scenario && { story: { scenario, at: running.story } }) }
}
