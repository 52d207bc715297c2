/** A rule of the workbench made into a rule of the lab: a pure function of what the person said and of the world. */
import * as v from 'valibot'
import { type FieldFault, type HandRule, readValues, splitList } from '../../shared/contract/workbench.ts'
import type { CensorMechanism, SettingName, SettingValue } from '../../shared/contract/workbench-mechanisms.ts'
import { assertNever } from '../../shared/util/assert-never.ts'
import { Rule, type RuleInput } from '../censor/rule.ts'
import { isCidr } from '../engine/address.ts'
import { isVirtual, Name, type Place } from '../engine/world.ts'
import { type Board, type Target, targetOf } from './workbench-aim.ts'

export type MadeRule = { readonly ok: true; readonly rule: Rule } | { readonly ok: false; readonly faults: readonly FieldFault[] }

/** Where the page stands that records who comes. */
const FALSE_PAGE = 'false-page'

/** The same rule for the same words, as long as the world and the offer are the same. */
export function makeRule(id: string, hand: HandRule, board: Board): MadeRule {
  const { topology } = board
  const places = placesOf(hand.where, board)
  const { values, faults: found } = readValues(hand)
  const faults = [...found]
  if (places.length === 0) faults.push({ field: 'where', code: 'choice', facts: {} })
  const target = targetOf(hand.aim, places[0]?.country ?? '', board)
  if (faults.length === 0 && !target) faults.push({ field: 'aim', code: 'choice', facts: {} })
  if (faults.length > 0 || !target) return { ok: false, faults }

  const read = reader(values)
  for (const field of ['pool', 'allowed'] as const) {
    if (read.list(field).some((prefix) => !isCidr(prefix) || !isVirtual(prefix.split('/')[0] ?? '')))
      return { ok: false, faults: [{ field, code: 'prefixes', facts: {} }] }
  }
  const made = partsOf(hand.mechanism, target, read, {
    page: topology.world.hosts.find((host) => host.kind === FALSE_PAGE)?.addresses ?? [],
    domestic: topology.world.providers
      .filter((one) => one.country === places[0]?.country && topology.broughtBy(one.id) === null)
      .flatMap((one) => one.prefixes),
    impostor: topology.world.hosts.find((host) => host.kind === 'site' && host.role === 'control')?.addresses[0] ?? null,
  })
  if (!made) return { ok: false, faults: [{ field: 'aim', code: 'nothing', facts: {} }] }
  const { label, match, ...rest } = made
  const providers = hand.mechanism === 'overload' ? {} : { providers: [...new Set(places.map((place) => place.provider))] }
  const residual = read.number('residual')
  const parsed = v.safeParse(Rule, {
    id,
    label,
    match: { ...providers, ...match },
    share: Math.round(read.number('share', 100) * 10) / 1000,
    shareOf: read.text('shareOf') === 'destinations' ? 'destinations' : 'flows',
    ...(read.has('tableFlows') && {
      box: {
        ...(read.has('segments') && { segments: read.flag('segments'), records: read.flag('records') }),
        flows: read.number('tableFlows'),
        idleMs: read.number('tableIdle') * 1000,
      },
    }),
    ...(residual > 0 && { residualMs: residual * 1000, residualShare: read.number('residualShare') / 100 }),
    ...rest,
  } satisfies RuleInput)
  // What the checks of the form let through fits the rules of the lab; a name of one's own may still be none.
  return parsed.success ? { ok: true, rule: parsed.output } : { ok: false, faults: [{ field: 'name', code: 'name', facts: {} }] }
}

/** Of one place, or all of a country. */
export function placesOf(where: string, { topology }: Pick<Board, 'topology'>): Place[] {
  const [kind, id = ''] = [where.slice(0, where.indexOf(':')), where.slice(where.indexOf(':') + 1)]
  return topology.world.places.filter((place) =>
    // What a story brought is there while that story plays only.
    kind === 'place' ? place.id === id : place.country === id && topology.broughtBy(place.id) === null,
  )
}

type Reader = ReturnType<typeof reader>
type Made = Pick<RuleInput, 'label' | 'match' | 'act'> & Partial<Pick<RuleInput, 'share'>>

/** Values have passed their checks; one that a mechanism has not reads as nothing. */
function reader(values: Readonly<Partial<Record<SettingName, SettingValue>>>) {
  return {
    has: (name: SettingName) => values[name] !== undefined,
    number(name: SettingName, otherwise = 0) {
      const value = values[name]
      return typeof value === 'number' ? value : otherwise
    },
    text(name: SettingName) {
      const value = values[name]
      return typeof value === 'string' ? value : ''
    },
    flag: (name: SettingName) => values[name] === true,
    list(name: SettingName): string[] {
      const value = values[name]
      return typeof value === 'string' ? splitList(value) : typeof value === 'object' ? [...value] : []
    },
  }
}

interface Around {
  readonly page: readonly string[]
  readonly domestic: readonly string[]
  /** Somebody who answers, and cannot prove to be another. */
  readonly impostor: string | null
}

/** `null`: what it is aimed at has nothing that this mechanism could look at. */
function partsOf(mechanism: CensorMechanism, target: Target, read: Reader, { page, domestic, impostor }: Around): Made | null {
  const { title } = target
  const addressed = byAddress(target, read)
  const named = byName(target, read)
  const asked = { names: target.names.filter((name) => v.is(Name, name)) }
  const canAsk = asked.names.length > 0
  const ifNamed = (label: string, act: Made['act']): Made | null => named && { label, match: { ...ports(read), sni: named }, act }
  const ifAddressed = (label: string, act: Made['act']): Made | null => addressed && { label, match: addressed, act }
  switch (mechanism) {
    case 'dns_lie': {
      const answers = { page: [...page], nowhere: ['0.0.0.0'], loopback: ['127.0.0.1'] }
      const addresses = answers[read.text('answer') === 'nowhere' ? 'nowhere' : read.text('answer') === 'loopback' ? 'loopback' : 'page']
      return canAsk
        ? { label: `Lies in name lookup about ${title}`, match: asked, act: { do: 'lie', addresses, ttl: read.number('ttl') } }
        : null
    }
    case 'dns_nxdomain':
      if (!canAsk) return null
      return read.text('denier') === 'way'
        ? { label: `Denies from the way that ${title} exists`, match: asked, act: { do: 'inject' } }
        : { label: `Denies in name lookup that ${title} exists`, match: asked, act: { do: 'lie', addresses: [] } }
    case 'dns_injection': {
      const from = read.text('forged') === 'pool' && read.list('pool').length > 0 ? { pool: read.list('pool') } : { addresses: [...page] }
      const act: Made['act'] = { do: 'inject', ...from, answers: read.number('answers'), ttl: read.number('ttl') }
      return canAsk ? { label: `Forges answers about ${title}`, match: asked, act } : null
    }
    case 'dns_silence':
      return canAsk ? { label: `Swallows questions about ${title}`, match: asked, act: { do: 'silence' } } : null
    case 'ip_drop':
      return ifAddressed(`Drops what goes to ${title}`, { do: 'drop' })
    case 'ip_reset':
      return ifAddressed(`Refuses connections to ${title}`, { do: 'reset' })
    case 'ip_unreachable': {
      const code = read.text('unreachable') === 'ENETUNREACH' ? 'ENETUNREACH' : 'EHOSTUNREACH'
      return ifAddressed(`Says there is no way to ${title}`, { do: 'unreachable', code })
    }
    case 'sni_reset':
      return ifNamed(`Cuts connections that name ${said(target, read)}`, { do: 'reset' })
    case 'sni_close':
      return ifNamed(`Ends connections that name ${said(target, read)}`, { do: 'close' })
    case 'sni_drop':
      return ifNamed(`Silences connections that name ${said(target, read)}`, { do: 'drop' })
    case 'http_blockpage': {
      const leads = read.text('page') === 'tracker' && page[0] !== undefined
      const act: Made['act'] = leads
        ? { do: 'blockpage', status: 302, location: `http://${page[0]}/` }
        : { do: 'blockpage', status: 403, body: '<h1>Blocked</h1>' }
      return named && { label: `Puts a page in place of ${said(target, read)}`, match: { host: named }, act }
    }
    case 'http_host': {
      const end = read.text('httpEnd')
      const act: Made['act'] = { do: end === 'drop' ? 'drop' : end === 'close' ? 'close' : 'reset' }
      return named && { label: `Cuts plain requests for ${said(target, read)}`, match: { host: named }, act }
    }
    case 'tls_mitm':
      return ifAddressed(`Opens encryption on the way to ${title}`, {
        do: 'intercept',
        ca: read.text('certificate') === 'trusted' ? 'trusted' : 'own',
      })
    case 'route_hijack':
      return impostor === null ? null : ifAddressed(`Leads elsewhere what goes to ${title}`, { do: 'reroute', to: impostor })
    case 'rate_limit': {
      const kbps = read.number('rate')
      const act: Made['act'] = { do: 'throttle', kbps }
      const label = `Slows ${title} to ${kbps} kbit/s`
      return read.text('rateBy') === 'name' ? ifNamed(label, act) : ifAddressed(label, act)
    }
    case 'byte_freeze': {
      const [afterBytes, upToBytes] = [read.number('freezeFrom'), read.number('freezeTo')]
      return ifAddressed(`Freezes transfers of ${title} after ${afterBytes} to ${upToBytes} bytes`, { do: 'freeze', afterBytes, upToBytes })
    }
    case 'protocol_block': {
      const allow = (['dns', 'http', 'tls'] as const).filter((protocol) => read.list('protocols').includes(protocol))
      const label = `Lets only ${allow.map((protocol) => protocol.toUpperCase()).join(', ')} pass to ${title}`
      return ifAddressed(label, { do: 'protocol', allow, silenceMs: read.number('silence') * 1000 })
    }
    case 'fully_encrypted':
      return (
        addressed && { label: 'Stalls bytes that look like nothing', match: { ...addressed, payload: ['opaque'] }, act: { do: 'drop' } }
      )
    case 'active_probing': {
      const act: Made['act'] = { do: 'probe', delayMs: read.number('probeDelay'), blockMs: read.number('probeBlock') * 1000 }
      return ifAddressed('Calls suspected bridges and drops those that answer', act)
    }
    case 'allow_list':
      return {
        label: 'Lets through domestic addresses only',
        match: {},
        act: { do: 'allowlist', prefixes: [...domestic, ...read.list('allowed')] },
      }
    case 'possible_shutdown':
      return { label: 'Drops everything', match: {}, act: { do: 'allowlist', prefixes: [] } }
    case 'overload': {
      const act: Made['act'] = { do: 'load', offered: read.number('offered'), served: read.number('served'), queue: read.number('queue') }
      return ifAddressed(`A flood on ${title}: ${read.number('offered')} a second where ${read.number('served')} can be served`, act)
    }
    default:
      return assertNever(mechanism)
  }
}

const ports = (read: Reader) => {
  const list = read.list('ports').map(Number)
  return list.length > 0 ? { ports: list } : {}
}

function byAddress({ prefixes, providers, all }: Target, read: Reader): RuleInput['match'] | null {
  if (all) return ports(read)
  if (providers) return { toProviders: [...providers], ...ports(read) }
  return prefixes.length > 0 ? { to: [...prefixes], ...ports(read) } : null
}

/** A name of the person's own, or those of the target: all of them, or all that there are in this world. */
function byName({ names, all }: Target, read: Reader): NonNullable<RuleInput['match']['sni']> | null {
  const how = read.text('how') === 'exact' ? 'exact' : read.text('how') === 'contains' ? 'contains' : 'suffix'
  const [own] = read.list('name')
  if (own !== undefined) return [{ how, text: own }]
  if (all) return [{ how: 'suffix', text: 'test' }]
  return names.length > 0 ? names.map((text) => ({ how, text })) : null
}

function said({ title }: Target, read: Reader): string {
  const [own] = read.list('name')
  return own === undefined ? title : `“${own}”`
}
