import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogues, type Locale } from '../../../renderer/src/i18n/catalogues.ts'
import { createFormat, regional } from '../../../renderer/src/i18n/format.ts'
import { chooseLocale } from '../../../renderer/src/i18n/i18n.ts'
import { pseudo } from '../../../renderer/src/i18n/pseudo.ts'

const root = new URL('../../../renderer/src/', import.meta.url).pathname
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
const areas = Object.keys(catalogues.en) as (keyof typeof catalogues.en)[]
const texts = (locale: Locale, area: keyof typeof catalogues.en): Record<string, string> => ({ ...catalogues[locale][area] })
const placeholders = (text: string) => [...new Set(text.match(/\{\{\w+/g) ?? [])].sort()
const tags = (text: string) => [...(text.match(/<\/?\w+>/g) ?? [])].sort()

describe('texts', () => {
  it('were read at all', () => {
    expect(sources.length).toBeGreaterThan(40)
    expect(Object.keys(catalogues.en.common).length).toBeGreaterThan(20)
  })

  describe.each(areas)('of %s', (area) => {
    const english = texts('en', area)

    it.each(['fa', 'pseudo'] as const)('exist in %s, each and no other', (locale) => {
      expect(Object.keys(texts(locale, area)).sort()).toEqual(Object.keys(english).sort())
    })

    it('have the same facts and marks in every language', () => {
      for (const locale of ['fa', 'pseudo'] as const) {
        for (const [key, text] of Object.entries(texts(locale, area))) {
          expect(placeholders(text), `${locale} ${key}`).toEqual(placeholders(english[key] ?? ''))
          expect(tags(text), `${locale} ${key}`).toEqual(tags(english[key] ?? ''))
        }
      }
    })
  })

  it('are used: none is left over', () => {
    const all = sources.map(({ text }) => text).join('\n')
    // Keys built from codes: `failure.${reason}` covers every key that begins so.
    const prefixes = [...all.matchAll(/`(?:\w+:)?([\w.-]*)\$\{/g)].map(([, prefix]) => prefix ?? '').filter((prefix) => prefix.length > 2)
    const left = areas.flatMap((area) =>
      Object.keys(texts('en', area))
        .map((key) => key.replace(/_(zero|one|other)$/, ''))
        .filter((key) => !all.includes(`'${key}'`) && !all.includes(`:${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix))),
    )
    expect(left).toEqual([])
  })

  it('are nowhere written into a component', () => {
    const literal = /\b(?:aria-label|aria-description|title|placeholder|alt|label)="[^"]*\p{Letter}[^"]*"/u
    const found = sources.filter(({ file, text }) => file.endsWith('.tsx') && literal.test(text)).map(({ file }) => file)
    expect(found).toEqual([])
  })

  it('stay at twenty words a sentence', () => {
    const long = areas.flatMap((area) =>
      Object.entries(texts('en', area)).filter(([, text]) => text.split(/[.!?;:]\s/).some((sentence) => sentence.split(/\s+/).length > 20)),
    )
    expect(long.map(([key]) => key)).toEqual([])
  })
})

describe('the made-up longer language', () => {
  it('is 40 % longer and keeps its facts and marks', () => {
    const text = 'Hello <b>{{name}}</b>, you have {{count, number}} messages.'
    expect(pseudo(text).length).toBeGreaterThanOrEqual(text.length * 1.4)
    expect(placeholders(pseudo(text))).toEqual(placeholders(text))
    expect(tags(pseudo(text))).toEqual(tags(text))
  })
})

describe('the language of the screens', () => {
  it('is the one chosen, else the first of the system that there is, else English', () => {
    expect(chooseLocale('fa', ['de'])).toBe('fa')
    expect(chooseLocale('system', ['de-DE', 'fa-AF', 'en'])).toBe('fa')
    expect(chooseLocale('system', ['de-DE'])).toBe('en')
  })

  it('writes figures and days as the reader does', () => {
    const format = createFormat(regional('en', ['de']))
    const now = new Date(2026, 10, 21, 10, 42).getTime()
    expect(format.seconds(940)).toBe('0.9 s')
    expect(format.span(180_000)).toBe('3 min')
    expect(format.span(3 * 86_400_000)).toBe('3 days')
    expect(format.bytes(48_213)).toBe('48 kB')
    expect(format.time(now)).toBe('10:42')
    expect(format.day(now - 86_400_000, now)).toBe('Yesterday')
    expect(format.storyDay('2018-04-16T12:00:00Z')).toBe('16 April 2018')
    expect(createFormat('fa').number(12)).toBe('۱۲')
  })
})
