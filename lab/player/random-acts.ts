/** Acts of a censor at the client's own provider. */
import type { Mechanism, Place, Plane } from '../../shared/contract/path.ts'
import type { RuleInput } from '../censor/rule.ts'
import { anyPart, type Draws, type Ingredient, type Make } from './random-parts.ts'
import { ISP } from './random-place.ts'

const exactly = (names: readonly string[]) => names.map((text) => ({ how: 'exact' as const, text }))

function act(
  { id }: Draws,
  title: string,
  match: RuleInput['match'],
  does: RuleInput['act'],
  truth: Pick<Ingredient, 'scope'> & {
    readonly mechanisms: readonly Mechanism[]
    readonly place?: Place
    readonly share?: number
    readonly residualMs?: number
    readonly unseenOn?: readonly Plane[]
  },
): Ingredient {
  const { scope, mechanisms, place = 'way', residualMs, unseenOn } = truth
  const rule = { id, label: title, match: { providers: [ISP], ...match }, act: does, ...(residualMs !== undefined && { residualMs }) }
  return { title, rule, start: id, kind: 'interference', mechanisms, places: [place], scope, ...(unseenOn && { unseenOn }) }
}

const lookups =
  (word: string, does: (draws: Draws) => RuleInput['act'], mechanisms: readonly Mechanism[], place: Place): Make =>
  (draws) => {
    const { title, names, named } = anyPart(draws)
    return act(draws, `${word}: ${title}`, { names: [...names] }, does(draws), { scope: named, mechanisms, place })
  }

/** What the box goes on doing to connections of the same pair for a while. */
const residue = { reset: 'ip_reset', close: 'ip_reset', drop: 'ip_drop' } as const

const byName =
  (word: string, does: keyof typeof residue, mechanism: Mechanism): Make =>
  (draws) => {
    const { title, sni, said, planes } = anyPart(draws)
    const rule = { sni: exactly(sni) }
    if (!draws.chance(0.2)) return act(draws, `${word} by name: ${title}`, rule, { do: does }, { scope: said, mechanisms: [mechanism] })
    // Whoever else is at those addresses is hit now and then: nothing steady is true of them.
    const others = planes.filter((plane) => !said.some((one) => one === plane))
    const truth = { scope: planes, mechanisms: [mechanism, residue[does]], residualMs: 4000, unseenOn: others }
    return act(draws, `${word} by name, with a residue: ${title}`, rule, { do: does }, truth)
  }

const byAddress =
  (word: string, does: RuleInput['act'], mechanisms: readonly Mechanism[]): Make =>
  (draws) => {
    const { title, to, planes } = anyPart(draws)
    // A whole range is one even where not all of it is silent for us.
    return act(draws, `${word} by address: ${title}`, { to: [...to] }, does, { scope: planes, mechanisms })
  }

/** How much comes is looked at where a sample is served, which is at these addresses. */
const ofMedia =
  (word: string, does: RuleInput['act'], mechanisms: readonly Mechanism[]): Make =>
  (draws) =>
    act(draws, `${word}: media`, draws.chance(0.5) ? { sni: exactly(['media.throughline.test']) } : { to: ['240.149.167.0/24'] }, does, {
      scope: ['media'],
      mechanisms,
    })

const elsewhere = ['240.77.252.152'] as const
export const acts: readonly [Make, ...Make[]] = [
  lookups(
    'False answers',
    ({ draw }) => ({ do: 'lie', addresses: [draw(['240.77.252.152', '240.31.200.20', '240.151.1.69'])] }),
    ['dns_lie'],
    'resolver',
  ),
  lookups(
    'Answers that lead nowhere',
    ({ draw }) => ({ do: 'lie', addresses: [draw(['10.10.34.34', '127.0.0.1', '0.0.0.0'])] }),
    ['dns_bogon', 'dns_lie'],
    'resolver',
  ),
  lookups('No such name', () => ({ do: 'lie', addresses: [] }), ['dns_nxdomain'], 'resolver'),
  lookups('No answer', () => ({ do: 'silence' }), ['dns_silence'], 'resolver'),
  lookups('Forged answers on the way', () => ({ do: 'inject', addresses: [...elsewhere] }), ['dns_injection', 'dns_lie'], 'way'),
  byAddress('Dropped', { do: 'drop' }, ['ip_drop', 'prefix_block']),
  byAddress('Reset', { do: 'reset' }, ['ip_reset']),
  byAddress('Unreachable', { do: 'unreachable' }, ['ip_unreachable']),
  byName('Reset', 'reset', 'sni_reset'),
  byName('Closed', 'close', 'sni_close'),
  byName('Dropped', 'drop', 'sni_drop'),
  byAddress('Opened by a box', { do: 'intercept', ca: 'own' }, ['tls_mitm']),
  ofMedia('Held to 140 kbit/s', { do: 'throttle', kbps: 140 }, ['rate_limit', 'sni_throttle']),
  ofMedia('Stopped after 16 kB', { do: 'freeze', afterBytes: 16_384, upToBytes: 20_480 }, ['byte_freeze']),
]
