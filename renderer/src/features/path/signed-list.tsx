/** The signed list of ways: how old, where from, what each channel last said; look for a newer one, and hand it to a friend. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { contract } from '../../../../shared/contract/api.ts'
import type { BundleChannel } from '../../../../shared/contract/bundle.ts'
import type { Output } from '../../../../shared/contract/port.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Disclosure, Quiet, Section } from '../../ui/page.tsx'
import { LinkBox } from './link-box.tsx'
import styles from './routes.module.css'

type Share = Output<typeof contract, 'bundle.share'>

export function SignedList() {
  const { t } = useTranslation('path')
  const format = useFormat()
  const call = useCall()
  const bundle = useApp((state) => state.bundle)
  const [share, setShare] = useState<Share | null>(null)
  if (!bundle) return null
  const { version, takenFrom, takenAt, expires, isExpired, isLooking, shards, channels } = bundle
  const added = shards.reduce((sum, { ways }) => sum + ways, 0)
  return (
    <Section title={t('signedList')}>
      <Quiet>{t('signedListHelp')}</Quiet>
      <p className={styles.facts}>
        <span>{t('listVersion', { version: format.number(version) })}</span>
        {takenFrom && takenAt !== null && <span>{t(`listFrom.${takenFrom}`, { time: format.moment(takenAt) })}</span>}
        <span>{t(isExpired ? 'listExpired' : 'listExpires', { date: format.date(expires) })}</span>
        {added > 0 && <span>{t('listShards', { count: added })}</span>}
      </p>
      <div className={styles.acts}>
        <Button disabled={isLooking} onClick={() => void call('bundle.refresh', {})}>
          {t(isLooking ? 'listLooking' : 'listRefresh')}
        </Button>
        <Button onClick={() => void call('bundle.share', {}).then(setShare)}>{t('listShare')}</Button>
      </div>
      {share && (
        <>
          <p>{t(share.works === null ? 'listShared' : 'listSharedWorks')}</p>
          <LinkBox label={t('listShareLink')} link={share.link} />
        </>
      )}
      {channels.length > 0 && (
        <Disclosure summary={t('listChannels')}>
          <ul>
            {channels.map((channel) => (
              <Channel key={`${channel.channel} ${channel.id}`} channel={channel} />
            ))}
          </ul>
        </Disclosure>
      )}
    </Section>
  )
}

function Channel({ channel: { channel, id, last } }: { channel: BundleChannel }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  return (
    <li className={styles.facts}>
      <b>{t(`channel.${channel}`)}</b>
      {id !== '' && <bdi dir="ltr">{id}</bdi>}
      <span>{last ? `${format.moment(last.at)}: ${t(`saying.${last.said}`)}` : t('channelUnasked')}</span>
    </li>
  )
}
