/** A kept scenario taken up again by the workbench: what was done to make it, if its rules are still what the workbench would make. */
import type { Deed } from './hand-play.ts'
import type { Scenario } from './scenario.ts'
import type { Board } from './workbench-aim.ts'
import { makeRule } from './workbench-rule.ts'
import { BEFORE_MS } from './workbench-scenario.ts'

/** `null`: somebody changed it by hand, or it was never made here. */
export function deedsOf(scenario: Scenario, board: Board): Deed[] | null {
  const said = new Map(scenario.workbench.map(({ id, ...hand }) => [id, hand]))
  for (const rule of scenario.rules) {
    const hand = said.get(rule.id)
    const made = hand && makeRule(rule.id, hand, board)
    if (!made?.ok || JSON.stringify(made.rule) !== JSON.stringify(rule)) return null
  }
  if (
    scenario.rules.length === 0 ||
    scenario.moves.some(({ side, offer, names }) => side === 'service' || offer || Object.keys(names).length > 0)
  )
    return null

  const deeds: Deed[] = []
  /** Rule of the scenario -> rule of the person's that it is a state of. */
  const standing = new Map<string, string>()
  for (const move of scenario.moves.filter(({ side }) => side === 'censor')) {
    const isEnd = move.start.length === 0 && move.end.length === standing.size && move === scenario.moves.at(-1)
    // The end of the story is not the person's doing.
    if (isEnd) continue
    const atMs = Math.max(0, move.atMs - BEFORE_MS)
    const ended = [...move.end]
    for (const id of move.start) {
      const rule = scenario.rules.find((each) => each.id === id)
      const hand = said.get(id)
      if (!rule || !hand) return null
      const before = ended.findIndex((old) => said.get(old)?.mechanism === hand.mechanism)
      const own = (before >= 0 && standing.get(ended[before] ?? '')) || `you-${id}`
      if (before >= 0) standing.delete(ended.splice(before, 1)[0] ?? '')
      deeds.push({ atMs, does: before >= 0 ? 'change' : 'on', id: own, label: rule.label, rule: { ...rule, id: own }, hand })
      standing.set(id, own)
    }
    for (const id of ended) {
      const own = standing.get(id)
      const label = scenario.rules.find((each) => each.id === id)?.label
      if (own === undefined || label === undefined) return null
      standing.delete(id)
      deeds.push({ atMs, does: 'off', id: own, label })
    }
  }
  return deeds
}
