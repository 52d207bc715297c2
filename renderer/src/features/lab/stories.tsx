/** The stories as cards: what was asked, what was done, who paid, how we know; and one button to live through it. */
import { memo, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState, ScenarioCard } from '../../../../shared/contract/lab.ts'
import { isolated } from '../../i18n/isolated.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { displayName } from '../../ui/display-name.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Disclosure, Quiet, Section } from '../../ui/page.tsx'
import tableStyles from '../../ui/table.module.css'
import { Told } from '../../ui/told.tsx'
import { DisclosureCard } from './disclosure-card.tsx'
import { peopleOf } from './people.ts'
import styles from './stories.module.css'
import { OwnActions, Removed } from './workbench/own-actions.tsx'

/** The contrast that every story is about; the rest opens on demand. */
const inShort = ['meant', 'hit'] as const
const inFull = ['demand', 'answer', 'whoPaid'] as const
/** What is staged, apart from what happened. */
const kinds = ['combined', 'mechanism', 'trap'] as const
const tones = { reported: 'neutral', measured: 'through', disputed: 'detour' } as const

export function Stories({ lab }: { lab: LabState }) {
  const { t } = useTranslation(['lab', 'workbench'])
  const { own, removed } = lab.workbench
  const editable = new Map(own.map(({ id, editable: can }) => [id, can]))
  const given = lab.scenarios.filter(({ id }) => !editable.has(id))
  const groups = kinds.map((kind) => ({ kind, cards: given.filter((card) => card.kind === kind) }))
  return (
    <>
      {own.length + removed.length > 0 && (
        <Section title={t('workbench:yours')}>
          <ul className={styles.cards}>
            {lab.scenarios
              .filter(({ id }) => editable.has(id))
              .map((card) => (
                <StoryCard key={card.id} card={card} editable={editable.get(card.id) ?? false} />
              ))}
          </ul>
          <Removed lab={lab} />
        </Section>
      )}
      <Section title={t('stories')}>
        <ul className={styles.cards}>
          {given
            .filter(({ kind }) => kind === undefined)
            .map((card) => (
              <StoryCard key={card.id} card={card} />
            ))}
          <DisclosureCard />
        </ul>
        {groups
          .filter(({ cards }) => cards.length > 0)
          .map(({ kind, cards }) => (
            <Disclosure key={kind} summary={t(`group.${kind}`, { count: cards.length })}>
              <ul className={styles.cards}>
                {cards.map((card) => (
                  <StoryCard key={card.id} card={card} />
                ))}
              </ul>
            </Disclosure>
          ))}
      </Section>
    </>
  )
}

/** The lab's state changes ten times a second, a card hardly ever. `editable`: one of the person's own, and whether the workbench can take it up. */
const StoryCard = memo(function StoryCard({ card, editable }: { card: ScenarioCard; editable?: boolean }) {
  const { t } = useTranslation('lab')
  const milliseconds = useMilliseconds()
  const [asking, setAsking] = useState(false)
  return (
    <li className={styles.card}>
      <h3>
        <Told>{card.title}</Told>
      </h3>
      <Quiet>
        <Told>{`${card.place}, ${card.dates}`}</Told>
      </Quiet>
      <Fields card={card} of={inShort} />
      <div className={styles.try}>
        <Button look="primary" aria-label={t('tryLabel', { what: card.tryThis })} onClick={() => setAsking(true)}>
          <Told>{card.tryThis}</Told>
        </Button>
        <Quiet>{t('takes', { seconds: milliseconds(card.seconds * 1_000) })}</Quiet>
      </div>
      {editable !== undefined && <OwnActions card={card} editable={editable} />}
      <Disclosure summary={t('wholeStory')}>
        <div className={styles.whole}>
          <Fields card={card} of={inFull} />
          <Claims card={card} />
          <Sources card={card} />
          <StandIns card={card} />
        </div>
      </Disclosure>
      {asking && <ForWhom card={card} onClose={() => setAsking(false)} />}
    </li>
  )
})

function Fields({ card, of }: { card: ScenarioCard; of: readonly (typeof inShort | typeof inFull)[number][] }) {
  const { t } = useTranslation('lab')
  return (
    <dl className={styles.told}>
      {of.map((field) => (
        <div key={field}>
          <dt>{t(field)}</dt>
          <dd>
            <Told block>{card[field]}</Told>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Claims({ card }: { card: ScenarioCard }) {
  const { t } = useTranslation('lab')
  if (card.claims.length === 0) return null
  return (
    <Disclosure summary={t('claims')}>
      <ul className={styles.claims}>
        {card.claims.map((claim) => (
          <li key={claim.text}>
            <Chip tone={tones[claim.mark]} help={t(`markHelp.${claim.mark}`)}>
              {t(`mark.${claim.mark}`)}
            </Chip>
            <p>
              <Told block>{claim.text}</Told>
              <cite>
                <Told block>{claim.source}</Told>
              </cite>
            </p>
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}

function Sources({ card }: { card: ScenarioCard }) {
  const { t } = useTranslation('lab')
  if (card.sources.length === 0) return null
  return (
    <Disclosure summary={t('sources')}>
      <ul className={styles.sources}>
        {card.sources.map((source) => (
          <li key={source.title + source.date}>
            <Told block>{`${source.title}, ${source.publisher}, ${source.date}`}</Told>
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}

function StandIns({ card }: { card: ScenarioCard }) {
  const { t } = useTranslation('lab')
  if (card.standIns.length === 0) return null
  return (
    <Disclosure summary={t('standIns')}>
      <table className={classNames(tableStyles.table, styles.standIns)}>
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
                <Told block>{standIn.what}</Told>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Disclosure>
  )
}

/** A story happens to somebody: to the person of this window, unless another is chosen. */
function ForWhom({ card, onClose }: { card: ScenarioCard; onClose: () => void }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const name = useId()
  const user = useApp((state) => state.hello?.user)
  const lab = useApp((state) => state.lab)
  const people = lab ? peopleOf(lab) : []
  const [client, setClient] = useState(people.find((each) => each.name === user)?.name ?? people[0]?.name ?? '')
  const place = lab?.vantages.find((vantage) => vantage.id === card.vantage)?.title ?? card.place
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
      <p>{t('forWhomHelp', { place: isolated(place) })}</p>
      <fieldset className={styles.whom} aria-label={t('forWhom')}>
        {people.map((each) => (
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
