/** The conditions in force, in the order they came. What each does lies with whom it is about. */
import { createEvents, type Events } from '../../shared/util/events.ts'
import type { Condition, Of } from '../engine/condition.ts'

type AtHost = Extract<Condition, { hosts: unknown }>['do']
type AtPlace = Extract<Condition, { places: unknown }>['do']

export interface Conditions {
  readonly inForce: readonly Condition[]
  /** Takes the place of one with the same id. */
  start(condition: Condition): void
  /** True if it was in force. */
  end(id: string): boolean
  /** The first of this kind that is about a host. */
  atHost<D extends AtHost>(kind: D, host: string): Of<D> | null
  /** The first of this kind that is about a place. */
  atPlace<D extends AtPlace>(kind: D, place: string): Of<D> | null
  /** The first that says what a name stands for. */
  answersFor(name: string): Of<'answers'> | null
  /** One began or ended. */
  readonly changed: Events<Condition>
}

export function createConditions(): Conditions {
  const changed = createEvents<Condition>()
  let inForce: readonly Condition[] = []
  return {
    changed,
    get inForce() {
      return inForce
    },
    start(condition) {
      inForce = [...inForce.filter((each) => each.id !== condition.id), condition]
      changed.emit(condition)
    },
    end(id) {
      const ending = inForce.find((each) => each.id === id)
      if (!ending) return false
      inForce = inForce.filter((each) => each !== ending)
      changed.emit(ending)
      return true
    },
    atHost: <D extends AtHost>(kind: D, host: string) =>
      inForce.find((each): each is Of<D> => each.do === kind && 'hosts' in each && each.hosts.includes(host)) ?? null,
    atPlace: <D extends AtPlace>(kind: D, place: string) =>
      inForce.find((each): each is Of<D> => each.do === kind && 'places' in each && each.places.includes(place)) ?? null,
    answersFor: (name) => inForce.find((each): each is Of<'answers'> => each.do === 'answers' && each.name === name) ?? null,
  }
}
