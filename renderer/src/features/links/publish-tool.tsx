/** In the composer: the button that publishes a page, and hands over its link to be sent. */
import { Newspaper } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '../../ui/button.tsx'
import { PublishDialog } from './publish-dialog.tsx'

export function PublishTool({ onPublished }: { onPublished: (url: string) => void }) {
  const { t } = useTranslation('links')
  const [publishing, setPublishing] = useState(false)
  return (
    <>
      <IconButton label={t('publishLink')} icon={Newspaper} onClick={() => setPublishing(true)} />
      {publishing && <PublishDialog onPublished={onPublished} onClose={() => setPublishing(false)} />}
    </>
  )
}
