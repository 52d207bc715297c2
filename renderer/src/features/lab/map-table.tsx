/** The map as tables: the same facts and the same actions, for keyboards, screen readers and small windows. */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { classNames } from '../../ui/class-names.ts'
import { displayName } from '../../ui/display-name.ts'
import tableStyles from '../../ui/table.module.css'
import { Told } from '../../ui/told.tsx'
import styles from './lab.module.css'
import { useLooking } from './looking-back.ts'
import { hasFallen, mapModel, type ProviderRow } from './map-model.ts'
import { peopleOf } from './people.ts'

export function MapTable({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const { at } = useLooking()
  const format = useFormat()
  const model = mapModel(lab)
  const inTheWayOf = (row: ProviderRow) => {
    const ways = model.exchanges.filter(({ id }) => model.edges.some(({ from, to }) => from === row.provider.id && to === id))
    return [...row.gates, ...ways.flatMap(({ gates }) => gates)].map(({ label }) => label)
  }
  return (
    <div className={styles.tables}>
      <table className={classNames(tableStyles.table, styles.table)}>
        <thead>
          <tr>
            <th scope="col">{t('person')}</th>
            <th scope="col">{t('moveHere')}</th>
          </tr>
        </thead>
        <tbody>
          {peopleOf(lab).map((client) => (
            <tr key={client.name}>
              <th scope="row">{displayName(client.name)}</th>
              <td>
                <select
                  className={styles.select}
                  aria-label={t('placeOf', { name: displayName(client.name) })}
                  value={client.vantage}
                  disabled={at !== null}
                  onChange={(event) => void call('lab.place', { client: client.name, vantage: event.target.value })}
                >
                  {lab.vantages.map((vantage) => (
                    <option key={vantage.id} value={vantage.id} lang="en" dir="ltr">
                      {vantage.title}
                    </option>
                  ))}
                </select>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className={classNames(tableStyles.table, styles.table)}>
        <thead>
          <tr>
            <th scope="col">{t('moveHere')}</th>
            <th scope="col">{t('provider')}</th>
            <th scope="col">{t('inTheWay')}</th>
          </tr>
        </thead>
        <tbody>
          {model.rows.flatMap((row) =>
            row.places.map((place) => (
              <tr key={place.vantage.id}>
                <th scope="row">
                  <Told>{place.vantage.title}</Told>
                  {place.people.length > 0 && (
                    <span className={styles.here}>
                      {format.list(place.people.map((person) => (person.isPlain ? t('side.plain') : displayName(person.name))))}
                    </span>
                  )}
                </th>
                <td>
                  <Told>{row.provider.title}</Told>
                </td>
                <td>{inTheWayOf(row).length === 0 ? t('nothingInTheWay') : <Told>{inTheWayOf(row).join(' ')}</Told>}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
      <table className={classNames(tableStyles.table, styles.table)}>
        <caption>{t('lives')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('cloud')}</th>
            <th scope="col">{t('name')}</th>
            <th scope="col">{t('state')}</th>
          </tr>
        </thead>
        <tbody>
          {model.boxes.flatMap(({ node, inside, gates }) =>
            (inside.length === 0 ? [node] : inside).map((inner) => (
              <tr key={inner.id} data-down={hasFallen(inner) || undefined}>
                <td>
                  <Told>{node.title}</Told>
                  {gates.length > 0 && (
                    <span className={styles.here}>
                      <Told>{gates.map((gate) => gate.label).join(' ')}</Told>
                    </span>
                  )}
                </td>
                <th scope="row">
                  <Told>{inner.title}</Told> <span className={styles.quiet}>{t(`kind.${inner.kind}`)}</span>
                </th>
                <td>{t(inner.up ? 'up' : hasFallen(inner) ? 'down' : 'notThere')}</td>
              </tr>
            )),
          )}
          {model.sidings.map((siding) => (
            <tr key={siding.id}>
              <td>{t('kind.falsepage')}</td>
              <th scope="row">
                <Told>{siding.title}</Told>
              </th>
              <td>{t('recordedCount', { count: siding.counter ?? lab.tracker?.total ?? 0 })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
