/** Story time as people say it. Stories happen at their own place and hour: shown as written, in UTC, never shifted to the reader's. */
import { useTranslation } from 'react-i18next'
import { regional } from '../../i18n/format.ts'

export function useStoryTime(): (iso: string) => string {
  const { i18n } = useTranslation()
  const locale = regional(i18n.language === 'pseudo' ? 'en' : i18n.language, navigator.languages)
  return (iso) => {
    const at = Date.parse(iso)
    if (Number.isNaN(at)) return iso
    const withHour = iso.includes('T')
    const format = new Intl.DateTimeFormat(locale, {
      timeZone: 'UTC',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      ...(withHour && { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    })
    return format.format(at)
  }
}
