/** What the lab did beside what the app said of it. The lab writes these; the app has no part in them and never sees them. */
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { ConfidenceWord } from '../../../../shared/contract/path.ts'
import { Confidence } from '../../ui/confidence.tsx'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Disclosure, Section } from '../../ui/page.tsx'
import { Told } from '../../ui/told.tsx'
import { useSaid } from './move-words.tsx'
import styles from './truth.module.css'

type Card = LabState['truth'][number]

export function TruthCards({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const latest = lab.truth.at(-1)
  if (!latest) return null
  const earlier = lab.truth.slice(0, -1).toReversed()
  return (
    <Section title={t('truth')} help={t('truthHelp')} className={styles.outside}>
      <TruthCard card={latest} />
      {earlier.length > 0 && (
        <Disclosure summary={t('earlier')}>
          {earlier.map((card) => (
            <TruthCard key={card.atMs} card={card} />
          ))}
        </Disclosure>
      )}
    </Section>
  )
}

function TruthCard({ card }: { card: Card }) {
  const { t } = useTranslation('lab')
  const milliseconds = useMilliseconds()
  const say = useSaid()
  const said = card.said && say(card.said)
  const word = v.safeParse(ConfidenceWord, card.said?.word)
  return (
    <dl className={styles.card}>
      <div>
        <dt>
          {t('labDid')} <bdi>{t('after', { time: milliseconds(card.atMs) })}</bdi>
        </dt>
        <dd>
          <Told block>{card.did}</Told>
        </dd>
      </div>
      <div>
        <dt>{t('appSaid')}</dt>
        <dd>
          {said ? (
            <>
              <b>{said.plane}</b>
              {said.sentences.map((sentence) => (
                <p key={sentence}>{sentence}</p>
              ))}
              {word.success && <Confidence word={word.output} />}
            </>
          ) : (
            t('appSilent')
          )}
        </dd>
      </div>
    </dl>
  )
}
