/** One place on the map with the people who stand there. A person is moved by dragging the letter, or by its menu. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { isolated } from '../../i18n/isolated.ts'
import { useCall } from '../../state/backend.ts'
import { displayName } from '../../ui/display-name.ts'
import { Menu } from '../../ui/menu.tsx'
import { Told } from '../../ui/told.tsx'
import { useLooking } from './looking-back.ts'
import type { Rect } from './map-layout.ts'
import type { PlaceItem } from './map-model.ts'
import styles from './place-box.module.css'

const DRAGGED = 'text/x-throughline-person'

export function PlaceBox({ place, rect, lab }: { place: PlaceItem; rect: Rect; lab: LabState }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const { at } = useLooking()
  const [over, setOver] = useState(false)
  const { vantage } = place
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the second way; the menu of each person is the first
    <div
      className={styles.place}
      style={{ left: rect.x, top: rect.y, inlineSize: rect.width, blockSize: rect.height }}
      data-over={over || undefined}
      data-lived={place.people.length > 0 || undefined}
      onDragOver={(event) => {
        if (at !== null || !event.dataTransfer.types.includes(DRAGGED)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false)
        const client = event.dataTransfer.getData(DRAGGED)
        if (client !== '') void call('lab.place', { client, vantage: vantage.id })
      }}
    >
      <Told className={styles.placeName}>{vantage.title}</Told>
      {place.people.map((person) =>
        person.isPlain || at !== null ? (
          <span key={person.name} className={styles.token} title={person.isPlain ? t('side.plain') : displayName(person.name)}>
            <span aria-hidden="true">{person.letter}</span>
            <span className="hidden-text">{person.isPlain ? t('side.plain') : displayName(person.name)}</span>
          </span>
        ) : (
          // biome-ignore lint/a11y/noStaticElementInteractions: see above
          <span key={person.name} draggable onDragStart={(event) => event.dataTransfer.setData(DRAGGED, person.name)}>
            <Menu
              label={t('personAt', { name: displayName(person.name), place: vantage.title })}
              className={styles.token}
              items={lab.vantages
                .filter((other) => other.id !== vantage.id)
                .map((other) => ({
                  id: other.id,
                  label: t('moveTo', { place: isolated(other.title) }),
                  act: () => void call('lab.place', { client: person.name, vantage: other.id }),
                }))}
            >
              <span data-online={person.online}>{person.letter}</span>
            </Menu>
          </span>
        ),
      )}
    </div>
  )
}
