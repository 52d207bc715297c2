/** The optional host group `lab`: what the Lab view shows and asks. Answered by the shell and the gateway, never by core. */
import * as v from 'valibot'
import { AdaptiveState } from './adaptive.ts'
import { Workbench } from './workbench.ts'

const Text = v.string()

export const Claim = v.strictObject({ text: Text, mark: v.picklist(['reported', 'measured', 'disputed']), source: v.string() })

/** A scenario's card: what happened, who asked for what, who paid, and one thing to try. */
export const ScenarioCard = v.strictObject({
  id: v.string(),
  /** It shows one mechanism by itself, several things at once, or a trouble that is no censorship, and stands apart from what happened. */
  kind: v.optional(v.picklist(['mechanism', 'combined', 'trap'])),
  title: Text,
  place: Text,
  dates: Text,
  demand: Text,
  answer: Text,
  meant: Text,
  hit: Text,
  whoPaid: Text,
  tryThis: Text,
  claims: v.array(Claim),
  sources: v.array(v.strictObject({ title: v.string(), publisher: v.string(), date: v.string() })),
  /** Simulated addresses and what they stand for. */
  standIns: v.array(v.strictObject({ simulated: v.string(), documented: v.string(), what: Text })),
  /** The place a person is put in by "try this". */
  vantage: v.string(),
  /** Rough running time at normal speed, seconds. */
  seconds: v.number(),
})
export type ScenarioCard = v.InferOutput<typeof ScenarioCard>

export const Vantage = v.strictObject({ id: v.string(), title: Text, country: Text, provider: v.string() })
export type Vantage = v.InferOutput<typeof Vantage>

export const MoveSide = v.picklist(['censor', 'service', 'app', 'plain', 'world'])
export const Move = v.strictObject({
  /** Milliseconds since the run began. */
  atMs: v.number(),
  /** The documented moment this stands for, ISO date or date-time; absent for what happens only here. */
  story: v.optional(v.string()),
  side: MoveSide,
  /** For `app` and `plain`: a catalogue code with facts. For the others: the scenario's own text. */
  text: v.string(),
  code: v.optional(v.string()),
  facts: v.optional(v.record(v.string(), v.union([v.string(), v.number()]))),
  effect: v.optional(v.string()),
  who: v.optional(v.string()),
  /** After a move that changed it: `LabState.addressesBlocked`. */
  addressesBlocked: v.optional(v.number()),
})
export type Move = v.InferOutput<typeof Move>

export const MapNode = v.strictObject({
  id: v.string(),
  title: Text,
  column: v.picklist(['places', 'providers', 'wayout', 'clouds']),
  kind: v.picklist(['person', 'place', 'provider', 'resolver', 'exchange', 'cloud', 'service', 'neighbour', 'proxy', 'falsepage']),
  /** The node it is drawn inside of. */
  parent: v.optional(v.string()),
  up: v.boolean(),
  counter: v.optional(v.number()),
})
export type MapNode = v.InferOutput<typeof MapNode>

export const Gate = v.strictObject({
  id: v.string(),
  /** The provider node whose way out it stands on. */
  at: v.string(),
  act: v.picklist([
    'lie',
    'inject',
    'silence',
    'drop',
    'reset',
    'close',
    'unreachable',
    'throttle',
    'freeze',
    'blockpage',
    'intercept',
    'reroute',
    'allowlist',
    'protocol',
    'probe',
    'load',
  ]),
  label: Text,
  by: v.picklist(['scenario', 'you', 'adaptive']),
})
export type Gate = v.InferOutput<typeof Gate>

/** One flow's movement, sampled from gateway events: at most 30 a second. */
export const Bead = v.strictObject({
  from: v.string(),
  to: v.string(),
  who: v.string(),
  kind: v.picklist(['dns', 'chat', 'media', 'links', 'web', 'proxy', 'other']),
  fate: v.picklist(['passed', 'lied', 'dropped', 'reset', 'slowed']),
})
export type Bead = v.InferOutput<typeof Bead>

/** How fast a story may run. Its moves come sooner or later; the packets between keep their own time. */
export const LabSpeed = v.picklist([0.5, 1, 2, 5])
export type LabSpeed = v.InferOutput<typeof LabSpeed>

export const CensorMove = v.picklist(['dns_lie', 'ip_drop', 'prefix_block', 'sni_reset'])
export type CensorMove = v.InferOutput<typeof CensorMove>

export const LabState = v.strictObject({
  scenarios: v.array(ScenarioCard),
  vantages: v.array(Vantage),
  running: v.nullable(
    v.strictObject({
      scenario: v.string(),
      client: v.string(),
      startedAt: v.number(),
      /** Story time now, ISO. */
      story: v.string(),
      step: v.number(),
      steps: v.number(),
      finished: v.boolean(),
      /** 0 while it is paused. */
      speed: v.number(),
      /** How fast it runs unless paused: a multiple of normal speed. */
      rate: v.number(),
      /** Of the run, on its own clock, which pauses and hurries with it. */
      atMs: v.number(),
      lastsMs: v.number(),
      moveTimes: v.array(v.number()),
    }),
  ),
  /** A play without a story: the person's own, or the adaptive censor's. Kept, and looked back on, until the next begins. */
  free: v.nullable(
    v.strictObject({
      /** Where the censor stands. */
      vantage: v.string(),
      startedAt: v.number(),
      /** Of the play, on its own clock; and how far it has come. */
      atMs: v.number(),
      lastsMs: v.number(),
      paused: v.boolean(),
      /** Nothing stands in anybody's way any more. */
      finished: v.boolean(),
      moveTimes: v.array(v.number()),
    }),
  ),
  adaptive: v.nullable(AdaptiveState),
  clients: v.array(v.strictObject({ name: v.string(), vantage: v.string(), online: v.boolean() })),
  nodes: v.array(MapNode),
  edges: v.array(v.strictObject({ from: v.string(), to: v.string() })),
  gates: v.array(Gate),
  moves: v.array(Move),
  collateral: v.array(v.strictObject({ name: v.string(), what: Text, cloud: v.string(), up: v.boolean() })),
  /** IPv4 addresses that nobody can reach from there by any port, each counted once. */
  addressesBlocked: v.number(),
  /** Visitors recorded by the false page, if the scenario has one. */
  tracker: v.nullable(v.strictObject({ total: v.number(), byClient: v.record(v.string(), v.number()) })),
  /** The plain socket.io client standing beside `client`, at the same place. */
  plain: v.nullable(
    v.strictObject({ vantage: v.string(), state: v.picklist(['connecting', 'connected']), sinceMs: v.number(), attempts: v.number() }),
  ),
  /** After each move: what the lab did, and what the app of `client` then said. */
  truth: v.array(
    v.strictObject({
      atMs: v.number(),
      did: Text,
      said: v.nullable(v.strictObject({ plane: v.string(), kind: v.string(), mechanisms: v.array(v.string()), word: v.string() })),
    }),
  ),
  workbench: Workbench,
  /** Whose window changed the lab last. */
  changedBy: v.nullable(v.string()),
})
export type LabState = v.InferOutput<typeof LabState>

/** The same as it is told again and again: without the scenarios, most of its bytes, unless they are others than last time. */
export const LabChange = v.strictObject({ ...LabState.entries, scenarios: v.optional(LabState.entries.scenarios) })
export type LabChange = v.InferOutput<typeof LabChange>
