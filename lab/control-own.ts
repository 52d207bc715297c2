/** What a shell may ask of the workbench: rules made by hand, and scenarios of the person's own, kept beside those that come with the lab. */
import { applyEdits, modify } from 'jsonc-parser'
import { BackendError } from '../shared/contract/errors.ts'
import type { Handlers } from '../shared/contract/port.ts'
import { type KeepResult, MAX_OWN, MAX_STANDING, type Workbench } from '../shared/contract/workbench.ts'
import type { labControl } from '../shared/protocol/processes.ts'
import type { Lab } from './lab.ts'
import type { Deed } from './player/hand-play.ts'
import { builtInText, readOwn } from './player/library.ts'
import type { Player } from './player/player-api.ts'
import type { Scenario } from './player/scenario.ts'
import { misfit } from './player/scenario-file.ts'
import type { Kept, Shelf } from './player/shelf.ts'
import { belongsTo } from './player/show.ts'
import { deedsOf } from './player/workbench-edit.ts'
import { makeRule, placesOf } from './player/workbench-rule.ts'
import { scenarioOf } from './player/workbench-scenario.ts'
import schema from './scenarios/scenario.schema.json' with { type: 'json' }

type OwnCall = 'lab.impose' | 'lab.lift' | 'lab.keep' | 'lab.import' | 'lab.rename' | 'lab.remove' | 'lab.putBack' | 'lab.edit'

export interface OwnDeps {
  readonly lab: Lab
  readonly player: Player
  readonly shelf: Shelf
  /** Those that come with the lab, and a file that was named at the start. */
  readonly given: readonly Scenario[]
  /** The service has more names from now on. */
  onCertificate(certificate: Lab['certificate']): void
  /** Something of `workbench` changed that the player does not know. */
  onChanged(): void
}

export interface Own {
  readonly handlers: Handlers<typeof labControl, OwnCall>
  workbench(): Workbench
  find(id: string): Kept | null
}

/** Whose names the service must prove when this plays. */
export function offeredNames({ moves }: Scenario): string[] {
  return moves.flatMap((move) => move.offer?.endpoints?.map(({ host }) => host) ?? [])
}

export function ownHandlers({ lab, player, shelf, given, onCertificate, onChanged }: OwnDeps): Own {
  const { topology } = lab.engine
  const removed: Kept[] = []
  const deeds = new WeakMap<Scenario, { readonly deeds: Deed[] | null }>()
  let editing: { readonly id: string; readonly session: number } | null = null
  let turn: Promise<unknown> = Promise.resolve()

  /** One after the other: what is on the list, in the world and on the disk change together. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const next = turn.then(run, run)
    turn = next.catch(() => {})
    return next
  }
  const board = () => ({ topology, offer: player.offer })
  const editable = ({ scenario }: Kept): Deed[] | null => {
    const known = deeds.get(scenario) ?? { deeds: deedsOf(scenario, { topology, offer: lab.offer }) }
    deeds.set(scenario, known)
    return known.deeds
  }
  const plays = (id: string) => player.state().running?.scenario === id
  const know = () => {
    player.know([...given, ...shelf.all.map(({ scenario }) => scenario)])
    onChanged()
  }
  const shelve = async (kept: Kept): Promise<KeepResult> => {
    const { id } = kept.scenario.card
    const before = shelf.find(id)
    if (!before && shelf.isFull) return { result: 'full', most: MAX_OWN }
    if (plays(id)) return { result: 'playing' }
    try {
      await lab.add(id, kept.scenario.world)
    } catch (error) {
      if (error instanceof RangeError) return { result: 'faulty', ...faultsOf(misfit(kept.text, error.message)) }
      throw error
    }
    try {
      await shelf.keep(kept)
    } catch (error) {
      if (before) await lab.add(id, before.scenario.world)
      else lab.remove(id)
      throw error
    }
    const certificate = await lab.cover(offeredNames(kept.scenario))
    if (certificate) onCertificate(certificate)
    know()
    return { result: 'kept', id }
  }
  /** Reads it and keeps it; `text` may be the person's own words. */
  const take = async (text: string): Promise<KeepResult> => {
    const found = readOwn(text, given)
    return found.ok ? shelve({ text, scenario: found.scenario }) : { result: 'faulty', ...faultsOf(found) }
  }
  const own = (id: string): Kept => {
    const found = shelf.find(id)
    if (!found) throw new BackendError('no-such-scenario')
    return found
  }
  /** An id that none has. */
  const fresh = (wanted: string): string => {
    const isTaken = (id: string) =>
      shelf.find(id) !== null || given.some(({ card }) => card.id === id) || removed.some(({ scenario }) => scenario.card.id === id)
    let id = wanted
    for (let i = 2; isTaken(id); i++) id = `${wanted.slice(0, 36)}-${i}`
    return id
  }

  return {
    find: shelf.find,
    workbench() {
      const belongs = belongsTo(topology, player.state().running?.scenario ?? null)
      const { hosts, providers } = topology.world
      return {
        standing: [...player.hand.standing],
        made: player.hand.deeds.map(({ atMs, does, id, label }) => ({ atMs, does, id, label })),
        clouds: providers
          .filter(({ id, kind }) => kind !== 'access' && kind !== 'transit' && belongs(id))
          .map(({ id, title }) => ({ id, title })),
        neighbours: hosts.filter(({ id, kind }) => kind === 'site' && belongs(id)).map(({ id, title }) => ({ id, title })),
        own: shelf.all.map((kept) => ({ id: kept.scenario.card.id, editable: editable(kept) !== null })),
        removed: removed.map(({ scenario: { card } }) => ({ id: card.id, title: card.title })),
        editing: editing?.session === player.hand.session ? editing.id : null,
        setAside: [...shelf.setAside],
      }
    },
    handlers: {
      async 'lab.impose'({ id, rule }) {
        const { hand } = player
        const isNew = id === null || !hand.standing.some((each) => each.id === id)
        if (isNew && hand.standing.length >= MAX_STANDING)
          return { faults: [{ field: 'where', code: 'full', facts: { most: MAX_STANDING } }] }
        const made = makeRule(isNew ? hand.nextId(rule.mechanism) : id, rule, board())
        if (!made.ok) return { faults: [...made.faults] }
        hand.impose(made.rule, rule, placesOf(rule.where, { topology })[0]?.id ?? topology.world.home)
        return { faults: [] }
      },
      async 'lab.lift'({ id }) {
        player.hand.lift(id)
        return {}
      },
      'lab.keep': (wish) =>
        inTurn(async () => {
          const id = wish.replace === null ? fresh(slug(wish.title)) : own(wish.replace).scenario.card.id
          if (player.hand.deeds.length === 0) return { result: 'nothing' }
          const content = scenarioOf(id, wish, player.hand.deeds, topology)
          const result = content ? await take(JSON.stringify(content, null, 2)) : ({ result: 'nothing' } as const)
          if (result.result === 'kept') editing = { id, session: player.hand.session }
          onChanged()
          return result
        }),
      'lab.import': ({ text, twin }) =>
        inTurn(async () => {
          const found = readOwn(text, given)
          if (!found.ok) return { result: 'faulty', ...faultsOf(found) }
          const { id } = found.scenario.card
          const there = shelf.find(id)
          if (there && twin === 'ask') return { result: 'there', id, title: there.scenario.card.title }
          return there && twin === 'both' ? take(changed(text, ['card', 'id'], fresh(id))) : shelve({ text, scenario: found.scenario })
        }),
      'lab.rename': ({ id, title }) => inTurn(() => take(changed(own(id).text, ['card', 'title'], title))),
      'lab.remove': ({ id }) =>
        inTurn(async () => {
          if (plays(id)) throw new BackendError('refused', 'it plays')
          const kept = await shelf.remove(own(id).scenario.card.id)
          lab.remove(id)
          if (kept) removed.push(kept)
          know()
          return {}
        }),
      'lab.putBack': ({ id }) =>
        inTurn(async () => {
          const at = removed.findLastIndex(({ scenario }) => scenario.card.id === id)
          const [kept] = removed.slice(at, at + 1)
          if (!kept || at < 0) throw new BackendError('no-such-scenario')
          const result = await shelve(kept)
          if (result.result === 'kept') removed.splice(at, 1)
          onChanged()
          return result
        }),
      async 'lab.edit'({ id }) {
        const kept = own(id)
        const done = editable(kept)
        if (!done) throw new BackendError('refused', 'it was not made here')
        player.resume(done, kept.scenario.card.vantage)
        editing = { id, session: player.hand.session }
        onChanged()
        return {}
      },
    },
  }
}

/** A scenario as a file for somebody's editor. `schema`: what the editor checks it with. */
export function exportOf(id: string, kept: Kept | null): { name: string; text: string } {
  if (id === 'schema') return { name: 'scenario.schema.json', text: `${JSON.stringify(schema, null, 2)}\n` }
  const text = kept?.text ?? builtInText(id)
  if (text === null) throw new BackendError('no-such-scenario')
  const named = text.includes('"$schema"') ? text : changed(text, ['$schema'], './scenario.schema.json')
  return { name: `${id}.json`, text: named.endsWith('\n') ? named : `${named}\n` }
}

/** The same text with one value changed; the rest stays as somebody wrote it. */
function changed(text: string, path: string[], value: string): string {
  const edits = modify(text, path, value, { formattingOptions: { insertSpaces: true, tabSize: 2 }, getInsertionIndex: () => 0 })
  return applyEdits(text, edits)
}

function faultsOf(found: ReturnType<typeof readOwn>) {
  return found.ok ? { faults: [], more: 0 } : { faults: [...found.faults], more: found.more }
}

function slug(title: string): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return plain.slice(0, 36).replace(/-+$/, '') || 'my-scenario'
}
