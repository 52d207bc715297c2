/** Switches a mechanism on, or changes one that stands: what it does, where, to whom, and its settings. */
import { type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../../shared/contract/lab.ts'
import type { FieldFault } from '../../../../../shared/contract/workbench.ts'
import {
  type CensorMechanism,
  censorMechanismIds,
  mechanismGroups,
  mechanismOf,
  plainAims,
  type SettingName,
} from '../../../../../shared/contract/workbench-mechanisms.ts'
import { useCall } from '../../../state/backend.ts'
import { useAnnouncer } from '../../../ui/announcer.tsx'
import { Button } from '../../../ui/button.tsx'
import { Disclosure, Quiet } from '../../../ui/page.tsx'
import labStyles from '../lab.module.css'
import { counts, draftOf, faultsIn, type RuleDraft, ruleOf } from './form-model.ts'
import { SettingField } from './setting-field.tsx'
import { useFaultWords } from './words.ts'
import styles from './workbench.module.css'

interface RuleFormProps {
  lab: LabState
  draft: RuleDraft
  onChange: (draft: RuleDraft) => void
  /** It stands, or the person thought better of it. */
  onDone: () => void
}

export function RuleForm({ lab, draft, onChange, onDone }: RuleFormProps) {
  const { t } = useTranslation('workbench')
  const call = useCall()
  const { say: announce } = useAnnouncer()
  const say = useFaultWords()
  const id = useId()
  const [told, setTold] = useState<readonly FieldFault[]>([])
  const mechanism = mechanismOf(draft.mechanism)
  const change = (next: RuleDraft) => {
    // A fault goes with the value that had it.
    if (told.length > 0) setTold(faultsIn(next))
    onChange(next)
  }
  const faultOf = (field: string) => told.find((fault) => fault.field === field)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const found = faultsIn(draft)
    const answer = found.length > 0 ? { faults: found } : await call('lab.impose', { id: draft.id, rule: ruleOf(draft) })
    if (!answer) return
    setTold(answer.faults)
    const [first] = answer.faults
    if (first) announce(say(first))
    else {
      announce(t('switchedOn'))
      onDone()
    }
  }
  const field = (name: SettingName) =>
    counts(name, draft.raw) && (
      <SettingField
        key={name}
        name={name}
        value={draft.raw[name]}
        fault={faultOf(name)}
        onChange={(value) => change({ ...draft, raw: { ...draft.raw, [name]: value } })}
      />
    )
  const problem = (name: 'where' | 'aim') => {
    const fault = faultOf(name)
    return fault && <p className={styles.fault}>{say(fault)}</p>
  }
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <div className={styles.field}>
        <label htmlFor={`${id}-what`}>{t('what')}</label>
        <select
          id={`${id}-what`}
          className={labStyles.select}
          value={draft.mechanism}
          aria-describedby={`${id}-help`}
          onChange={(event) => {
            const chosen = censorMechanismIds.find((each) => each === event.target.value)
            if (chosen) change(draftOf(lab, draft.where, chosen, draft))
          }}
        >
          {mechanismGroups.map((group) => (
            <optgroup key={group} label={t(`group.${group}`)}>
              {censorMechanismIds
                .filter((each: CensorMechanism) => mechanismOf(each).group === group)
                .map((each) => (
                  <option key={each} value={each}>
                    {t(`mech.${each}`)}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
        <p id={`${id}-help`} className={styles.hint}>
          {t(`mechHelp.${draft.mechanism}`)} {t('term', { term: t(`mechTerm.${draft.mechanism}`) })}
        </p>
      </div>
      {draft.mechanism !== 'overload' && (
        <div className={styles.field}>
          <label htmlFor={`${id}-where`}>{t('where')}</label>
          <select
            id={`${id}-where`}
            className={labStyles.select}
            value={draft.where}
            onChange={(event) => change({ ...draft, where: event.target.value })}
          >
            <Places lab={lab} />
          </select>
          {problem('where')}
        </div>
      )}
      {mechanism.aims.length > 1 && (
        <div className={styles.field}>
          <label htmlFor={`${id}-aim`}>{t('aim')}</label>
          <select
            id={`${id}-aim`}
            className={labStyles.select}
            value={draft.aim}
            onChange={(event) => change({ ...draft, aim: event.target.value })}
          >
            <Aims lab={lab} mechanism={draft.mechanism} />
          </select>
          {problem('aim')}
        </div>
      )}
      {mechanism.settings.map(field)}
      {mechanism.more.length > 0 && (
        <div className={styles.wide}>
          <Disclosure summary={t('more')}>
            <div className={styles.more}>{mechanism.more.map(field)}</div>
          </Disclosure>
        </div>
      )}
      {told.some(({ field: name }) => mechanism.more.some((each) => each === name)) && (
        <Quiet role="status">{told.map(say).join(' ')}</Quiet>
      )}
      <div className={styles.actions}>
        <Button look="primary" type="submit">
          {t(draft.id === null ? 'switchOn' : 'apply')}
        </Button>
        <Button onClick={onDone}>{t('cancel')}</Button>
      </div>
    </form>
  )
}

function Places({ lab }: { lab: LabState }) {
  const { t } = useTranslation('workbench')
  const countries = [...new Set(lab.vantages.map(({ country }) => country))]
  const names = useCountries()
  return countries.map((country) => {
    const places = lab.vantages.filter((vantage) => vantage.country === country)
    return (
      <optgroup key={country} label={names(country)}>
        {places.length > 1 && <option value={`country:${country}`}>{t('wholeCountry', { country: names(country) })}</option>}
        {places.map((place) => (
          <option key={place.id} value={`place:${place.id}`} lang="en" dir="ltr">
            {place.title}
          </option>
        ))}
      </optgroup>
    )
  })
}

/** Countries are codes in the world's file. */
function useCountries(): (code: string) => string {
  const { i18n } = useTranslation()
  return (code) => {
    if (!/^[A-Z]{2}$/.test(code)) return code
    return new Intl.DisplayNames([i18n.language === 'pseudo' ? 'en' : i18n.language], { type: 'region' }).of(code) ?? code
  }
}

function Aims({ lab, mechanism }: { lab: LabState; mechanism: CensorMechanism }) {
  const { t } = useTranslation('workbench')
  const { aims } = mechanismOf(mechanism)
  const plain = plainAims.filter((aim) => aims.some((each) => each === aim))
  const { clouds, neighbours } = lab.workbench
  return (
    <>
      <optgroup label={t('aimOurs')}>
        {plain.map((aim) => (
          <option key={aim} value={aim}>
            {t(`aim.${aim}`)}
          </option>
        ))}
      </optgroup>
      {aims.includes('cloud') && (
        <optgroup label={t('aimClouds')}>
          {clouds.map(({ id, title }) => (
            <option key={id} value={`cloud:${id}`} lang="en" dir="ltr">
              {title}
            </option>
          ))}
        </optgroup>
      )}
      {aims.includes('neighbour') && (
        <optgroup label={t('aimNeighbours')}>
          {neighbours.map(({ id, title }) => (
            <option key={id} value={`neighbour:${id}`} lang="en" dir="ltr">
              {title}
            </option>
          ))}
        </optgroup>
      )}
    </>
  )
}
