/** Two boxes beside each other, or below each other where it is narrow: cloud and secret, told apart at a glance. */
import { Cloud } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './cloud-and-secret.module.css'
import { Hatch } from './hatch.tsx'
import { Icon } from './icon.tsx'
import { SealedEnvelope } from './sealed-envelope.ts'

/** `level`: of the headings. */
export function CloudAndSecret({ cloud, secret, level = 3 }: { cloud: ReactNode; secret: ReactNode; level?: 3 | 4 }) {
  const { t } = useTranslation('secret')
  const Heading = `h${level}` as const
  return (
    <div className={styles.pair}>
      <section className={styles.side}>
        <Heading>
          <Icon of={Cloud} /> {t('cloud')}
        </Heading>
        {cloud}
      </section>
      <section className={styles.side} data-secret="">
        <Hatch className={styles.hatch} />
        <Heading>
          <Icon of={SealedEnvelope} /> {t('secret')}
        </Heading>
        {secret}
      </section>
    </div>
  )
}
