/** Always in sight: the line, and in one or two sentences how we are connected and what the trouble is. */
import { useTranslation } from 'react-i18next'
import type { PathState } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall, useDispatch } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Confidence } from '../../ui/confidence.tsx'
import { LineMini } from '../../ui/line/line-mini.tsx'
import { planeShown } from '../../ui/line/line-model.ts'
import { useNow } from '../../ui/line/use-now.ts'
import styles from './header.module.css'
import { type HeaderSentence, headerSentences } from './sentences.ts'
import { useSettledAnnouncement } from './use-settled-announcement.ts'

export function Header() {
  const { t } = useTranslation('header')
  const path = useApp((state) => state.path)
  const dispatch = useDispatch()
  return (
    <section className={styles.header} aria-label={t('headerLabel')}>
      {path && (
        <>
          <button
            type="button"
            className={styles.line}
            data-tour="line"
            aria-label={t('openPath')}
            title={t('openPath')}
            onClick={() => dispatch({ type: 'view.opened', view: 'path' })}
          >
            <LineMini path={path} plane={planeShown(path)} width={120} />
          </button>
          <Sentences path={path} />
        </>
      )}
    </section>
  )
}

function Sentences({ path }: { path: PathState }) {
  // Something counts down or is only told for a while.
  const now = useNow(1_000, path.status === 'looking' || path.returning !== null || path.lastSwitch !== null || path.nextTryAt !== null)
  const sentences = headerSentences(path, now)
  const words = useWords()
  useSettledAnnouncement(identityOf(sentences), sentences.map(words).join(' '))
  return (
    <p className={styles.sentences}>
      {sentences.map((sentence) => (
        <span key={sentence.key} className={styles.sentence}>
          {words(sentence)} <Confidence word={sentence.confidence} /> <Action of={sentence} />
        </span>
      ))}
    </p>
  )
}

/** That a try ended and the next is due is no news: it would be told every few seconds. */
function identityOf(sentences: readonly HeaderSentence[]): string {
  return sentences
    .filter(({ key }) => key !== 'nextTry')
    .map(({ key, confidence }) => `${key === 'waiting' ? 'lookingLonger' : key} ${confidence}`)
    .join()
}

function useWords(): (sentence: HeaderSentence) => string {
  const { t } = useTranslation('header')
  const format = useFormat()
  return ({ key, params }) => {
    const { ms = 0, holdMs = 0, leftMs = 0, skewMs, count = 0 } = params
    return t(key, {
      count,
      duration: skewMs === undefined ? format.seconds(ms) : format.span(skewMs),
      hold: format.span(holdMs),
      left: format.span(leftMs),
    })
  }
}

function Action({ of: { action } }: { of: HeaderSentence }) {
  const { t } = useTranslation('header')
  const dispatch = useDispatch()
  const call = useCall()
  switch (action) {
    case null:
      return null
    case 'return':
      return <Button onClick={() => void call('path.return', {})}>{t('moveNow')}</Button>
    case 'retry':
      return (
        <Button look="quiet" onClick={() => void call('path.retry', {})}>
          {t('tryNow')}
        </Button>
      )
    case 'details':
      return (
        <Button look="quiet" onClick={() => dispatch({ type: 'view.opened', view: 'path' })}>
          {t('details')}
        </Button>
      )
  }
}
