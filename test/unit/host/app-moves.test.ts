/** What the move record tells of the app: changes of what it says and does, and nothing that says nothing new. */
import { describe, expect, it } from 'vitest'
import { appMoves, settled } from '../../../electron/host/app-moves.ts'
import type { PathState, Verdict } from '../../../shared/contract/path.ts'
import { quietPath, verdict } from '../../support/path-fixtures.ts'

/** What is told of verdicts that follow each other, as `plane kind`. */
function told(...steps: readonly (readonly Verdict[])[]): string[] {
  let before: PathState | null = null
  const moves: string[] = []
  for (const verdicts of steps) {
    const path: PathState = settled(before, { ...quietPath, verdicts: [...verdicts] })
    for (const move of appMoves(before, path, 0, 'alice')) {
      if (move.code === 'finding-changed') moves.push(`${move.facts?.plane} ${move.facts?.kind}`)
    }
    before = path
  }
  return moves
}

const fine = verdict({ plane: 'links' })
const unsure = verdict({ plane: 'links', kind: 'inconclusive', word: 'none' })
const lied = verdict({ plane: 'links', kind: 'interference', mechanisms: ['dns_lie'], word: 'likely' })

describe('the moves of the app', () => {
  it('tell nothing while all is well, also when somebody moves to another place and everything is looked at anew', () => {
    expect(told([fine], [unsure], [fine])).toEqual([])
    expect(told([unsure], [fine])).toEqual([])
  })
  it('tell trouble when it is found, when it is surer, and when it is over, however unsure it was in between', () => {
    expect(told([fine], [unsure], [lied], [{ ...lied, word: 'confirmed' }], [unsure], [fine])).toEqual([
      'links interference',
      'links interference',
      'links ok',
    ])
  })
})
