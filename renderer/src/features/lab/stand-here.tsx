/** Where the person of the running story stands, to be changed at once: what holds in one place is compared with another. */
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { isolated } from '../../i18n/isolated.ts'
import { useCall } from '../../state/backend.ts'
import { displayName } from '../../ui/display-name.ts'
import styles from './lab.module.css'
import { mapModel } from './map-model.ts'

export function StandHere({ lab, name }: { lab: LabState; name: string }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const id = useId()
  const stands = lab.clients.find((client) => client.name === name)?.vantage
  // The story's own places: those that are drawn.
  const places = mapModel(lab).rows.flatMap((row) => row.places.filter(({ node }) => node !== null).map(({ vantage }) => vantage))
  if (stands === undefined || places.length < 2) return null
  return (
    <p className={styles.where}>
      <label htmlFor={id}>{t('standsIn', { name: isolated(displayName(name)) })}</label>
      <select
        id={id}
        className={styles.select}
        value={stands}
        onChange={({ target }) => void call('lab.place', { client: name, vantage: target.value })}
      >
        {places.map((place) => (
          <option key={place.id} value={place.id} lang="en" dir="ltr">
            {place.title}
          </option>
        ))}
      </select>
    </p>
  )
}
