/**
 * What a censor of the workbench can be made of, as data: each mechanism with what it may be aimed at and the settings it has.
 * The form, its checks and the lab's rules (lab/player/workbench-rule.ts) all come from here; words are in the screens' catalogue.
 */

export type Unit = 'kbps' | 'bytes' | 's' | 'ms' | 'percent' | 'perSecond' | 'count'

export interface NumberSetting {
  readonly kind: 'number'
  readonly unit: Unit
  readonly min: number
  readonly max: number
  readonly whole: boolean
  readonly initial: number
}
export interface ChoiceSetting {
  readonly kind: 'choice'
  readonly options: readonly string[]
  readonly initial: string
}
interface FlagSetting {
  readonly kind: 'flag'
  readonly initial: boolean
}
/** Several of a few. */
export interface SetSetting {
  readonly kind: 'set'
  readonly options: readonly string[]
  readonly initial: readonly string[]
}
/** One line; lists are parted by commas. Empty always means: nothing of one's own. */
export interface TextSetting {
  readonly kind: 'text'
  readonly of: 'name' | 'ports' | 'prefixes'
  /** How many may stand there. */
  readonly most: number
  readonly initial: string
}
export type Setting = NumberSetting | ChoiceSetting | FlagSetting | SetSetting | TextSetting

const number = (unit: Unit, min: number, max: number, initial: number, whole = true): NumberSetting => ({
  kind: 'number',
  unit,
  min,
  max,
  whole,
  initial,
})
const choice = (options: readonly string[], initial: string): ChoiceSetting => ({ kind: 'choice', options, initial })
const flag = (initial: boolean): FlagSetting => ({ kind: 'flag', initial })
const set = (...options: string[]): SetSetting => ({ kind: 'set', options, initial: options })
const text = (of: TextSetting['of'], most: number, initial = ''): TextSetting => ({ kind: 'text', of, most, initial })

/** Every setting there is. Where a figure is documented, it is where a new rule begins (docs/LAB.md names the sources). */
export const settings = {
  /** Where a false answer of a name lookup leads: the page that records who comes, nowhere (0.0.0.0), or back to the asker. */
  answer: choice(['page', 'nowhere', 'loopback'], 'page'),
  /** Whose doing the denial of a name is: the provider's own lookup, or a box on the way that answers first. */
  denier: choice(['resolver', 'way'], 'resolver'),
  /** What a box on the way answers with: one address, or addresses drawn from ranges. */
  forged: choice(['page', 'pool'], 'page'),
  pool: text('prefixes', 8, '240.222.0.0/22'),
  answers: number('count', 1, 5, 1),
  ttl: number('s', 0, 604_800, 60),
  ports: text('ports', 8),
  unreachable: choice(['EHOSTUNREACH', 'ENETUNREACH'], 'EHOSTUNREACH'),
  how: choice(['exact', 'suffix', 'contains'], 'suffix'),
  /** Instead of the names of what it is aimed at. */
  name: text('name', 1),
  segments: flag(true),
  records: flag(true),
  tableFlows: number('count', 1, 1_000_000, 65_536),
  tableIdle: number('s', 1, 3600, 300),
  residual: number('s', 0, 3600, 0),
  residualShare: number('percent', 1, 100, 100),
  share: number('percent', 1, 100, 100, false),
  shareOf: choice(['flows', 'destinations'], 'flows'),
  rate: number('kbps', 1, 10_000, 140),
  rateBy: choice(['address', 'name'], 'address'),
  freezeFrom: number('bytes', 0, 500_000, 16_384),
  freezeTo: number('bytes', 0, 500_000, 20_480),
  page: choice(['plain', 'tracker'], 'plain'),
  httpEnd: choice(['reset', 'drop', 'close'], 'reset'),
  certificate: choice(['own', 'trusted'], 'own'),
  protocols: set('dns', 'http', 'tls'),
  silence: number('s', 1, 3600, 60),
  probeDelay: number('ms', 0, 60_000, 1000),
  probeBlock: number('s', 1, 3600, 3600),
  allowed: text('prefixes', 16),
  served: number('perSecond', 1, 100_000, 200),
  offered: number('perSecond', 1, 100_000, 1000),
  queue: number('count', 1, 100_000, 400),
} as const satisfies Readonly<Record<string, Setting>>
export type SettingName = keyof typeof settings

/** What it does to people, in the order they are shown. */
export const mechanismGroups = ['lookup', 'address', 'name', 'page', 'slow', 'kinds', 'flood'] as const
export type MechanismGroup = (typeof mechanismGroups)[number]

/** What a rule can be aimed at, beside one cloud or one neighbour by its id (`cloud:cloud-a`, `neighbour:music`). */
export const plainAims = ['usual', 'service', 'messages', 'media', 'links', 'web', 'bridges', 'lookups', 'abroad', 'everything'] as const
export type PlainAim = (typeof plainAims)[number]
export type AimKind = PlainAim | 'cloud' | 'neighbour'

const ours = ['usual', 'service', 'messages', 'media', 'links', 'web'] as const
const byName: readonly AimKind[] = [...ours, 'neighbour', 'cloud', 'everything']
const byAddress: readonly AimKind[] = [...ours, 'bridges', 'lookups', 'neighbour', 'cloud', 'abroad', 'everything']
/** Where only traffic of no known kind is looked at: whose address it is says little. */
const anywhere: readonly AimKind[] = ['everything', 'abroad', 'cloud']

export interface MechanismOfCensor {
  readonly group: MechanismGroup
  /** The first is where a new rule begins. */
  readonly aims: readonly AimKind[]
  /** Shown at once. */
  readonly settings: readonly SettingName[]
  /** Shown on demand. */
  readonly more: readonly SettingName[]
  /** Where this one begins elsewhere than the setting says. */
  readonly initial?: Readonly<Partial<Record<SettingName, SettingValue>>>
}
export type SettingValue = number | string | boolean | string[]

const ofNames: readonly SettingName[] = ['ports', 'share', 'residual', 'residualShare', 'segments', 'records', 'tableFlows', 'tableIdle']

/** Ids are those of findings (path.ts) where there is one of the same. */
export const censorMechanisms = {
  dns_lie: { group: 'lookup', aims: byName, settings: ['answer'], more: ['share', 'ttl'] },
  dns_nxdomain: { group: 'lookup', aims: byName, settings: ['denier'], more: ['share'] },
  dns_injection: { group: 'lookup', aims: byName, settings: ['forged', 'pool', 'answers'], more: ['share', 'ttl'] },
  dns_silence: { group: 'lookup', aims: byName, settings: [], more: ['share'] },
  ip_drop: { group: 'address', aims: byAddress, settings: [], more: ['ports', 'share', 'shareOf'] },
  ip_reset: { group: 'address', aims: byAddress, settings: [], more: ['ports', 'share', 'shareOf'] },
  ip_unreachable: { group: 'address', aims: byAddress, settings: ['unreachable'], more: ['ports', 'share', 'shareOf'] },
  sni_reset: { group: 'name', aims: byName, settings: ['how', 'name'], more: ofNames },
  sni_close: { group: 'name', aims: byName, settings: ['how', 'name'], more: ofNames },
  sni_drop: { group: 'name', aims: byName, settings: ['how', 'name'], more: ofNames },
  http_blockpage: { group: 'page', aims: ['links', ...byName], settings: ['page', 'how', 'name'], more: ['share'] },
  http_host: {
    group: 'page',
    aims: ['links', ...byName],
    settings: ['httpEnd', 'how', 'name'],
    more: ['share', 'residual', 'residualShare'],
  },
  tls_mitm: { group: 'page', aims: byAddress, settings: ['certificate'], more: ['ports', 'share'], initial: { ports: '443' } },
  route_hijack: { group: 'page', aims: byAddress, settings: [], more: ['ports', 'share'] },
  rate_limit: { group: 'slow', aims: ['media', ...byAddress], settings: ['rate', 'rateBy'], more: ['ports', 'share'] },
  byte_freeze: {
    group: 'slow',
    aims: byAddress,
    settings: ['freezeFrom', 'freezeTo'],
    more: ['ports', 'share', 'tableFlows', 'tableIdle'],
  },
  protocol_block: {
    group: 'kinds',
    aims: anywhere,
    settings: ['protocols', 'silence'],
    more: ['ports', 'share', 'shareOf'],
    initial: { ports: '53, 80, 443' },
  },
  fully_encrypted: {
    group: 'kinds',
    aims: anywhere,
    settings: ['share', 'residual'],
    more: ['residualShare', 'ports'],
    initial: { share: 26.3, residual: 180 },
  },
  active_probing: {
    group: 'kinds',
    aims: ['bridges', ...anywhere],
    settings: ['probeDelay', 'probeBlock'],
    more: ['ports'],
    initial: { ports: '1080, 3128' },
  },
  allow_list: { group: 'kinds', aims: ['everything'], settings: ['allowed'], more: [] },
  possible_shutdown: { group: 'kinds', aims: ['everything'], settings: [], more: [] },
  overload: { group: 'flood', aims: [...ours, 'neighbour', 'cloud'], settings: ['offered', 'served', 'queue'], more: [] },
} as const satisfies Readonly<Record<string, MechanismOfCensor>>
export type CensorMechanism = keyof typeof censorMechanisms

export const censorMechanismIds = Object.keys(censorMechanisms) as readonly CensorMechanism[]

export function mechanismOf(id: CensorMechanism): MechanismOfCensor {
  return censorMechanisms[id]
}

export function settingsOf(id: CensorMechanism): readonly SettingName[] {
  const { settings: first, more } = mechanismOf(id)
  return [...first, ...more]
}

/** Where each setting of a new rule begins. */
export function initialValues(id: CensorMechanism): Readonly<Partial<Record<SettingName, SettingValue>>> {
  const { initial } = mechanismOf(id)
  return Object.fromEntries(settingsOf(id).map((name) => [name, initial?.[name] ?? settings[name].initial]))
}
