/** Keeps what was done as a story of one's own: its title, when each move happens, and what a truthful app must say. */
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../../shared/contract/lab.ts'
import { type KeepResult, MAX_TITLE, type ScenarioWish } from '../../../../../shared/contract/workbench.ts'
import { isolated } from '../../../i18n/isolated.ts'
import { useCall } from '../../../state/backend.ts'
import { useAnnouncer } from '../../../ui/announcer.tsx'
import { Button } from '../../../ui/button.tsx'
import { Check, Choice } from '../../../ui/choice.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Disclosure, Quiet } from '../../../ui/page.tsx'
import { Told } from '../../../ui/told.tsx'
import labStyles from '../lab.module.css'
import { ResultWords } from './import-dialog.tsx'
import styles from './workbench.module.css'

const planes = ['chat', 'media', 'links', 'web'] as const
const findings = ['ok', 'interference', 'overload', 'degraded', 'offline'] as const
type Plane = (typeof planes)[number]
const LONGEST_S = 3000

export function KeepDialog({ lab, here, onClose }: { lab: LabState; here: string; onClose: () => void }) {
  const { t } = useTranslation('workbench')
  const call = useCall()
  const { say: announce } = useAnnouncer()
  const { made, editing, standing } = lab.workbench
  const before = lab.scenarios.find(({ id }) => id === editing)
  const firstPlace = standing
    .map(({ rule }) => rule.where)
    .find((where) => where.startsWith('place:'))
    ?.slice('place:'.length)
  const [title, setTitle] = useState(before?.title ?? '')
  const [demand, setDemand] = useState(before?.demand ?? '')
  const [hit, setHit] = useState(before?.hit ?? '')
  const [tryThis, setTryThis] = useState(before?.tryThis ?? '')
  const [vantage, setVantage] = useState(before?.vantage ?? firstPlace ?? here)
  const [elsewhere, setElsewhere] = useState(
    lab.vantages.find(({ id, country }) => country !== countryOf(lab, vantage) && id !== vantage)?.id ?? vantage,
  )
  const [timing, setTiming] = useState<'made' | 'once'>('made')
  const [seconds, setSeconds] = useState<readonly string[]>(made.map(({ atMs }) => String(Math.round(atMs / 100) / 10)))
  const [left, setLeft] = useState<readonly number[]>([])
  const [expected, setExpected] = useState<Readonly<Partial<Record<Plane, string>>>>({})
  const [replace, setReplace] = useState(editing !== null)
  const [asked, setAsked] = useState(false)
  const [result, setResult] = useState<KeepResult | null>(null)

  const isTime = (text: string) => text.trim() !== '' && Number(text) >= 0 && Number(text) <= LONGEST_S
  const timesHold = timing === 'once' || seconds.every((each, i) => left.includes(i) || isTime(each))
  const keep = async () => {
    setAsked(true)
    if (title.trim() === '' || !timesHold) return
    const wish: ScenarioWish = {
      title,
      demand,
      hit,
      tryThis,
      vantage,
      elsewhere,
      times: timing === 'once' ? null : seconds.map((each, i) => (left.includes(i) ? -1 : Math.round(Number(each) * 1000))),
      expected: planes.flatMap((plane) => {
        const finding = findings.find((each) => each === expected[plane])
        return finding ? [{ plane, finding }] : []
      }),
      replace: replace ? editing : null,
    }
    const answer = await call('lab.keep', wish)
    setResult(answer)
    if (answer?.result !== 'kept') return
    announce(t('keptAs'))
    onClose()
  }
  return (
    <Dialog
      title={t('save')}
      wide
      onClose={onClose}
      actions={
        <Button look="primary" onClick={() => void keep()}>
          {t('keepDo')}
        </Button>
      }
    >
      <Field
        label={t('keepTitle')}
        hint={t('keepTitleHint')}
        fault={asked && title.trim() === '' ? t('keepTitleMissing') : null}
        maxLength={MAX_TITLE}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        data-autofocus=""
      />
      {before && (
        <Check checked={replace} onChange={setReplace}>
          {t('keepReplace', { title: isolated(before.title) })}
        </Check>
      )}
      <Choice
        label={t('keepTimes')}
        options={[
          { value: 'made', label: t('keepAsMade') },
          { value: 'once', label: t('keepAtOnce') },
        ]}
        value={timing}
        onChange={setTiming}
      />
      {timing === 'made' && (
        <ol className={styles.moves} aria-label={t('keepMoves')}>
          {made.map((move, i) => {
            const words = move.does === 'off' ? t('keepLifted', { what: move.label }) : move.label
            const isOut = left.includes(i)
            const isWrong = asked && !isOut && !isTime(seconds[i] ?? '')
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same rule may be made twice, and the list does not change while it is open
              <li key={i}>
                <Check checked={!isOut} onChange={(on) => setLeft(on ? left.filter((each) => each !== i) : [...left, i])}>
                  <Told>{words}</Told>
                </Check>
                <input
                  inputMode="decimal"
                  dir="ltr"
                  aria-label={t('keepMoveTime', { what: words })}
                  aria-invalid={isWrong || undefined}
                  disabled={isOut}
                  value={seconds[i] ?? ''}
                  onChange={(event) => setSeconds(seconds.with(i, event.target.value))}
                />
              </li>
            )
          })}
        </ol>
      )}
      {asked && !timesHold && <p className={styles.fault}>{t('keepTimeFault', { max: LONGEST_S })}</p>}
      <PlaceField label={t('keepVantage')} lab={lab} value={vantage} onChange={setVantage} />
      <PlaceField label={t('keepElsewhere')} lab={lab} value={elsewhere} onChange={setElsewhere} />
      <Disclosure summary={t('more')}>
        <div className={styles.bench}>
          <Field
            label={t('keepDemand')}
            hint={t('keepDemandHint')}
            maxLength={1000}
            value={demand}
            onChange={(event) => setDemand(event.target.value)}
          />
          <Field
            label={t('keepHit')}
            hint={t('keepHitHint')}
            maxLength={1000}
            value={hit}
            onChange={(event) => setHit(event.target.value)}
          />
          <Field
            label={t('keepTry')}
            hint={t('keepTryHint')}
            maxLength={MAX_TITLE}
            value={tryThis}
            onChange={(event) => setTryThis(event.target.value)}
          />
          <h3>{t('keepExpected')}</h3>
          <Quiet>{t('keepExpectedHelp')}</Quiet>
          {planes.map((plane) => (
            <FindingField
              key={plane}
              label={t(`plane.${plane}`)}
              value={expected[plane] ?? ''}
              onChange={(finding) => setExpected({ ...expected, [plane]: finding })}
            />
          ))}
        </div>
      </Disclosure>
      <div role="alert">{result && <ResultWords result={result} />}</div>
    </Dialog>
  )
}

function PlaceField({ label, lab, value, onChange }: { label: string; lab: LabState; value: string; onChange: (id: string) => void }) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} className={labStyles.select} value={value} onChange={(event) => onChange(event.target.value)}>
        {lab.vantages.map((place) => (
          <option key={place.id} value={place.id} lang="en" dir="ltr">
            {place.title}
          </option>
        ))}
      </select>
    </div>
  )
}

function FindingField({ label, value, onChange }: { label: string; value: string; onChange: (finding: string) => void }) {
  const { t } = useTranslation('workbench')
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} className={labStyles.select} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t('notJudged')}</option>
        {findings.map((finding) => (
          <option key={finding} value={finding}>
            {t(`finding.${finding}`)}
          </option>
        ))}
      </select>
    </div>
  )
}

function countryOf(lab: LabState, place: string): string | undefined {
  return lab.vantages.find(({ id }) => id === place)?.country
}
