/** The map as tables: the same facts and the same actions, for keyboards, screen readers and small windows. */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useCall } from '../../state/backend.ts'
import { displayName } from './display-name.ts'
import styles from './lab.module.css'
import { mapModel } from './map-model.ts'

export function MapTable({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const model = mapModel(lab)
  return (
    <div className={styles.tables}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('person')}</th>
            <th scope="col">{t('moveHere')}</th>
          </tr>
        </thead>
        <tbody>
          {lab.clients.map((client) => (
            <tr key={client.name}>
              <th scope="row">{displayName(client.name)}</th>
              <td>
                <select
                  className={styles.select}
                  aria-label={t('placeOf', { name: displayName(client.name) })}
                  value={client.vantage}
                  onChange={(event) => void call('lab.place', { client: client.name, vantage: event.target.value })}
                >
                  {lab.vantages.map((vantage) => (
                    <option key={vantage.id} value={vantage.id}>
                      {vantage.title}
                    </option>
                  ))}
                </select>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className={styles.table}>
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
                  {place.vantage.title}
                  {place.people.length > 0 && (
                    <span className={styles.here}>{place.people.map((person) => displayName(person.name)).join(', ')}</span>
                  )}
                </th>
                <td>{row.provider.title}</td>
                <td>{row.gates.length === 0 ? t('nothingInTheWay') : row.gates.map((gate) => gate.label).join(' ')}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
      <table className={styles.table}>
        <caption>{t('lives')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('cloud')}</th>
            <th scope="col">{t('name')}</th>
            <th scope="col">{t('state')}</th>
          </tr>
        </thead>
        <tbody>
          {model.boxes.flatMap(({ node, inside }) =>
            (inside.length === 0 ? [node] : inside).map((inner) => (
              <tr key={inner.id} data-down={!inner.up || undefined}>
                <td>{node.title}</td>
                <th scope="row">
                  {inner.title} <span className={styles.quiet}>{t(`kind.${inner.kind}`)}</span>
                </th>
                <td>{t(inner.up ? 'up' : 'down')}</td>
              </tr>
            )),
          )}
          {model.sidings.map((siding) => (
            <tr key={siding.id}>
              <td>{t('kind.falsepage')}</td>
              <th scope="row">{siding.title}</th>
              <td>{t('recordedCount', { count: siding.counter ?? lab.tracker?.total ?? 0 })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
