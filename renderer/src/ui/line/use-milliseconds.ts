/** Short durations as people read them: `84 ms`, from one second on `1.48 s`. */
import { useTranslation } from 'react-i18next'

export function useMilliseconds(): (ms: number) => string {
  const { t, i18n } = useTranslation('path')
  const locale = i18n.language === 'pseudo' ? 'en' : i18n.language
  return (ms) => {
    const small = ms < 1_000
    const value = new Intl.NumberFormat(locale, { maximumFractionDigits: small ? 0 : ms < 10_000 ? 2 : 1 }).format(small ? ms : ms / 1_000)
    return t(small ? 'unit.ms' : 'unit.s', { value })
  }
}
