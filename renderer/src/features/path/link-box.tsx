/** A link for somebody else, to be read and copied whole. */
import { Check, Copy } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import styles from './link-box.module.css'

/** `children`: more that can be done about it. */
export function LinkBox({ label, link, children }: { label: string; link: string; children?: ReactNode }) {
  const { t } = useTranslation('bridge')
  const [copied, setCopied] = useState<string | null>(null)
  const copy = async () => {
    await navigator.clipboard.writeText(link)
    setCopied(link)
  }
  const isCopied = copied === link
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className={styles.link} tabIndex={0} aria-label={label}>
        <bdi dir="ltr">{link}</bdi>
      </section>
      <div className={styles.acts}>
        <Button look="primary" icon={isCopied ? Check : Copy} onClick={() => void copy()}>
          {t(isCopied ? 'copied' : 'copy')}
        </Button>
        {children}
      </div>
    </>
  )
}
