/** Numbers, times and days in the reader's language. */
import { useTranslation } from 'react-i18next'

const DAY = 86_400_000

export interface Format {
  number(value: number): string
  /** In whole, and from a million on in three digits and a word: `9,216`, `1.84 million`. */
  amount(value: number): string
  /** `Cloud A, Cloud B and Cloud C`. */
  list(names: readonly string[]): string
  /** The same as a mere row, for names that hold an "and" themselves: `Messages, Website and updates`. */
  row(names: readonly string[]): string
  /** A duration in seconds with one decimal below 10: `0.9 s`. */
  seconds(ms: number): string
  /** A longer span in its largest unit, rounded up: `3 min`, `2 days`. */
  span(ms: number): string
  /** How long something went on, in its two largest units: `4 hr 28 min`. */
  lasted(ms: number): string
  /** What a timer is set to, exact, in the largest unit that leaves no rest: `90 s`, `1 hour`, `2 weeks`. */
  timer(ms: number): string
  /** Bytes as the nearest of B, kB, MB, GB. */
  bytes(count: number): string
  /** Time of day. */
  time(at: number): string
  /** Day and time. */
  moment(at: number): string
  /** A day that may be long ago: `3 May 2026`. */
  date(at: number): string
  /** A calendar day of a story, in UTC: `16 April 2018`. */
  storyDay(iso: string): string
  /** Today, yesterday, weekday within a week, else the date. */
  day(at: number, now: number): string
  /** For list rows: the time today, else the short day. */
  brief(at: number, now: number): string
}

const timerUnits = [
  ['week', 7 * DAY],
  ['day', DAY],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

const daysBetween = (at: number, now: number) => {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0)
  return Math.round((midnight(now) - midnight(at)) / DAY)
}

export function createFormat(locale: string): Format {
  const number = new Intl.NumberFormat(locale)
  const large = new Intl.NumberFormat(locale, { notation: 'compact', compactDisplay: 'long', maximumSignificantDigits: 3 })
  const list = new Intl.ListFormat(locale)
  const row = new Intl.ListFormat(locale, { type: 'unit', style: 'short' })
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const storyDay = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long' })
  const shortWeekday = new Intl.DateTimeFormat(locale, { weekday: 'short' })
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long' })
  const thisYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
  const shortDate = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
  const isEnglish = locale.split('-')[0] === 'en'
  const unit = (value: number, name: string, digits: number) => {
    // The short forms of English differ by country ("secs", "mins", "405 byte"); figures beside the line are read at a glance.
    if (isEnglish && name === 'byte') return `${number.format(value)} B`
    if (isEnglish && name === 'second') return `${number.format(Number(value.toFixed(digits)))} s`
    const options = { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits } as const
    return new Intl.NumberFormat(isEnglish ? 'en' : locale, options).format(value)
  }

  return {
    number: (value) => number.format(value),
    amount: (value) => (value < 1_000_000 ? number : large).format(value),
    list: (names) => list.format(names),
    row: (names) => row.format(names),
    seconds: (ms) => unit(ms / 1000, 'second', ms < 9_950 ? 1 : 0),
    span(ms) {
      if (ms < 90_000) return unit(Math.ceil(ms / 1000), 'second', 0)
      if (ms < 5_400_000) return unit(Math.ceil(ms / 60_000), 'minute', 0)
      if (ms < 1.5 * DAY) return unit(Math.ceil(ms / 3_600_000), 'hour', 0)
      return unit(Math.round(ms / DAY), 'day', 0)
    },
    lasted(ms) {
      const seconds = Math.max(1, Math.round(ms / 1000))
      const [first, second] =
        seconds < 3600 ? (['minute', 'second'] as const) : seconds < 86_400 ? (['hour', 'minute'] as const) : (['day', 'hour'] as const)
      const size = { day: 86_400, hour: 3600, minute: 60, second: 1 }
      const whole = Math.floor(seconds / size[first])
      const rest = Math.floor((seconds % size[first]) / size[second])
      const parts = [...(whole > 0 ? [unit(whole, first, 0)] : []), ...(rest > 0 || whole === 0 ? [unit(rest, second, 0)] : [])]
      return parts.join(' ')
    },
    timer(ms) {
      const [name, size] = timerUnits.find(([, ofUnit]) => ms % ofUnit === 0) ?? ['second', 1000]
      if (name === 'second' || name === 'minute') return unit(ms / size, name, 3)
      return new Intl.NumberFormat(isEnglish ? 'en' : locale, { style: 'unit', unit: name, unitDisplay: 'long' }).format(ms / size)
    },
    bytes(count) {
      if (count < 1000) return unit(count, 'byte', 0)
      if (count < 999_500) return unit(count / 1000, 'kilobyte', 0)
      if (count < 999_500_000) return unit(count / 1_000_000, 'megabyte', 1)
      return unit(count / 1_000_000_000, 'gigabyte', 1)
    },
    time: (at) => time.format(at),
    moment: (at) => moment.format(at),
    date: (at) => date.format(at),
    storyDay: (iso) => storyDay.format(new Date(iso)),
    day(at, now) {
      const days = daysBetween(at, now)
      if (days === 0 || days === 1) return capitalised(relative.format(-days, 'day'), locale)
      return days > 1 && days < 7 ? weekday.format(at) : date.format(at)
    },
    brief(at, now) {
      const days = daysBetween(at, now)
      if (days === 0) return time.format(at)
      if (days > 0 && days < 7) return shortWeekday.format(at)
      return new Date(at).getFullYear() === new Date(now).getFullYear() ? thisYear.format(at) : shortDate.format(at)
    },
  }
}

const capitalised = (text: string, locale: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1)

/** The language on screen in the form of the reader's own country, where the system tells; else where English is written as here. */
export function regional(language: string, systemLanguages: readonly string[]): string {
  const own = systemLanguages.find((system) => system.split('-')[0] === language)
  return own ?? (language === 'en' ? 'en-GB' : language)
}

const formats = new Map<string, Format>()

/** The formatter of the language on screen. */
export function useFormat(): Format {
  const { i18n } = useTranslation()
  const locale = regional(i18n.language === 'pseudo' ? 'en' : i18n.language, navigator.languages)
  const format = formats.get(locale) ?? createFormat(locale)
  formats.set(locale, format)
  return format
}
