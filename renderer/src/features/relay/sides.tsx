/** Cloud and secret chats side by side: what a request would get of either, in all and person by person. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { DataClass, Holdings, Sides } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { CloudAndSecret } from '../../ui/cloud-and-secret.tsx'
import { displayName } from '../../ui/display-name.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import { ClassChip } from './class-chip.tsx'
import styles from './sides.module.css'

export function SidesSection({ sides, kept }: { sides: Sides; kept: Holdings['kept'] }) {
  const { t } = useTranslation('relay')
  const format = useFormat()
  return (
    <Section title={t('sides')} help={t('sidesHelp')}>
      <Together sides={sides} />
      {kept && (
        <Quiet>
          {t('kept', { span: format.span(kept.keptMs), size: format.bytes(kept.mailboxBytes), wiped: format.span(kept.wipedWithinMs) })}
        </Quiet>
      )}
      {sides.people.length > 0 && (
        <>
          <h3>{t('people')}</h3>
          <ul className={styles.people}>
            {sides.people.map((person, i) => (
              <PersonRow key={person.handle} person={person} isFirst={i === 0} />
            ))}
          </ul>
        </>
      )}
      {sides.morePeople > 0 && <Quiet>{t('morePeople', { count: sides.morePeople })}</Quiet>}
    </Section>
  )
}

function Together({ sides: { people, files, packets, publicKeys } }: { sides: Sides }) {
  const { t } = useTranslation('relay')
  const format = useFormat()
  const messages = people.reduce((sum, { cloud }) => sum + cloud.messages, 0)
  const waiting = packets.toMe + packets.fromMe
  const lines = (...of: (string | false)[]) => of.filter((line) => line !== false)
  return (
    <CloudAndSecret
      cloud={
        <dl className={styles.classes}>
          <Of kind="content">
            {lines(messages > 0 && t('cloudContent', { count: messages }), files.open > 0 && t('cloudFiles', { count: files.open }))}
          </Of>
          <Of kind="metadata">{lines(messages > 0 && t('cloudMetadata'))}</Of>
          <Of kind="public-key">{[t('cloudKey')]}</Of>
        </dl>
      }
      secret={
        <dl className={styles.classes}>
          <Of kind="content">{[]}</Of>
          <Of kind="sealed">
            {lines(
              waiting > 0 && t('secretPackets', { count: waiting, size: format.bytes(packets.bytes) }),
              files.sealed > 0 && t('secretFiles', { count: files.sealed }),
            )}
          </Of>
          <Of kind="metadata">{[waiting > 0 ? t('secretMetadata', { count: waiting }) : t('secretMetadataNone')]}</Of>
          <Of kind="public-key">{lines(publicKeys > 1 && t('secretKeys', { count: publicKeys - 1 }))}</Of>
        </dl>
      }
    />
  )
}

/** `children`: sentences; without any there is nothing of this class. */
function Of({ kind, children }: { kind: DataClass; children: readonly string[] }) {
  const { t } = useTranslation('relay')
  return (
    <div>
      <dt>
        <ClassChip of={kind} />
      </dt>
      <dd>{children.length === 0 ? t('nothing') : children.map((line) => <p key={line}>{line}</p>)}</dd>
    </div>
  )
}

function PersonRow({ person, isFirst }: { person: Sides['people'][number]; isFirst: boolean }) {
  const { t } = useTranslation('relay')
  const format = useFormat()
  const { handle, cloud, secret } = person
  const name = displayName(handle)
  const from = (mine: boolean, at: number) => {
    const time = format.moment(at)
    return mine ? t('rowMine', { time }) : t('rowTheirs', { name, time })
  }
  return (
    <li>
      <details open={isFirst} className={styles.person}>
        <summary>
          <strong>{name}</strong>
          <span>{format.row([t('personCloud', { count: cloud.messages }), t('personSecret', { count: secret.packets })])}</span>
        </summary>
        <CloudAndSecret
          level={4}
          cloud={
            <Rows none={t('personNoCloud')}>
              {cloud.rows.map(({ at, mine, isFile, text }) => (
                <li key={`${at} ${text}`}>
                  <span className={styles.from}>{from(mine, at)}</span>
                  <span className={styles.words} dir="auto">
                    {isFile ? t('rowFile', { name: text }) : text}
                  </span>
                </li>
              ))}
            </Rows>
          }
          secret={
            <Rows none={t('personNoSecret')}>
              {secret.rows.map(({ at, mine, bytes, head }) => (
                <li key={`${at} ${head}`}>
                  <span className={styles.from}>{from(mine, at)}</span>
                  <span className={styles.words}>
                    {t('rowPacket', { size: format.bytes(bytes) })}{' '}
                    <bdi dir="ltr" className={styles.head}>
                      {`${head.slice(0, 16).replaceAll(/(..)(?=.)/g, '$1 ')} …`}
                    </bdi>
                  </span>
                </li>
              ))}
            </Rows>
          }
        />
      </details>
    </li>
  )
}

function Rows({ none, children }: { none: string; children: readonly ReactNode[] }) {
  return children.length === 0 ? <p className={styles.from}>{none}</p> : <ul className={styles.rows}>{children}</ul>
}
