import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameFromText, frameToText } from '../../../shared/contract/frame-text.ts'
import type { Frame } from '../../../shared/contract/port.ts'

describe('frames as text', () => {
  it('come back as they were, bytes included', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array(),
        fc.array(tie('any')),
        fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie('any'), { noNullPrototype: true }),
      ),
    })).any
    fc.assert(
      fc.property(value, fc.nat(), (input, id) => {
        const frame: Frame = { t: 'call', id, name: 'file.append', input }
        expect(frameFromText(frameToText(frame))).toEqual(frame)
      }),
    )
  })

  it('are null when they are not JSON or their bytes are misspelt, and never throw', () => {
    expect(frameFromText('{')).toBeNull()
    expect(frameFromText('{"$bytes":"***"}')).toBeNull()
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => frameFromText(text)).not.toThrow()
      }),
    )
  })
})
