/** Starts i18next over the catalogues and keeps the page's language and direction in step with it. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { catalogues, type Locale, rightToLeft } from './catalogues.ts'

/** The language of the setting; `system` is the first of the system's that we have, else English. */
export function chooseLocale(setting: 'system' | Locale, systemLanguages: readonly string[]): Locale {
  if (setting !== 'system') return setting
  for (const language of systemLanguages) {
    const base = language.split('-')[0]
    if (base === 'en' || base === 'fa') return base
  }
  return 'en'
}

/** Ready when it returns: the catalogues are part of the page. */
export function startI18n(locale: Locale): void {
  void i18next.use(initReactI18next).init({
    lng: locale,
    fallbackLng: 'en',
    resources: catalogues,
    ns: Object.keys(catalogues.en),
    defaultNS: 'common',
    initAsync: false,
    // React escapes.
    interpolation: { escapeValue: false },
    keySeparator: false,
    nsSeparator: ':',
    react: { useSuspense: false },
  })
  applyToPage(locale)
}

export async function setLocale(locale: Locale): Promise<void> {
  if (i18next.language === locale) return
  await i18next.changeLanguage(locale)
  applyToPage(locale)
}

function applyToPage(locale: Locale) {
  document.documentElement.lang = locale === 'pseudo' ? 'en-x-pseudo' : locale
  document.documentElement.dir = rightToLeft.includes(locale) ? 'rtl' : 'ltr'
}
