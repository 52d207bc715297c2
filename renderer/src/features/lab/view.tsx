import { useTranslation } from 'react-i18next'
import { Empty } from '../../ui/empty.tsx'

export function LabView() {
  const { t } = useTranslation()
  return <Empty>{t('loading')}</Empty>
}
