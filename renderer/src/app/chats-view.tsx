/** Chats: the list beside the open chat. */
import { useTranslation } from 'react-i18next'
import { Empty } from '../ui/empty.tsx'

export function ChatsView() {
  const { t } = useTranslation()
  return <Empty>{t('loading')}</Empty>
}
