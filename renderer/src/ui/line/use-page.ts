/** What a drawing must know of its page: reading direction, and how wide its place is. */
import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Locale, rightToLeft } from '../../i18n/catalogues.ts'

export function usePageDirection(): 'ltr' | 'rtl' {
  const { i18n } = useTranslation()
  return rightToLeft.some((locale: Locale) => locale === i18n.language) ? 'rtl' : 'ltr'
}

/** The width of an element in CSS pixels, kept up to date; `initial` until it was measured. */
export function useWidth<E extends HTMLElement>(initial: number): { ref: RefObject<E | null>; width: number } {
  const ref = useRef<E>(null)
  const [width, setWidth] = useState(initial)
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    const observer = new ResizeObserver((entries) => {
      const measured = entries.at(-1)?.contentRect.width
      if (measured) setWidth(Math.round(measured))
    })
    observer.observe(element)
    const now = element.getBoundingClientRect().width
    if (now > 0) setWidth(Math.round(now))
    return () => observer.disconnect()
  }, [])
  return { ref, width }
}
