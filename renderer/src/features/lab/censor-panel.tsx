/** The person as censor: four moves at one place, and one way to take everything back. */
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CensorMove, LabState } from '../../../../shared/contract/lab.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './lab.module.css'

const moves = ['dns_lie', 'ip_drop', 'prefix_block', 'sni_reset'] as const satisfies readonly CensorMove[]

export function CensorPanel({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const id = useId()
  const user = useApp((state) => state.hello?.user)
  const subject = lab.running?.client ?? user
  const here = lab.clients.find((client) => client.name === subject)?.vantage ?? lab.vantages[0]?.id ?? ''
  const [chosen, setChosen] = useState<string | null>(null)
  const vantage = chosen ?? here
  const standing = lab.gates.filter((gate) => gate.by === 'you').length
  return (
    <Section
      title={t('yourMove')}
      help={t('yourMoveHelp')}
      beside={
        <>
          <Quiet role="status">{standing > 0 && t('standing', { count: standing })}</Quiet>
          <Button look="quiet" disabled={standing === 0} onClick={() => void call('lab.undo', {})}>
            {t('undoAll')}
          </Button>
        </>
      }
    >
      <div className={styles.censor}>
        <label className={styles.where} htmlFor={id}>
          {t('yourPlace')}
          <select id={id} className={styles.select} value={vantage} onChange={(event) => setChosen(event.target.value)}>
            {lab.vantages.map((each) => (
              <option key={each.id} value={each.id} lang="en" dir="ltr">
                {each.title}
              </option>
            ))}
          </select>
        </label>
        {moves.map((move) => (
          <Button key={move} onClick={() => void call('lab.censor', { move, vantage })}>
            {t(`censor.${move}`)}
          </Button>
        ))}
      </div>
    </Section>
  )
}
