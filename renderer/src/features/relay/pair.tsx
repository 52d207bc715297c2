/** Two boxes beside each other, or below each other where it is narrow: cloud and secret, told apart at a glance. */
import { Cloud } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Hatch } from '../../ui/hatch.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SealedEnvelope } from '../../ui/sealed-envelope.ts'
import styles from './sides.module.css'

/** `level`: of the headings. */
export function Pair({ cloud, secret, level = 3 }: { cloud: ReactNode; secret: ReactNode; level?: 3 | 4 }) {
  const { t } = useTranslation('relay')
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
