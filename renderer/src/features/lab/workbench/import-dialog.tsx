/** Brings in a story: a file that is chosen or dropped, or its text. What is wrong is told with its line, and then nothing has changed. */
import { type DragEvent, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type KeepResult, MAX_SCENARIO_BYTES } from '../../../../../shared/contract/workbench.ts'
import { useFormat } from '../../../i18n/format.ts'
import { isolated } from '../../../i18n/isolated.ts'
import { useCall } from '../../../state/backend.ts'
import { useAnnouncer } from '../../../ui/announcer.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Quiet } from '../../../ui/page.tsx'
import { saveAs } from '../../../ui/save-as.ts'
import { useFileFault } from './words.ts'
import styles from './workbench.module.css'

export function ImportDialog({ text: given = '', onClose }: { text?: string; onClose: () => void }) {
  const { t } = useTranslation('workbench')
  const call = useCall()
  const format = useFormat()
  const { say: announce } = useAnnouncer()
  const id = useId()
  const box = useRef<HTMLTextAreaElement>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(given)
  const [over, setOver] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const [result, setResult] = useState<KeepResult | null>(null)

  const take = (next: string) => {
    setText(next)
    setFault(null)
    setResult(null)
  }
  const send = async (content: string, twin: 'ask' | 'replace' | 'both') => {
    setFault(null)
    if (content.trim() === '') return setFault(t('importEmpty'))
    if (new Blob([content]).size > MAX_SCENARIO_BYTES) return setFault(t('importTooLarge', { size: format.bytes(MAX_SCENARIO_BYTES) }))
    // What one edits as text is one's own, and takes its place.
    const answer = await call('lab.import', { text: content, twin: given === '' ? twin : 'replace' })
    setResult(answer)
    if (answer?.result !== 'kept') return
    announce(t('importedAs'))
    onClose()
  }
  const read = async (file: File | undefined) => {
    if (!file) return
    if (file.size > MAX_SCENARIO_BYTES) return setFault(t('importTooLarge', { size: format.bytes(MAX_SCENARIO_BYTES) }))
    const content = await file.text().catch(() => null)
    if (content === null) return setFault(t('importUnread'))
    take(content)
    await send(content, 'ask')
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void read(event.dataTransfer.files[0])
  }
  const schema = async () => {
    const file = await call('lab.export', { id: 'schema' })
    if (file) saveAs(new Blob([file.text], { type: 'application/json' }), file.name)
  }
  const show = (line: number, column: number) => {
    const area = box.current
    if (!area) return
    const at = text
      .split('\n')
      .slice(0, line - 1)
      .reduce((sum, each) => sum + each.length + 1, 0)
    area.focus()
    area.setSelectionRange(at + column - 1, at + (text.split('\n')[line - 1] ?? '').length)
    // As far down as the line is, of all lines there are.
    area.scrollTop = Math.max(0, (line / text.split('\n').length) * area.scrollHeight - area.clientHeight / 2)
  }

  return (
    <Dialog
      title={t(given === '' ? 'import' : 'asText')}
      wide
      onClose={onClose}
      actions={
        <>
          <Button look="quiet" onClick={() => void schema()}>
            {t('schemaFile')}
          </Button>
          {result?.result === 'there' && (
            <>
              <Button onClick={() => void send(text, 'both')}>{t('keepBoth')}</Button>
              <Button look="danger" onClick={() => void send(text, 'replace')}>
                {t('replaceMine')}
              </Button>
            </>
          )}
          <Button look="primary" onClick={() => void send(text, 'ask')}>
            {t(given === '' ? 'importDo' : 'keepDo')}
          </Button>
        </>
      }
    >
      {given === '' && (
        <>
          <Quiet>{t('importHelp')}</Quiet>
          <div className={styles.actions}>
            <Button onClick={() => chooser.current?.click()}>{t('importFile')}</Button>
            <Quiet>{t('importDrop')}</Quiet>
          </div>
          <input
            ref={chooser}
            type="file"
            accept=".json,application/json"
            hidden
            onChange={(event) => {
              void read(event.target.files?.[0])
              event.target.value = ''
            }}
          />
        </>
      )}
      <div className={styles.field}>
        <label htmlFor={id}>{t('importText')}</label>
        <textarea
          ref={box}
          id={id}
          className={styles.text}
          dir="ltr"
          spellCheck={false}
          wrap="off"
          value={text}
          data-over={over || undefined}
          aria-describedby={`${id}-fault`}
          onChange={(event) => take(event.target.value)}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        />
      </div>
      <div id={`${id}-fault`} role="alert">
        {fault !== null && <p className={styles.fault}>{fault}</p>}
        {result && <ResultWords result={result} onShow={show} />}
      </div>
    </Dialog>
  )
}

/** Why nothing was kept. */
export function ResultWords({ result, onShow }: { result: KeepResult; onShow?: (line: number, column: number) => void }) {
  const { t } = useTranslation('workbench')
  const say = useFileFault()
  switch (result.result) {
    case 'kept':
      return null
    case 'there':
      return <p className={styles.fault}>{t('there', { title: isolated(result.title) })}</p>
    case 'full':
      return <p className={styles.fault}>{t('result.full', { most: result.most })}</p>
    case 'playing':
    case 'nothing':
      return <p className={styles.fault}>{t(`result.${result.result}`)}</p>
    case 'faulty':
      return (
        <div className={styles.faults}>
          <p>{t('faults', { count: result.faults.length + result.more })}</p>
          <ol className={styles.faults}>
            {result.faults.map((fault) => {
              const { line, column, path, code } = fault
              const where = code === 'syntax' ? t('lineColumn', { line, column }) : t('line', { line })
              return (
                <li key={`${line} ${column} ${path}`}>
                  {onShow ? (
                    <Button look="quiet" aria-label={t('goToLine', { line })} onClick={() => onShow(line, column)}>
                      {where}
                    </Button>
                  ) : (
                    where
                  )}
                  : {say(fault)}{' '}
                  {path !== '' && (
                    <code>
                      <bdi dir="ltr">{path}</bdi>
                    </code>
                  )}
                </li>
              )
            })}
          </ol>
        </div>
      )
  }
}
