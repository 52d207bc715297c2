/** The map and its table twin, one at a time: whoever cannot use one has the other, with the same actions. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useWidth } from '../../ui/line/use-page.ts'
import { Section } from '../../ui/page.tsx'
import { Switch } from '../../ui/switch.tsx'
import { AdaptivePanel } from './adaptive-panel.tsx'
import { CensorPanel } from './censor-panel.tsx'
import { useLooking } from './looking-back.ts'
import { LabMap } from './map.tsx'
import { MapKey } from './map-key.tsx'
import { MapTable } from './map-table.tsx'
import { Workbench } from './workbench/workbench.tsx'

/** Narrower than this the table comes first. */
const TABLE_FIRST = 560

export function MapPane({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const { at } = useLooking()
  const { ref, width } = useWidth<HTMLElement>(960)
  const [chosen, setChosen] = useState<'map' | 'table' | null>(null)
  const shown = chosen ?? (width < TABLE_FIRST ? 'table' : 'map')
  return (
    <Section
      ref={ref}
      title={t('map')}
      help={shown === 'map' && at === null && t('mapHelp')}
      beside={
        <Switch
          label={t('showAs')}
          options={[
            { value: 'map', label: t('asMap') },
            { value: 'table', label: t('asTable') },
          ]}
          value={shown}
          onChange={setChosen}
        />
      }
    >
      {at === null && (
        <>
          <CensorPanel lab={lab} />
          <AdaptivePanel lab={lab} />
          <Workbench lab={lab} />
        </>
      )}
      {shown === 'map' ? (
        <>
          <LabMap lab={lab} width={width} />
          <MapKey lab={lab} />
        </>
      ) : (
        <MapTable lab={lab} />
      )}
    </Section>
  )
}
