/** A censor that learns, beside the four buttons: how far it may go, and in plain words what it believes, spent, and will do next. */
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import { AdaptivePace, type AdaptiveState, MAX_BUDGET, paceMs } from '../../../../shared/contract/adaptive.ts'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useFormat } from '../../i18n/format.ts'
import { isolated } from '../../i18n/isolated.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './adaptive.module.css'
import { useAdaptiveWords } from './adaptive-words.tsx'
import labStyles from './lab.module.css'

const BUDGET_AT_FIRST = 2

export function AdaptivePanel({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const { adaptive } = lab
  const on = adaptive?.on === true
  return (
    <Section title={t('adaptive')} help={t('adaptiveHelp')} className={styles.outside}>
      {on ? (
        <div className={styles.row}>
          <p>
            {t('adaptiveSet', { count: adaptive.budget })} <Chip>{t(`pace.${adaptive.pace}`)}</Chip>
          </p>
          <Button onClick={() => void call('lab.adaptive', { wish: null })}>{t('adaptiveStop')}</Button>
        </div>
      ) : (
        <Setting lab={lab} />
      )}
      {adaptive && <Mind adaptive={adaptive} />}
    </Section>
  )
}

function Setting({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const milliseconds = useMilliseconds()
  const id = useId()
  const user = useApp((state) => state.hello?.user)
  const here = lab.clients.find((client) => client.name === (lab.running?.client ?? user))?.vantage ?? lab.vantages[0]?.id ?? ''
  const [place, setPlace] = useState<string | null>(null)
  const [budget, setBudget] = useState(BUDGET_AT_FIRST)
  const [pace, setPace] = useState<AdaptivePace>('steady')
  const vantage = place ?? here
  const says = t('budgetSays', { count: budget })
  return (
    <div className={styles.setting}>
      <label className={labStyles.where}>
        {t('yourPlace')}
        <select className={labStyles.select} value={vantage} onChange={({ target }) => setPlace(target.value)}>
          {lab.vantages.map((each) => (
            <option key={each.id} value={each.id} lang="en" dir="ltr">
              {each.title}
            </option>
          ))}
        </select>
      </label>
      <div className={styles.budget}>
        <label htmlFor={id}>{t('budget')}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={MAX_BUDGET}
          step={1}
          value={budget}
          aria-valuetext={says}
          onChange={({ target }) => setBudget(target.valueAsNumber)}
        />
        <output htmlFor={id}>{says}</output>
      </div>
      <label className={labStyles.where}>
        {t('adaptivePace')}
        <select className={labStyles.select} value={pace} onChange={({ target }) => setPace(v.parse(AdaptivePace, target.value))}>
          {AdaptivePace.options.map((each) => (
            <option key={each} value={each}>
              {t('paceOption', { name: t(`pace.${each}`), time: milliseconds(paceMs[each]) })}
            </option>
          ))}
        </select>
      </label>
      <Button look="primary" disabled={vantage === ''} onClick={() => void call('lab.adaptive', { wish: { vantage, budget, pace } })}>
        {t('adaptiveStart')}
      </Button>
    </div>
  )
}

/** What it makes of what it saw. The app knows none of this. */
function Mind({ adaptive }: { adaptive: AdaptiveState }) {
  const { t } = useTranslation('lab')
  const format = useFormat()
  const words = useAdaptiveWords()
  const milliseconds = useMilliseconds()
  const { suspects, spent, budget, outcome, beyond, next, bills } = adaptive
  return (
    <div className={styles.mind}>
      <div>
        <h3>{t('mindNext')}</h3>
        {next ? (
          <p>
            <b>{t('nextIn', { time: milliseconds(Math.ceil(next.inMs / 1000) * 1000) })}</b> {words.step(next)}
          </p>
        ) : (
          <p role="status">{t(outcome ? `outcome.${outcome}` : 'mindWatching')}</p>
        )}
        {!next && beyond && (
          <p>
            <b>{t('beyond')}</b> {words.step(beyond)}
          </p>
        )}
        <p>
          {t('spent', { spent: format.number(spent.length), budget: format.number(budget) })}
          {spent.length > 0 && <> {t('spentOn', { list: format.list(spent.map(isolated)) })}</>}
        </p>
      </div>
      <div>
        <h3>{t('mindBelieves')}</h3>
        {suspects.length === 0 ? (
          <Quiet>{t('mindNothing')}</Quiet>
        ) : (
          <ul className={styles.suspects} tabIndex={-1}>
            {suspects.toReversed().map((each) => (
              <li key={each.address}>
                <bdi dir="ltr" className={styles.address}>
                  {each.address}
                </bdi>{' '}
                {each.cut && <Chip tone="cut">{t('suspectCut')}</Chip>}
                {!each.sure && <Chip>{t('suspectDoubt')}</Chip>}
                <span>{each.reasons.slice(-1).map((reason) => words.reason(reason))}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      {bills.length > 0 && <Bills bills={bills} />}
    </div>
  )
}

/** What it reckoned with, beside what the lab measured. */
function Bills({ bills }: { bills: AdaptiveState['bills'] }) {
  const { t } = useTranslation('lab')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  return (
    <div className={styles.bills}>
      <h3 id="adaptive-bills">{t('bills')}</h3>
      <ol aria-labelledby="adaptive-bills">
        {bills.toReversed().map((bill) => (
          <li key={`${bill.atMs} ${bill.target}`} data-lifted={bill.lifted || undefined}>
            <b>{t(`rung.${bill.rung}`)}</b>
            {bill.lifted && <Chip>{t('billLifted')}</Chip>}
            <span>{t('billReckoned', { count: bill.cost })}</span>
            <span>
              {bill.fell.length === 0
                ? t('billNobody')
                : t('billFell', {
                    list: format.list(bill.fell.map(({ name, ms }) => `${isolated(name)} (${milliseconds(Math.round(ms / 1000) * 1000)})`)),
                  })}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}
