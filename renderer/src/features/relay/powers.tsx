/** What a request from today on would add, and what a relay could try that does not keep to its word. Nothing here is computed. */
import { useTranslation } from 'react-i18next'
import { Section } from '../../ui/page.tsx'
import styles from './request.module.css'

/** The last one is what the app cannot meet. */
const tries = ['swap', 'withhold', 'drop', 'replay', 'change', 'keep', 'cloud'] as const

export function TapSection() {
  const { t } = useTranslation(['relay', 'secret'])
  return (
    <Section title={t('tap')}>
      <dl className={styles.tries}>
        <Row what={t('secret:cloud')} then={t('tapCloud')} />
        <Row what={t('secret:secret')} then={t('tapSecret')} />
        <Row what={t('both')} then={t('tapBoth')} />
      </dl>
    </Section>
  )
}

export function DishonestSection() {
  const { t } = useTranslation('relay')
  return (
    <Section title={t('dishonest')} help={t('dishonestHelp')}>
      <dl className={styles.tries}>
        {tries.map((each) => (
          <Row key={each} what={t(`try.${each}`)} then={t(`try.${each}Met`)} />
        ))}
      </dl>
    </Section>
  )
}

function Row({ what, then }: { what: string; then: string }) {
  return (
    <div>
      <dt>{what}</dt>
      <dd>{then}</dd>
    </div>
  )
}
