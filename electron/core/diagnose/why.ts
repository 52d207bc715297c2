/**
 * What would change a finding: the same pure function asked again with something supposed to be seen besides. A supposition that changes
 * neither what is said nor how sure it is, is left out.
 */
import type { Plane } from '../../../shared/contract/path.ts'
import type { Supposed, Why } from '../../../shared/contract/why.ts'
import type { Observation, TcpObservation } from './observation.ts'
import type { Context } from './scene.ts'
import { diagnose, type Finding } from './verdict.ts'

interface Evidence {
  readonly observations: readonly Observation[]
  readonly context: Context
}
interface Supposition extends Evidence {
  readonly what: Supposed['what']
  readonly about: string | null
}

/** Enough that nobody takes them for accidents (detection.md 5.3). */
const REPEATED = 5
/** More than a packet sent again takes. */
const SILENCE_MS = 4000
const ANSWER_MS = 80
/** What no public place has, in any world. */
const NOWHERE = '0.0.0.0'

export function whyOf(evidence: Evidence, plane: Plane): Why {
  const now = findingOf(evidence, plane)
  if (!now) return { rule: null, changes: [] }
  const [first] = now.evidence
  const isClaim = now.kind === 'ok' || first?.level === 'scored'
  const changes = suppositions(evidence, plane, now).flatMap(({ what, about, ...supposed }) => {
    const then = findingOf(supposed, plane)
    if (!then || isSame(then, now)) return []
    const { kind, mechanisms, word, place } = then
    return [{ what, about, kind, mechanisms, word, place }]
  })
  return { rule: isClaim ? (first?.rule ?? null) : null, changes }
}

function findingOf({ observations, context }: Evidence, plane: Plane): Finding | undefined {
  return diagnose(observations, context).find((finding) => finding.plane === plane)
}

function isSame(a: Finding, b: Finding): boolean {
  return a.kind === b.kind && a.word === b.word && a.mechanisms.join() === b.mechanisms.join()
}

function suppositions(evidence: Evidence, plane: Plane, { kind }: Finding): readonly Supposition[] {
  const { observations, context } = evidence
  const endpoint = context.endpoints.find((one) => one.plane === plane)
  const address = endpoint?.addresses[0]
  if (!endpoint || address === undefined) return []
  const { id, host, port, provider } = endpoint
  // Just before the moment of judging, after everything that was truly seen.
  const now = context.now
  const at = (ms: number) => ({ at: now - ms, ms, plane, role: 'target' }) as const
  const there = { endpoint: id, provider, address, source: 'bundle' } as const
  const lookup = { t: 'dns', name: host, resolver: 'system', resolverId: lookupId(observations), ...at(ANSWER_MS) } as const
  const more = (what: Supposed['what'], about: string | null, seen: readonly Observation[]): Supposition => ({
    what,
    about,
    observations: [...observations, ...seen],
    context,
  })
  const times = <T extends Observation>(n: number, make: (shift: number) => T) => Array.from({ length: n }, (_, i) => make(n - 1 - i))
  const proof: readonly Observation[] = [
    { t: 'tcp', ...at(ANSWER_MS), ...there, port, outcome: { kind: 'connected' } },
    { t: 'tls', ...at(ANSWER_MS), ...there, sni: host, outcome: { kind: 'established' } },
    { t: 'status', ...at(ANSWER_MS), endpoint: id, provider, address, outcome: { kind: 'status', status: 200 } },
    ...(plane === 'chat' ? [{ t: 'hello', ...at(ANSWER_MS), ...there, outcome: { kind: 'proven' } } as const] : []),
  ]
  const elsewhere = (outcome: 'established' | 'silent') =>
    times(2, (shift) => ({
      t: 'vantage',
      ...at(ANSWER_MS + shift),
      via: `supposed-${shift}`,
      endpoint: id,
      address,
      outcome: { kind: outcome },
    }))
  if (kind === 'ok') {
    return [
      {
        what: 'falls-silent',
        about: address,
        // From now on, for a while, and strangers answer as before.
        context: { ...context, now: now + 2 * REPEATED * SILENCE_MS },
        observations: [
          ...observations,
          ...times(REPEATED, (shift): TcpObservation => {
            const silence = { t: 'tcp', ...at(SILENCE_MS), ...there, port, outcome: { kind: 'timeout' } } as const
            return { ...silence, at: now + (shift + 1) * SILENCE_MS }
          }),
          ...strangersAnswer(context, now + REPEATED * SILENCE_MS),
        ],
      },
      more(
        'lookup-false',
        host,
        times(2, (shift) => ({ ...lookup, at: now - ANSWER_MS - shift, outcome: { kind: 'answer', addresses: [NOWHERE], late: [] } })),
      ),
      more('nobody-answers', null, everybodySilent(evidence, plane)),
    ]
  }
  return [
    more('proves-itself', address, proof),
    ...(observations.some((o) => o.t === 'dns' && o.name === host && o.resolver === 'system')
      ? [more('lookup-true', host, [{ ...lookup, outcome: { kind: 'answer', addresses: [...endpoint.addresses], late: [] } }])]
      : []),
    more('answers-elsewhere', address, elsewhere('established')),
    more('fails-elsewhere', address, elsewhere('silent')),
    more('other-name-passes', address, [{ t: 'tls', ...at(ANSWER_MS), ...there, sni: null, outcome: { kind: 'established' } }]),
    more('seen-again', null, again(evidence, plane)),
    more('nobody-answers', null, everybodySilent(evidence, plane)),
    {
      what: 'nothing-compared',
      about: null,
      context,
      observations: observations.filter(({ role, t }) => role !== 'control' && t !== 'vantage'),
    },
  ]
}

function strangersAnswer({ controls }: Context, at: number): readonly TcpObservation[] {
  const answer = { t: 'tcp', at, ms: ANSWER_MS, plane: 'chat', role: 'control', source: 'bundle', outcome: { kind: 'connected' } } as const
  return controls.map(({ id, address, port, provider }) => ({ ...answer, endpoint: id, provider, address, port }))
}

function lookupId(observations: readonly Observation[]): string {
  const asked = observations.findLast((o) => o.t === 'dns' && o.resolver === 'system')
  return asked?.t === 'dns' ? asked.resolverId : 'system'
}

/** Every failure of this plane, and its comparisons, as often again as makes an accident unlikely. */
function again({ observations, context }: Evidence, plane: Plane): readonly Observation[] {
  const latest = new Map<string, Observation>()
  for (const o of observations) {
    if (o.t === 'local' || (o.plane !== plane && o.role === 'target')) continue
    const { at: _at, ms: _ms, ...what } = o
    latest.set(JSON.stringify({ ...what, outcome: '' }), o)
  }
  return [...latest.values()].flatMap((o) =>
    Array.from({ length: REPEATED }, (_, shift) => ({ ...o, at: context.now - o.ms - 1 - shift * 500 })),
  )
}

function everybodySilent({ context }: Evidence, plane: Plane): readonly Observation[] {
  const silence = { t: 'tcp', ms: SILENCE_MS, plane, source: 'bundle', outcome: { kind: 'timeout' } } as const
  const ours = context.endpoints.flatMap(({ id, plane: of, addresses, port, provider }) =>
    addresses.map((address) => ({ ...silence, plane: of, role: 'target' as const, endpoint: id, provider, address, port })),
  )
  const theirs = context.controls.map(({ id, address, port, provider }) => ({
    ...silence,
    role: 'control' as const,
    endpoint: id,
    provider,
    address,
    port,
  }))
  return [...ours, ...theirs].flatMap((o) => [2, 1, 0].map((shift) => ({ ...o, at: context.now - SILENCE_MS - shift * 10 })))
}
