/** The line, large: the drawing with its labels for those who see, the same as an ordered list for those who listen. */
import { useTranslation } from 'react-i18next'
import { classNames } from '../class-names.ts'
import styles from './line.module.css'
import { type LabelId, type LineLayout, lineLayout, UPRIGHT_BELOW } from './line-layout.ts'
import type { LineModel } from './line-model.ts'
import { detourTags, lineSentences, lookupTags, type PathKey, troubleTags } from './line-words.ts'
import { Strokes } from './strokes.tsx'
import { usePageDirection, useWidth } from './use-page.ts'

export function Line({ model }: { model: LineModel }) {
  const { t } = useTranslation('path')
  const dir = usePageDirection()
  const { ref, width } = useWidth<HTMLDivElement>(880)
  const orientation = width < UPRIGHT_BELOW ? 'vertical' : 'horizontal'
  const layout = lineLayout(model, { size: 'large', orientation, dir, width })
  return (
    <div ref={ref} className={styles.figure}>
      <ol className="hidden-text" aria-label={t('line.label')}>
        {lineSentences(model).map((sentence) => (
          <li key={sentence}>{t(sentence, { end: t(`stop.end.${model.plane}`) })}</li>
        ))}
      </ol>
      <div aria-hidden="true">
        <svg className={styles.large} width={width} height={layout.height} viewBox={`0 0 ${width} ${layout.height}`} aria-hidden="true">
          <Strokes model={model} layout={layout} r={8} />
        </svg>
        {layout.labels.map((label) => (
          <Label key={label.id} label={label} model={model} dir={dir} width={width} />
        ))}
      </div>
    </div>
  )
}

function Label({ label, model, dir, width }: { label: LineLayout['labels'][number]; model: LineModel; dir: 'ltr' | 'rtl'; width: number }) {
  const { t } = useTranslation('path')
  const { title, tags, look } = words(label.id, model)
  const centred = label.side !== 'beside'
  const place = {
    insetInlineStart: (dir === 'rtl' ? width - label.at.x : label.at.x) - (centred ? label.room / 2 : 0),
    insetBlockStart: label.at.y,
    inlineSize: label.room,
  }
  return (
    <div className={classNames(styles.label, styles[label.side], look && styles[look])} style={place}>
      {title && <b>{t(title)}</b>}
      {tags.map((tag) => (
        <span key={tag}>{t(tag)}</span>
      ))}
    </div>
  )
}

function words(
  id: LabelId,
  model: LineModel,
): { title: PathKey | null; tags: readonly PathKey[]; look?: 'trouble' | 'open' | 'detourLabel' } {
  switch (id) {
    case 'lookup': {
      const tags = lookupTags(model)
      return { title: 'stop.lookup', tags, ...(tags.length > 0 && { look: 'trouble' as const }) }
    }
    case 'instead':
      return { title: 'stop.instead', tags: [], look: 'detourLabel' }
    case 'helper':
      return model.detour?.kind === 'proxy'
        ? { title: 'stop.helper', tags: model.detour.state === 'trying' ? ['tag.trying'] : [], look: 'detourLabel' }
        : { title: null, tags: detourTags(model), look: 'detourLabel' }
    case 'trouble': {
      const [title, ...tags] = troubleTags(model)
      return { title: title ?? null, tags, look: model.trouble?.stroke === 'undecided' ? 'open' : 'trouble' }
    }
    case 'relay':
      return {
        title: `stop.end.${model.plane}`,
        tags: model.stops.some((stop) => stop.id === 'relay' && stop.state === 'reached') ? ['tag.proven'] : [],
      }
    default:
      return { title: `stop.${id}`, tags: [] }
  }
}
