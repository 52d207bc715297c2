/** What a random world may be made of. Each thing says what is then true. */
import type { Mechanism, Place, Plane, VerdictKind } from '../../shared/contract/path.ts'
import type { RuleInput } from '../censor/rule.ts'
import type { ConditionInput } from '../engine/condition.ts'

export interface Draws {
  draw<const T>(list: readonly [T, ...T[]]): T
  chance(share: number): boolean
  readonly id: string
}

export interface Ingredient {
  readonly title: string
  readonly rule?: RuleInput
  readonly condition?: ConditionInput
  /** What is started by its move. */
  readonly start?: string
  readonly lower?: readonly string[]
  /** `nothing`: true, and no trouble of any plane. */
  readonly kind: VerdictKind | 'nothing'
  /** Of what is no trouble by itself: what may be said of it all the same. */
  readonly orKinds?: readonly VerdictKind[]
  readonly mechanisms?: readonly Mechanism[]
  readonly places?: readonly Place[]
  /** Planes whose plain path it is on; `everywhere`: nothing else can be told while it lasts. */
  readonly scope: readonly Plane[] | 'everywhere'
  /** Planes it is on, and where nothing that an app could see tells of it. */
  readonly unseenOn?: readonly Plane[]
}

export type Make = (draws: Draws) => Ingredient

/** Parts of the service: names, addresses, and the planes at those addresses, under those names, and saying them in a handshake. */
const parts = [
  {
    title: 'messages and media',
    names: ['throughline.test'],
    sni: ['chat.throughline.test', 'media.throughline.test'],
    to: ['240.149.167.50/32', '240.149.167.91/32'],
    planes: ['chat', 'media'],
    named: ['chat', 'media', 'web'],
    said: ['chat', 'media'],
  },
  {
    title: 'messages',
    names: ['chat.throughline.test'],
    sni: ['chat.throughline.test'],
    to: ['240.149.167.50/32', '240.149.167.91/32'],
    planes: ['chat', 'media'],
    named: ['chat'],
    said: ['chat'],
  },
  {
    title: 'links',
    names: ['tl.test'],
    sni: ['tl.test'],
    to: ['240.149.167.99/32'],
    planes: ['links', 'web'],
    named: ['links'],
    said: ['links'],
  },
  {
    title: 'the site',
    names: ['www.throughline.test'],
    sni: ['www.throughline.test'],
    to: ['240.149.167.99/32'],
    planes: ['links', 'web'],
    named: ['web'],
    said: ['web'],
  },
  {
    title: 'everything',
    names: ['throughline.test', 'tl.test'],
    sni: ['chat.throughline.test', 'media.throughline.test', 'tl.test', 'www.throughline.test'],
    to: ['240.149.167.0/24'],
    planes: ['chat', 'media', 'links', 'web'],
    named: ['chat', 'media', 'links', 'web'],
    said: ['chat', 'media', 'links', 'web'],
  },
] as const satisfies readonly {
  readonly planes: readonly Plane[]
  readonly named: readonly Plane[]
  readonly said: readonly Plane[]
  readonly [key: string]: unknown
}[]

type Part = (typeof parts)[number]

export const anyPart = ({ draw }: Draws): Part => draw<Part>([parts[0], parts[1], parts[2], parts[3], parts[4]])
