/** The move record and what it cost: read off the moves, nothing added. */
import { describe, expect, it } from 'vitest'
import { costs, recordColumns } from '../../../renderer/src/features/lab/record-model.ts'
import { atRest, inFrance, inRussia } from '../../support/lab-fixtures.ts'

describe('the move record', () => {
  it('puts each answer of the service and the app under the move that set it off', () => {
    const columns = recordColumns(inRussia.moves)
    expect(columns.map((column) => column.atMs)).toEqual([0, 6_000, 18_000, 26_000])
    expect(columns[0]?.between[0]?.text).toBe('The keys are demanded by today.')
    expect(columns[0]?.below.map((move) => move.side)).toEqual(['service'])
    expect(columns[2]?.above[0]?.side).toBe('censor')
    expect(columns[2]?.below.map((move) => move.side)).toEqual(['app', 'plain'])
  })

  it('loses no move and keeps their order, however they arrive', () => {
    const columns = recordColumns(inRussia.moves.toReversed())
    const all = columns.flatMap((column) => [...column.above, ...column.between, ...column.below])
    expect(all.map((move) => move.atMs)).toEqual(inRussia.moves.map((move) => move.atMs))
  })

  it('begins with the app where nobody moved before it', () => {
    expect(recordColumns([{ atMs: 5, side: 'app', text: 'x' }])).toMatchObject([
      { atMs: 5, above: [], between: [], below: [{ text: 'x' }] },
    ])
  })
})

describe('what it cost', () => {
  it('counts strangers who fell, seconds without a path, detours, and who saw what', () => {
    expect(costs(inRussia)).toEqual({
      strangersDown: ['Lark music', 'Tundra game', 'Parley messenger', 'Corner shop'],
      recorded: null,
      lostMs: 1_140,
      detours: 2,
      bridgeUsed: true,
    })
    expect(costs(inFrance)).toMatchObject({ recorded: 214, lostMs: 0, detours: 0, bridgeUsed: false })
  })

  it('is nothing while all networks behave', () => {
    expect(costs(atRest)).toEqual({ strangersDown: [], recorded: null, lostMs: 0, detours: 0, bridgeUsed: false })
  })
})
