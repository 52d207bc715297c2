/** What the signs on the map mean, and in words what stands in the way right now. */
import { useTranslation } from 'react-i18next'
import type { Gate, LabState } from '../../../../shared/contract/lab.ts'
import { useFormat } from '../../i18n/format.ts'
import { isolated } from '../../i18n/isolated.ts'
import { Chip } from '../../ui/chip.tsx'
import { Told } from '../../ui/told.tsx'
import { GateGlyph } from './gate-glyph.tsx'
import styles from './map.module.css'

export function MapKey({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const format = useFormat()
  const gates = alike(lab.gates)
  const title = (id: string) => lab.nodes.find((node) => node.id === id)?.title ?? id
  return (
    <div className={styles.key}>
      <ul className={styles.signs}>
        <li className={styles.inner} data-kind="service">
          <span className={styles.square} /> {t('keyService')}
        </li>
        <li className={styles.inner} data-kind="neighbour">
          <span className={styles.square} /> {t('keyNeighbour')}
        </li>
        <li className={styles.inner} data-kind="proxy">
          <span className={styles.square} /> {t('keyProxy')}
        </li>
        <li className={styles.inner} data-kind="resolver">
          <span className={styles.square} /> {t('keyLookup')}
        </li>
        <li className={styles.inner} data-kind="neighbour" data-down="true">
          <span className={styles.square} /> <span>{t('keyDown')}</span>
        </li>
        <li className={styles.inner} data-kind="service" data-unused="true">
          <span className={styles.square} /> {t('keyUnused')}
        </li>
      </ul>
      {gates.length > 0 && (
        <ul className={styles.gates} aria-label={t('legend')}>
          {gates.map(([gate, at]) => (
            <li key={gate.id}>
              <svg className={styles.gate} data-by={gate.by} viewBox="-12 -12 24 24" width={24} height={24} aria-hidden="true">
                <rect x={-11} y={-11} width={22} height={22} />
                <GateGlyph act={gate.act} />
              </svg>
              <Told>{gate.label}</Told>
              <span className={styles.at}>{format.list(at.map((id) => isolated(title(id))))}</span>
              {gate.by === 'you' && <Chip tone="detour">{t('byYou')}</Chip>}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** Gates that do the same, with all the places they stand at. */
function alike(gates: LabState['gates']): readonly (readonly [Gate, readonly string[]])[] {
  const found = new Map<string, [Gate, string[]]>()
  for (const gate of gates) {
    const key = `${gate.act} ${gate.by} ${gate.label}`
    const same = found.get(key)
    if (same) same[1].push(gate.at)
    else found.set(key, [gate, [gate.at]])
  }
  return [...found.values()]
}
