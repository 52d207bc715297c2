/** The Path view's state as a file for strangers (shared/contract/diagnostics.ts). Pure; takes over nothing that is not named here. */
import * as v from 'valibot'
import { countedFacts, Diagnostics, namedFacts, reasons } from '../../../shared/contract/diagnostics.ts'
import type { Attempt, EvidenceLine, KnownRoute, PathState, Verdict } from '../../../shared/contract/path.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { type Redaction, redaction } from './redact.ts'

const HOUR_MS = 3_600_000

/** `now`: epoch ms. Throws if it does not come out as the schema says, rather than let anything else through. */
export function diagnosticsOf(path: PathState, bundle: Bundle, now: number): Diagnostics {
  const redact = redaction(bundle)
  const ago = (at: number) => Math.max(0, Math.round(now - at))
  const { network, route, standby, returning, lastSwitch } = path
  return v.parse(Diagnostics, {
    format: 'throughline diagnostics 1',
    made: new Date(Math.floor(now / HOUR_MS) * HOUR_MS).toISOString(),
    bundleVersion: bundle.version,
    network: { kind: network.kind, up: network.up, known: network.known },
    status: { value: path.status, forMs: ago(path.since), isQuiet: path.isQuiet ?? false },
    route: route && { recipe: redact.recipe(route.recipe), kind: route.kind, connectMs: route.connectMs, forMs: ago(route.since) },
    standby: standby && { recipe: redact.recipe(standby.recipe), kind: standby.kind, forMs: ago(standby.since) },
    returning: returning && { inMs: Math.max(0, returning.readyAt - now), holdMs: returning.holdMs },
    lastSwitch: lastSwitch && { agoMs: ago(lastSwitch.at), gapMs: lastSwitch.gapMs, kind: lastSwitch.kind },
    nextTryInMs: path.nextTryAt === null ? null : Math.max(0, path.nextTryAt - now),
    clockSkewMs: path.clockSkewMs,
    findings: path.verdicts.map((verdict) => findingOf(verdict, redact, ago)),
    race: { agoMs: path.raceAt === null ? null : ago(path.raceAt), attempts: path.attempts.map((attempt) => attemptOf(attempt, redact)) },
    routes: path.routes.map((known) => routeOf(known, redact, ago)),
    remembered: path.remembered.map(({ recipe, plane, ms, at, failures }) => ({
      recipe: redact.recipe(recipe),
      plane,
      ms,
      agoMs: ago(at),
      failures,
    })),
  })
}

function findingOf(verdict: Verdict, redact: Redaction, ago: (at: number) => number): Diagnostics['findings'][number] {
  const { plane, kind, mechanisms, confidence, word, place, actions, exposure } = verdict
  const evidence = verdict.evidence.map(({ code, control, layer, level, at, facts }) => ({
    code,
    control,
    layer,
    level,
    agoMs: ago(at),
    facts: factsOf(facts, redact),
  }))
  return { plane, kind, mechanisms, confidence, word, place, sinceAgoMs: ago(verdict.since), actions, exposure, evidence }
}

function factsOf(facts: EvidenceLine['facts'], redact: Redaction): Diagnostics['findings'][number]['evidence'][number]['facts'] {
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

function attemptOf(attempt: Attempt, redact: Redaction): Diagnostics['race']['attempts'][number] {
  const { id, recipe, kind, startMs, why, outcome, reason, phases } = attempt
  return {
    id,
    recipe: redact.recipe(recipe),
    kind,
    startMs,
    why: why ? { cause: why.cause, by: why.by ?? null } : null,
    outcome,
    reason: reasonOf(reason),
    phases: phases.map((trace) => ({
      phase: trace.phase,
      startMs: trace.startMs,
      endMs: trace.endMs,
      outcome: trace.outcome,
      reason: reasonOf(trace.reason),
    })),
  }
}

function routeOf(route: KnownRoute, redact: Redaction, ago: (at: number) => number): Diagnostics['routes'][number] {
  const { recipe, kind, source, last, remembered, choice = null } = route
  return {
    recipe: redact.recipe(recipe),
    kind,
    source,
    last: last && { ok: last.ok, ms: last.ms, reason: reasonOf(last.reason), agoMs: ago(last.at) },
    isRemembered: remembered,
    choice,
  }
}

function reasonOf(reason: string | undefined): (typeof reasons)[number] | null {
  if (reason === undefined) return null
  return reasons.find((known) => known === reason) ?? (reason.startsWith('dns') ? 'dns' : 'other')
}
