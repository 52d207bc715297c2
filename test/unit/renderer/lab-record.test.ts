/** The move record and what it cost: read off the moves, nothing added. */
import { describe, expect, it } from 'vitest'
import { costs, exchanges } from '../../../renderer/src/features/lab/record-model.ts'
import type { Move } from '../../../shared/contract/lab.ts'
import { atRest, inFrance, inRussia } from '../../support/lab-fixtures.ts'

const finding = (atMs: number, plane: string, kind: string, mechanisms = '', word = 'none'): Move => ({
  atMs,
  side: 'app',
  code: 'finding-changed',
  facts: { plane, kind, mechanisms, word },
  text: `${plane}: ${kind} ${mechanisms} ${word}`,
  who: 'alice',
})
const censor = (atMs: number): Move => ({ atMs, side: 'censor', text: `moves at ${atMs}` })
/** Every card of the record, as the planes it speaks of and what it says of them. */
const cards = (moves: readonly Move[]) =>
  exchanges(moves).flatMap(({ answered }) =>
    answered.map(
      ({ move, also }) => `${[move, ...also].map(({ facts }) => facts?.plane).join(' ')}: ${move.facts?.kind} ${move.facts?.word}`,
    ),
  )

describe('the move record', () => {
  it('puts each answer of the service and the app under the move that set it off', () => {
    const told = exchanges(inRussia.moves)
    expect(told.map(({ atMs }) => atMs)).toEqual([0, 6_000, 18_000, 26_000])
    expect(told[0]?.opened[0]?.move.text).toBe('The keys are demanded by today.')
    expect(told[0]?.answered.map(({ move }) => move.side)).toEqual(['service'])
    expect(told[2]?.opened[0]?.move.side).toBe('censor')
    expect(told[2]?.answered.map(({ move }) => move.side)).toEqual(['app', 'plain'])
  })

  it('loses no move that is not a finding and keeps their order, however they arrive', () => {
    const all = exchanges(inRussia.moves.toReversed()).flatMap(({ opened, answered }) =>
      [...opened, ...answered].map(({ move }) => move.atMs),
    )
    expect(all).toEqual(inRussia.moves.map((move) => move.atMs))
  })

  it('begins with the app where nobody moved before it', () => {
    expect(exchanges([{ atMs: 5, side: 'app', text: 'x' }])).toMatchObject([{ atMs: 5, opened: [], answered: [{ move: { text: 'x' } }] }])
  })

  it('is silent about planes that were never in trouble, and about what cannot be told', () => {
    expect(cards([censor(0), finding(100, 'chat', 'ok'), finding(100, 'media', 'inconclusive'), finding(900, 'media', 'ok')])).toEqual([])
  })

  it('tells trouble, and its end, once', () => {
    const moves = [
      censor(0),
      finding(2_000, 'links', 'interference', 'dns_lie', 'confirmed'),
      finding(9_000, 'links', 'inconclusive'),
      finding(11_000, 'links', 'interference', 'dns_lie', 'confirmed'),
      finding(20_000, 'links', 'ok'),
      finding(30_000, 'links', 'ok'),
    ]
    expect(cards(moves)).toEqual(['links: interference confirmed', 'links: ok none'])
  })

  it('passes over a finding that gives way to a better one at once, and keeps one that stood for a while', () => {
    const likely = finding(2_000, 'chat', 'interference', 'ip_drop', 'likely')
    const confirmed = (atMs: number) => finding(atMs, 'chat', 'interference', 'ip_drop', 'confirmed')
    expect(cards([censor(0), likely, confirmed(2_030)])).toEqual(['chat: interference confirmed'])
    expect(cards([censor(0), likely, confirmed(6_000)])).toEqual(['chat: interference likely', 'chat: interference confirmed'])
  })

  it('tells the same effect on several planes on one card, but never across a move of the censor', () => {
    const dropped = (atMs: number, plane: string) => finding(atMs, plane, 'interference', 'ip_drop', 'likely')
    expect(cards([censor(0), dropped(2_000, 'media'), dropped(2_010, 'links'), dropped(2_020, 'web')])).toEqual([
      'media links web: interference likely',
    ])
    expect(cards([censor(0), dropped(2_000, 'media'), censor(2_005), dropped(2_010, 'links')])).toEqual([
      'media: interference likely',
      'links: interference likely',
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
      hops: 1,
      cutOff: [],
    })
    expect(costs(inFrance)).toMatchObject({ recorded: 214, lostMs: 0, detours: 0, bridgeUsed: false })
  })

  it('is nothing while all networks behave', () => {
    expect(costs(atRest)).toEqual({ strangersDown: [], recorded: null, lostMs: 0, detours: 0, bridgeUsed: false, hops: 0, cutOff: [] })
  })
})
