/** The stories as cards: what was asked, what was done, who paid, how we know; and one button to live through it. */
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState, ScenarioCard } from '../../../../shared/contract/lab.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { displayName } from './display-name.ts'
import styles from './stories.module.css'

const told = ['demand', 'answer', 'meant', 'hit', 'whoPaid'] as const
const tones = { reported: 'neutral', measured: 'through', disputed: 'detour' } as const

export function Stories({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  return (
    <section className={styles.section} aria-labelledby="lab-stories">
      <h2 id="lab-stories">{t('stories')}</h2>
      <ul className={styles.cards}>
        {lab.scenarios.map((card) => (
          <StoryCard key={card.id} card={card} lab={lab} />
        ))}
      </ul>
    </section>
  )
}

function StoryCard({ card, lab }: { card: ScenarioCard; lab: LabState }) {
  const { t } = useTranslation('lab')
  const milliseconds = useMilliseconds()
  const [asking, setAsking] = useState(false)
  return (
    <li className={styles.card}>
      <h3>{card.title}</h3>
      <p className={styles.dates}>
        <bdi>
          {card.place}, {card.dates}
        </bdi>
      </p>
      <dl className={styles.told}>
        {told.map((field) => (
          <div key={field}>
            <dt>{t(field)}</dt>
            <dd>
              <bdi>{card[field]}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <Button look="primary" className={styles.try} aria-label={t('tryLabel', { what: card.tryThis })} onClick={() => setAsking(true)}>
        {card.tryThis}
      </Button>
      <p className={styles.dates}>{t('takes', { seconds: milliseconds(card.seconds * 1_000) })}</p>
      {card.claims.length > 0 && (
        <details>
          <summary>{t('claims')}</summary>
          <ul className={styles.claims}>
            {card.claims.map((claim) => (
              <li key={claim.text}>
                <Chip tone={tones[claim.mark]} help={t(`markHelp.${claim.mark}`)}>
                  {t(`mark.${claim.mark}`)}
                </Chip>
                <p>
                  <bdi>{claim.text}</bdi>
                  <cite>
                    <bdi>{claim.source}</bdi>
                  </cite>
                </p>
              </li>
            ))}
          </ul>
        </details>
      )}
      {card.sources.length > 0 && (
        <details>
          <summary>{t('sources')}</summary>
          <ul className={styles.sources}>
            {card.sources.map((source) => (
              <li key={source.title + source.date}>
                <bdi>
                  <cite>{source.title}</cite>, {source.publisher}, {source.date}
                </bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
      {card.standIns.length > 0 && <StandIns card={card} />}
      {asking && <ForWhom card={card} lab={lab} onClose={() => setAsking(false)} />}
    </li>
  )
}

function StandIns({ card }: { card: ScenarioCard }) {
  const { t } = useTranslation('lab')
  return (
    <details>
      <summary>{t('standIns')}</summary>
      <table className={styles.standIns}>
        <thead>
          <tr>
            <th scope="col">{t('simulatedAddress')}</th>
            <th scope="col">{t('documented')}</th>
            <th scope="col">{t('standsFor')}</th>
          </tr>
        </thead>
        <tbody>
          {card.standIns.map((standIn) => (
            <tr key={standIn.simulated}>
              <td>
                <bdi dir="ltr">{standIn.simulated}</bdi>
              </td>
              <td>
                <bdi dir="ltr">{standIn.documented}</bdi>
              </td>
              <td>
                <bdi>{standIn.what}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

/** A story happens to somebody: to the person of this window, unless another is chosen. */
function ForWhom({ card, lab, onClose }: { card: ScenarioCard; lab: LabState; onClose: () => void }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const name = useId()
  const user = useApp((state) => state.hello?.user)
  const [client, setClient] = useState(lab.clients.find((each) => each.name === user)?.name ?? lab.clients[0]?.name ?? '')
  const place = lab.vantages.find((vantage) => vantage.id === card.vantage)?.title ?? card.place
  const start = async () => {
    onClose()
    await call('lab.play', { scenario: card.id, client })
  }
  return (
    <Dialog
      title={t('forWhom')}
      onClose={onClose}
      actions={
        <Button look="primary" disabled={client === ''} onClick={() => void start()}>
          {t('start')}
        </Button>
      }
    >
      <p>{t('forWhomHelp', { place })}</p>
      <fieldset className={styles.whom} aria-label={t('forWhom')}>
        {lab.clients.map((each) => (
          <label key={each.name}>
            <input type="radio" name={name} value={each.name} checked={client === each.name} onChange={() => setClient(each.name)} />
            {displayName(each.name)}
            {each.name === user && <Chip>{t('you')}</Chip>}
          </label>
        ))}
      </fieldset>
    </Dialog>
  )
}
