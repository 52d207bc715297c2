/** Names the first visible of several elements as the anchor the tour's card stands beside. */
import { useLayoutEffect, useState } from 'react'

export type Placed = 'side' | 'above' | 'below' | 'docked'

/** `selectors`: a list, best first. Looks again whenever the caller renders. */
export function useAnchor(selectors: string): Placed {
  const [placed, setPlaced] = useState<Placed>('docked')
  useLayoutEffect(() => {
    const look = () => {
      const target = selectors
        .split(',')
        .map((selector) => document.querySelector<HTMLElement>(selector))
        .find((element) => element?.checkVisibility())
      document.querySelector<HTMLElement>('[data-tour-here]')?.removeAttribute('data-tour-here')
      target?.setAttribute('data-tour-here', '')
      setPlaced(target ? sideOf(target) : 'docked')
    }
    look()
    // A view that opens draws its parts a moment later.
    const observer = new MutationObserver(look)
    observer.observe(document.body, { childList: true, subtree: true })
    return () => {
      observer.disconnect()
      document.querySelector<HTMLElement>('[data-tour-here]')?.removeAttribute('data-tour-here')
    }
  })
  return placed
}

/** The card's width with its margins. */
const CARD_PX = 404

function sideOf(target: HTMLElement): Placed {
  const { top, bottom, left, right, width } = target.getBoundingClientRect()
  if (bottom > innerHeight * 0.75) return 'above'
  // The rail stands at the side; what leaves no room beside it has none to stand in.
  return (top < 80 && width > 60) || Math.max(left, innerWidth - right) < CARD_PX ? 'below' : 'side'
}
