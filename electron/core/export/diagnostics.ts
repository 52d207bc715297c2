/** The Path view's state and its evidence as a file for strangers (shared/contract/diagnostics.ts). Pure; takes over nothing that is not named here. */
import * as v from 'valibot'
import {
  countedFacts,
  Diagnostics,
  MOST_LISTED,
  namedFacts,
  type PlaneFinding,
  RuleId,
  reasons,
} from '../../../shared/contract/diagnostics.ts'
import type { HistoryLine } from '../../../shared/contract/history.ts'
import type { Attempt, EvidenceLine, KnownRoute, PathState, Verdict } from '../../../shared/contract/path.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { reasonFailure } from './failures.ts'
import { type Evidence, measuredEvidence, secondsSince } from './measurement-out.ts'
import { type Redaction, redaction } from './redact.ts'

const HOUR_MS = 3_600_000

export interface DiagnosticsInput {
  readonly path: PathState
  readonly evidence: Evidence
  readonly history: readonly HistoryLine[]
  readonly bundle: Bundle
  /** Ids of its endpoints that not everybody is told of. */
  readonly forFew?: readonly string[]
  /** Of this program. */
  readonly version: string
}

type Keys = Diagnostics['test_keys']
type Since = (at: number) => number

/** Throws if it does not come out as the schema says, rather than let anything else through. `leftOut`: observations that are not in `evidence`. */
export function diagnosticsOf({ path, evidence, history, bundle, forFew, version }: DiagnosticsInput, leftOut = 0): Diagnostics {
  const redact = redaction(bundle, forFew)
  const { now } = evidence.context
  const zero = Math.min(now, ...evidence.observations.map(({ at }) => at))
  const since = secondsSince(zero)
  return v.parse(Diagnostics, {
    data_format_version: '0.2.0',
    software_name: 'throughline',
    software_version: version,
    test_name: 'throughline',
    test_version: '2.1.0',
    measurement_start_time: new Date(Math.floor(zero / HOUR_MS) * HOUR_MS).toISOString().slice(0, 19).replace('T', ' '),
    test_runtime: since(Math.max(zero, ...evidence.observations.map(({ at, ms }) => at + ms))),
    input: null,
    probe_asn: 'AS0',
    probe_cc: 'ZZ',
    probe_ip: '127.0.0.1',
    annotations: { network: path.network.kind, bundle_version: bundle.version },
    test_keys: {
      ...measuredEvidence(evidence, zero, redact),
      left_out: leftOut,
      planes: Object.fromEntries(path.verdicts.map((verdict) => [verdict.plane, findingOf(verdict, redact, since)])),
      history: history.map(({ plane, kind, mechanisms, word, place, from, until, end }) => ({
        plane,
        kind,
        mechanisms,
        word,
        place,
        t0: since(from),
        t: since(until),
        end,
      })),
      connection: connectionOf(path, redact, since),
      race: {
        t0: path.raceAt === null ? null : since(path.raceAt),
        attempts: path.attempts.slice(-MOST_LISTED).map((attempt) => attemptOf(attempt, redact, (ms) => since((path.raceAt ?? zero) + ms))),
      },
      routes: path.routes.slice(0, MOST_LISTED).map((known) => routeOf(known, redact, since)),
      remembered: path.remembered.slice(0, MOST_LISTED).map(({ recipe, plane, ms, at, failures }) => ({
        recipe: redact.recipe(recipe),
        plane,
        ms,
        t: since(at),
        failures,
      })),
    } satisfies Keys,
  })
}

function connectionOf(path: PathState, redact: Redaction, since: Since): Keys['connection'] {
  const { network, route, standby, returning, lastSwitch } = path
  return {
    status: path.status,
    t0: since(path.since),
    is_quiet: path.isQuiet ?? false,
    network_up: network.up,
    network_known: network.known,
    clock_skew_ms: path.clockSkewMs,
    next_try_t: path.nextTryAt === null ? null : since(path.nextTryAt),
    route: route && { recipe: redact.recipe(route.recipe), kind: route.kind, connect_ms: route.connectMs, t0: since(route.since) },
    standby: standby && { recipe: redact.recipe(standby.recipe), kind: standby.kind, t0: since(standby.since) },
    returning: returning && { ready_t: since(returning.readyAt), hold_ms: returning.holdMs },
    last_switch: lastSwitch && { t: since(lastSwitch.at), gap_ms: lastSwitch.gapMs, kind: lastSwitch.kind },
  }
}

function findingOf(verdict: Verdict, redact: Redaction, since: Since): PlaneFinding {
  const { kind, mechanisms, confidence, word, place, actions, exposure } = verdict
  const evidence = verdict.evidence.slice(0, MOST_LISTED).map(({ rule, code, control, layer, level, at, facts }) => ({
    rule: v.is(RuleId, rule) ? rule : 'other',
    layer,
    code,
    control,
    level,
    t: since(at),
    facts: factsOf(facts, redact),
  }))
  return { kind, mechanisms, confidence, word, place, t0: since(verdict.since), actions, exposure, evidence }
}

function factsOf(facts: EvidenceLine['facts'], redact: Redaction): PlaneFinding['evidence'][number]['facts'] {
  const counted = countedFacts.flatMap((fact) => (typeof facts[fact] === 'number' ? [[fact, facts[fact]]] : []))
  const named = namedFacts.flatMap((fact) => {
    const text = facts[fact]
    return typeof text === 'string' ? [[fact, withoutOthers(fact, text, redact)]] : []
  })
  return Object.fromEntries([...counted, ...named])
}

function withoutOthers(fact: (typeof namedFacts)[number], text: string, redact: Redaction): string {
  if (fact === 'fault' || fact === 'reason') return redact.fault(text)
  return fact === 'provider' || fact === 'issuer' ? redact.party(text) : redact.places(text)
}

function attemptOf(attempt: Attempt, redact: Redaction, since: Since): Keys['race']['attempts'][number] {
  const { id, recipe, kind, startMs, why, outcome, reason, phases } = attempt
  return {
    id,
    recipe: redact.recipe(recipe),
    kind,
    t0: since(startMs),
    why: why ? { cause: why.cause, by: why.by ?? null } : null,
    outcome,
    failure: failureOf(reason),
    phases: phases.map((trace) => ({
      phase: trace.phase,
      t0: since(startMs + trace.startMs),
      t: trace.endMs === null ? null : since(startMs + trace.endMs),
      outcome: trace.outcome,
      failure: failureOf(trace.reason),
    })),
  }
}

function routeOf(route: KnownRoute, redact: Redaction, since: Since): Keys['routes'][number] {
  const { recipe, kind, source, last, remembered, choice = null } = route
  return {
    recipe: redact.recipe(recipe),
    kind,
    source,
    last: last && { ok: last.ok, ms: last.ms, failure: failureOf(last.reason), t: since(last.at) },
    is_remembered: remembered,
    choice,
  }
}

/** Only words of the closed list. */
function failureOf(reason: string | undefined): string | null {
  if (reason === undefined) return null
  return reasonFailure(reasons.find((known) => known === reason) ?? (reason.startsWith('dns') ? 'dns' : 'other'))
}
