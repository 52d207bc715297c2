/**
 * The adaptive censor at work in the lab: its box sees what passes at one provider and gets its rules, its people look names up and
 * knock where they are sent, and the service answers on its own side. The policy is fed by packets alone.
 */
import type { AdaptiveState, AdaptiveWish } from '../../shared/contract/adaptive.ts'
import { paceMs } from '../../shared/contract/adaptive.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import type { Move } from '../../shared/contract/lab.ts'
import type { Timer } from '../../shared/util/clock.ts'
import { rulesFor } from '../censor/adaptive/ladder.ts'
import { createPolicy, type Decision } from '../censor/adaptive/policy.ts'
import { createEye, type Sight } from '../censor/adaptive/sight.ts'
import { SURE } from '../censor/adaptive/suspects.ts'
import { range } from '../engine/address.ts'
import type { Lab } from '../lab.ts'
import { createProber } from '../services/prober.ts'
import { lookUpAll } from '../services/tester.ts'
import { wordsOf } from './adaptive-words.ts'
import { adaptiveWorld, storeOf } from './adaptive-world.ts'
import { createBills } from './bills.ts'
import { createOperator, type Opening } from './operator.ts'
import type { People } from './people.ts'
import type { Stage } from './stage.ts'

export interface AdaptiveDeps {
  readonly lab: Lab
  readonly people: Pick<People, 'isUp' | 'changed'>
  readonly stage: Pick<Stage, 'offer' | 'open'>
  /** Its clock is the censor's, and may stand still. */
  readonly play: { elapsedMs(): number; readonly paused: boolean }
  made(move: Move): void
  changed(): void
}

export interface AdaptivePlay {
  readonly wish: AdaptiveWish
  readonly on: boolean
  state(): AdaptiveState
  /** Lifts what it blocked; what it did is still told by `state`. */
  stop(): void
}

/** How often it thinks. */
const THINK_MS = 250

/** Throws `BackendError('bad-input')` when there is no such place. */
export function startAdaptive(wish: AdaptiveWish, deps: AdaptiveDeps): AdaptivePlay {
  const { lab, people, stage, play } = deps
  const { engine } = lab
  const { topology, judge, clock } = engine
  const place = topology.place(wish.vantage)
  const provider = place && topology.provider(place.provider)
  if (!place || !provider) throw new BackendError('bad-input', 'no such place')
  const ours = provider.prefixes.map(range)
  const isSubscriber = (address: string) => ours.some((each) => each.has(address))
  const lieTo = topology.world.hosts.find((host) => host.kind === 'false-page')?.addresses ?? []
  const policy = createPolicy({
    seeds: adaptiveWorld.public.domains,
    budget: wish.budget,
    moveEveryMs: paceMs[wish.pace],
    own: lieTo,
    rangeOf: (address) => topology.providerOf(address)?.prefixes.find((prefix) => range(prefix).has(address)) ?? null,
  })
  const see = (sight: Sight) => policy.see(play.elapsedMs(), sight)
  const eye = createEye(isSubscriber, see)
  const probe = createProber(engine)
  const operator = createOperator(stage.offer, storeOf(adaptiveWorld))
  const bills = createBills(
    () => topology.world.hosts.filter((host) => host.role === 'neighbour'),
    (host) => people.isUp(place.id, host),
  )
  let standing = new Map<string, string>()
  let thinking: Timer | null = null
  let last: AdaptiveState | null = null

  const sync = () => {
    const rules = rulesFor(policy.orders(), { provider: provider.id, lieTo })
    const next = new Map(rules.map((rule) => [rule.id, JSON.stringify(rule)]))
    for (const id of standing.keys()) if (!next.has(id)) judge.remove(id)
    for (const rule of rules) if (standing.get(rule.id) !== next.get(rule.id)) judge.add(rule, 'adaptive')
    standing = next
  }
  const carryOut = (decision: Decision) => {
    const atMs = Math.round(play.elapsedMs())
    if (decision.do === 'impose') bills.imposed(atMs, decision)
    if (decision.do === 'lift') bills.lifted(decision.orders)
    if (decision.do === 'probe') {
      const { to, port } = decision
      const way = { who: 'prober', from: '', place: null, provider: provider.id, to, toProvider: null, port }
      void probe(way, eye.firstTo(to, port)).then((proxy) => see({ t: 'probed', to, port, proxy }))
    }
    sync()
    deps.made({ atMs, side: 'censor', ...wordsOf(decision) })
  }
  const open = ({ hosts, addresses, offer }: Opening) => {
    stage.open(hosts, offer)
    const where = [...new Set(addresses.map((address) => topology.providerOf(address)?.title ?? ''))].join(', ')
    const facts = { where, targets: addresses.join(', '), count: addresses.length }
    const text = `Opens more entrances in ${where}: ${facts.targets}.`
    deps.made({ atMs: Math.round(play.elapsedMs()), side: 'service', code: 'service-opened', facts, text })
    deps.changed()
  }
  const think = () => {
    thinking = clock.after(THINK_MS, think)
    if (play.paused) return
    const opening = operator.look(clock.monotonic())
    if (opening) open(opening)
    bills.look(play.elapsedMs())
    const decision = policy.decide(play.elapsedMs())
    if (!decision) return
    carryOut(decision)
    deps.changed()
  }
  const undos = [
    engine.tap(eye.look),
    // What reaches the service's machines, as their own logs would have it.
    engine.tap(({ protocol, direction, from, to, what, again }) => {
      if (protocol === 'udp') return
      if (what === 'fin' || what === 'reset') operator.left(from, to.address)
      else if (what === 'data' && direction === 'up' && !again) operator.arrived(clock.monotonic(), from, to.address)
    }),
  ]
  void lookUpAll(engine, place, adaptiveWorld.public.hosts)
  think()

  const state = (): AdaptiveState => {
    const atMs = play.elapsedMs()
    const { suspects, spent, next, beyond, outcome } = policy.state(atMs)
    return {
      ...wish,
      ...{ on: true, spent: [...spent], next, beyond, outcome, bills: bills.list(atMs) },
      suspects: suspects.map(({ address, sure, reasons, cut }) => ({ address, sure: sure >= SURE, cut, reasons: [...reasons] })),
    }
  }
  return {
    wish,
    get on() {
      return last === null
    },
    state: () => last ?? state(),
    stop() {
      if (last) return
      last = { ...state(), on: false, next: null }
      thinking?.cancel()
      for (const undo of undos) undo()
      for (const id of standing.keys()) judge.remove(id)
    },
  }
}
