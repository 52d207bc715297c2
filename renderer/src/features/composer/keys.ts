/** What a key does in the composer. Ctrl or Cmd with Enter always sends; the setting swaps Enter and Shift+Enter. */

interface Key {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  /** An input method is at work: Enter chooses its word. */
  readonly isComposing: boolean
  /** 229 where the browser tells of the input method this way only (Safari, and Chromium right after the last word). */
  readonly keyCode: number
}

export function sendsMessage({ key, shiftKey, ctrlKey, metaKey, altKey, isComposing, keyCode }: Key, enterSends: boolean): boolean {
  if (key !== 'Enter' || isComposing || keyCode === 229 || altKey) return false
  return ctrlKey || metaKey || shiftKey !== enterSends
}
