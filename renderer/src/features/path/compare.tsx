/** Two places beside each other: mine, and what somebody handed over as a file or another user of this lab found. */
import { type ChangeEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Comparison, Difference, PlaneComparison } from '../../../../shared/contract/compare.ts'
import { MAX_DIAGNOSTICS_CHARS } from '../../../../shared/contract/diagnostics.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Confidence } from '../../ui/confidence.tsx'
import { findingKeys } from '../../ui/line/finding-words.ts'
import { Disclosure, Quiet, Section } from '../../ui/page.tsx'
import styles from './compare.module.css'
import routes from './routes.module.css'

export function Compare() {
  const { t } = useTranslation('path')
  const call = useCall()
  const fileId = useId()
  const pasteId = useId()
  const [pasted, setPasted] = useState('')
  const [shown, setShown] = useState<{ comparison: Comparison; who: string } | null>(null)
  const self = useApp((state) => state.self?.handle)
  const users = useApp((state) => state.users)
  const others = useApp((state) => state.path?.network.kind === 'simulated') ? users.filter(({ handle }) => handle !== self) : []

  const compare = async (text: string, who: string) => {
    const comparison: Comparison | null =
      text.length > MAX_DIAGNOSTICS_CHARS ? { outcome: 'refused', reason: 'too-large' } : await call('path.compare', { text })
    if (comparison) setShown({ comparison, who })
  }
  const open = async (event: ChangeEvent<HTMLInputElement>) => {
    const { target } = event
    const file = target.files?.[0]
    if (!file) return
    // More than that is not even read.
    if (file.size > 4 * MAX_DIAGNOSTICS_CHARS) setShown({ comparison: { outcome: 'refused', reason: 'too-large' }, who: '' })
    else await compare(await file.text(), '')
    target.value = ''
  }
  const withUser = async (handle: string) => {
    const made = await call('users.diagnostics', { handle })
    if (made) await compare(made.text, handle)
  }
  return (
    <Section title={t('compare')}>
      <Quiet>{t('compareHelp')}</Quiet>
      <div className={routes.acts}>
        {others.map(({ handle }) => (
          <Button key={handle} onClick={() => void withUser(handle)}>
            {t('compareWith', { name: handle })}
          </Button>
        ))}
        <label htmlFor={fileId} className={routes.open}>
          {t('compareFile')}
          <input
            id={fileId}
            type="file"
            className="hidden-text"
            accept=".json,application/json,text/plain"
            onChange={(event) => void open(event)}
          />
        </label>
      </div>
      <Disclosure summary={t('comparePaste')}>
        <form
          className={styles.paste}
          onSubmit={(event) => {
            event.preventDefault()
            void compare(pasted, '')
          }}
        >
          <label htmlFor={pasteId} className="hidden-text">
            {t('comparePasteLabel')}
          </label>
          <textarea id={pasteId} dir="ltr" rows={4} spellCheck={false} value={pasted} onChange={(event) => setPasted(event.target.value)} />
          <Button type="submit" disabled={pasted.trim() === ''}>
            {t('compareDo')}
          </Button>
        </form>
      </Disclosure>
      <div role="status">{shown && <Compared comparison={shown.comparison} who={shown.who} />}</div>
    </Section>
  )
}

function Compared({ comparison, who }: { comparison: Comparison; who: string }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  if (comparison.outcome === 'refused') return <p>{t(`compareRefused.${comparison.reason}`)}</p>
  const { planes, theirsAt, theirNetwork } = comparison
  return (
    <div className={styles.compared}>
      <p className={styles.meta}>
        <span>{who === '' ? t('compareThere', { time: format.moment(theirsAt) }) : t('compareThereUser', { name: who })}</span>
        {theirNetwork === 'simulated' && <Chip>{t('simulatedEntry')}</Chip>}
      </p>
      <ul>
        {planes.map((plane) => (
          <ComparedPlane key={plane.plane} compared={plane} />
        ))}
      </ul>
    </div>
  )
}

function ComparedPlane({ compared }: { compared: PlaneComparison }) {
  const { t } = useTranslation('path')
  const { plane, mine, theirs, isSame, differences } = compared
  return (
    <li className={styles.plane}>
      <h3>
        {t(`plane.${plane}`)} {isSame && <Chip>{t('compareSame')}</Chip>}
      </h3>
      <div className={styles.sides}>
        <Side title={isSame ? null : t('compareHere')} plane={plane} side={mine} />
        {!isSame && <Side title={t('compareOther')} plane={plane} side={theirs} />}
      </div>
      {differences.length > 0 && (
        <ul className={styles.differences}>
          {differences.map((difference) => (
            <DifferenceItem key={`${difference.what} ${difference.about}`} difference={difference} />
          ))}
        </ul>
      )}
    </li>
  )
}

function Side({ title, plane, side }: { title: string | null; plane: PlaneComparison['plane']; side: PlaneComparison['mine'] }) {
  const { t } = useTranslation('path')
  return (
    <div className={styles.side}>
      {title !== null && <h4>{title}</h4>}
      {side === null ? <p>{t('compareNothing')}</p> : findingKeys({ plane, ...side }).map((key) => <p key={key}>{t(key)}</p>)}
      {side !== null && side.kind !== 'ok' && <Confidence word={side.word} />}
    </div>
  )
}

function DifferenceItem({ difference }: { difference: Difference }) {
  const { t } = useTranslation('path')
  const { what, about, mine, theirs, decides } = difference
  return (
    <li data-decides={decides || undefined}>
      <p>
        {t(`compared.${what}`)} <bdi dir="ltr">{about}</bdi>
        {decides && <b> {t('compareDecides')}</b>}
      </p>
      <dl className={styles.pair}>
        <div>
          <dt>{t('compareHere')}</dt>
          <dd>{t(`came.${mine}`)}</dd>
        </div>
        <div>
          <dt>{t('compareOther')}</dt>
          <dd>{t(`came.${theirs}`)}</dd>
        </div>
      </dl>
    </li>
  )
}
