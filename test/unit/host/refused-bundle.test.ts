import { describe, expect, it } from 'vitest'
import { explainBundle } from '../../../electron/host/refused-bundle.ts'
import { UsageError } from '../../../electron/host/usage-error.ts'
import { BackendError } from '../../../shared/contract/errors.ts'

const said = (detail: string) => {
  const error = explainBundle(new BackendError('bad-bundle', detail), 'b.json', 'Begin with --data.')
  if (!(error instanceof UsageError)) throw new Error('no sentence for a person')
  return error.message
}

describe('a bundle that is refused', () => {
  it.each([
    ['foreign', '--bundle: "b.json" is not from the relay of the chats kept here, or that relay was made anew. Begin with --data.'],
    ['bad-signature', '--bundle: "b.json" was changed after the relay signed it. Ask for the file again.'],
    ['expired', '--bundle: "b.json" has expired. Ask for the newest bundle.json of the relay.'],
    ['not-yet-valid', '--bundle: "b.json" is not valid yet. Is the clock of this computer right?'],
    ['cannot be read', '--bundle: "b.json" is not there or cannot be read.'],
    ['malformed', '--bundle: "b.json" is no bundle. Take bundle.json from the folder of the relay.'],
    ['no JSON', '--bundle: "b.json" is no bundle. Take bundle.json from the folder of the relay.'],
  ])('for being %s tells what to do', (detail, sentence) => {
    expect(said(detail)).toBe(sentence)
  })

  it('is the only thing explained so', () => {
    for (const error of [new BackendError('store-damaged'), new Error('bad-bundle')]) {
      expect(explainBundle(error, 'b.json', '')).toBe(error)
    }
  })
})
