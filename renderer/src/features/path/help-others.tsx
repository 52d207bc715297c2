/** "Help others connect": a bridge that this computer runs for those who have its link, if the person agrees. Absent where the shell cannot. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BridgeState } from '../../../../shared/contract/bridge.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall, useHasGroup } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './help-others.module.css'
import { HelpOthersDialog } from './help-others-dialog.tsx'
import { LinkBox } from './link-box.tsx'

const GIGABYTE = 1e9

export function HelpOthers() {
  const { t } = useTranslation('bridge')
  const isHere = useHasGroup('bridge')
  const bridge = useApp((state) => state.bridge)
  const [isAsking, setAsking] = useState(false)
  if (!isHere || !bridge) return null
  return (
    <Section title={t('title')}>
      <Quiet>{t('help')}</Quiet>
      {bridge.fault && (
        <p className={styles.fault} role="alert">
          {t(`fault.${bridge.fault}`)}
        </p>
      )}
      {bridge.state === 'on' ? (
        <Running bridge={bridge} />
      ) : (
        <div className={styles.row}>
          <p role="status">{t(bridge.state)}</p>
          <Button disabled={bridge.state === 'starting'} onClick={() => setAsking(true)}>
            {t('switchOn')}
          </Button>
        </div>
      )}
      {isAsking && <HelpOthersDialog limits={bridge.limits} onClose={() => setAsking(false)} />}
    </Section>
  )
}

function Running({ bridge: { link, reach, limits, counts } }: { bridge: BridgeState }) {
  const { t } = useTranslation('bridge')
  const format = useFormat()
  const call = useCall()
  return (
    <>
      <p>{t('on')}</p>
      {reach && <p>{t(`reach.${reach}`)}</p>}
      {link && (
        <LinkBox label={t('link')} link={link}>
          <Button onClick={() => void call('bridge.stop', {})}>{t('switchOff')}</Button>
        </LinkBox>
      )}
      <dl className={styles.counts}>
        <dt>{t('now')}</dt>
        <dd>{format.number(counts.now)}</dd>
        <dt>{t('served')}</dt>
        <dd>{format.number(counts.served)}</dd>
        <dt>{t('turnedAway')}</dt>
        <dd>{format.number(counts.turnedAway)}</dd>
        <dt>{t('bytes')}</dt>
        <dd>{format.bytes(counts.bytes)}</dd>
        <dt>{t('month', { limit: format.bytes(limits.gigabytesPerMonth * GIGABYTE) })}</dt>
        <dd>{format.bytes(counts.bytesThisMonth)}</dd>
      </dl>
      <Quiet>{t('nobody')}</Quiet>
    </>
  )
}
