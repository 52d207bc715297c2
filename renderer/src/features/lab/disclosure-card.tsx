/** A story in which nothing is blocked: it is played by no censor, and opens what the relay holds. */
import { useTranslation } from 'react-i18next'
import { useDispatch } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Quiet } from '../../ui/page.tsx'
import styles from './stories.module.css'

export function DisclosureCard() {
  const { t } = useTranslation('lab')
  const dispatch = useDispatch()
  return (
    <li className={styles.card}>
      <h3>{t('disclosure.title')}</h3>
      <Quiet>{t('disclosure.where')}</Quiet>
      <dl className={styles.told}>
        {(['meant', 'hit'] as const).map((field) => (
          <div key={field}>
            <dt>{t(field)}</dt>
            <dd>{t(`disclosure.${field}`)}</dd>
          </div>
        ))}
      </dl>
      <div className={styles.try}>
        <Button look="primary" onClick={() => dispatch({ type: 'view.opened', view: 'relay' })}>
          {t('disclosure.try')}
        </Button>
      </div>
    </li>
  )
}
