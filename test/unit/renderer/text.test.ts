import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excerpt } from '../../../renderer/src/features/search/excerpt.ts'
import { safeFileName } from '../../../renderer/src/features/timeline/file-name.ts'
import { isOnlyEmoji, textTokens } from '../../../renderer/src/features/timeline/text-tokens.ts'

const links = (text: string) => textTokens(text).flatMap((token) => (token.kind === 'link' ? [token.text] : []))

describe('links in a message', () => {
  it('are found between words, without the sentence around them', () => {
    expect(links('See https://a.test/x, and (https://b.test/y). Good?')).toEqual(['https://a.test/x', 'https://b.test/y'])
    expect(links('«https://c.test»')).toEqual(['https://c.test'])
  })

  it('keep brackets that they opened themselves', () => {
    expect(links('https://a.test/wiki/Ridge_(hill) there')).toEqual(['https://a.test/wiki/Ridge_(hill)'])
  })

  it('are only of the web: nothing else becomes clickable', () => {
    expect(links('javascript:alert(1) file:///etc/passwd data:text/html,x ftp://a.test www.a.test')).toEqual([])
  })

  it('are refused with a name before the host, which is there to mislead', () => {
    expect(links('https://bank.example@evil.test/')).toEqual([])
  })

  it('end where the reading direction is turned or a character is hidden', () => {
    expect(links('https://a.test/\u202egpj.exe')).toEqual(['https://a.test/'])
    expect(links('https://a.test/x\u200by')).toEqual(['https://a.test/x'])
  })

  it('leave HTML and markdown as the text that they are', () => {
    const hostile = '<img src=x onerror=alert(1)> **bold** [a](b) <script>'
    expect(textTokens(hostile)).toEqual([{ kind: 'text', at: 0, text: hostile }])
  })

  it('lose nothing of any text, and each is an address that parses', () => {
    const piece = fc.constantFrom('https://', 'http://a.test/', 'x', ' ', ')', '(', '.', '@', '\u202e', '<b>', 'é', '👍', '\n')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const tokens = textTokens(text)
          expect(tokens.map((token) => token.text).join('')).toBe(text)
          for (const token of tokens) if (token.kind === 'link') expect(new URL(token.url).protocol).toMatch(/^https?:$/)
        },
      ),
    )
  })
})

describe('emoji alone', () => {
  it('are shown large up to three', () => {
    for (const text of ['👍', '👩‍👩‍👧 🏳️‍🌈', '🇮🇷🇫🇷', '❤️ ❤️ ❤️']) expect(isOnlyEmoji(text), text).toBe(true)
  })

  it('are not what digits, words or four of them are', () => {
    for (const text of ['1', 'ok 👍', '👍👍👍👍', '', '#', '12']) expect(isOnlyEmoji(text), text).toBe(false)
  })
})

describe('the name of a file from somebody else', () => {
  it('cannot pretend to be another kind of file', () => {
    expect(safeFileName('photo\u202egpj.exe')).toBe('photogpj.exe')
    expect(safeFileName('a\u0000b.png')).toBe('ab.png')
  })

  it('cannot leave the folder it is saved in', () => {
    expect(safeFileName('../../.bashrc')).toBe('_.._.bashrc')
    expect(safeFileName('C:\\x')).toBe('C__x')
    expect(safeFileName('..')).toBe('file')
  })

  it('is never empty and never has a separator, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(safeFileName(name)).toMatch(/^[^/\\]+$/u)
      }),
    )
  })
})

describe('the words around what was found', () => {
  it('are on one line, with what was asked for in its own spelling', () => {
    expect(excerpt('First\nthe Ridge then', 'ridge')).toEqual({ before: 'First the ', found: 'Ridge', after: ' then' })
  })
})
