/**
 * What holds in the world though nobody censors: faults of machines, of a place's own network, of the client's own computer, and
 * answers that differ by right. Data only; the behaviour lies in lab/services, a file for each purpose.
 */
import * as v from 'valibot'
import { AddressLiteral, Answers, Id, Name } from './world.ts'

const Ids = v.pipe(v.array(Id), v.minLength(1))
const Ms = v.pipe(v.number(), v.minValue(0), v.maxValue(60_000))
const Text = v.pipe(v.string(), v.maxLength(2000))
const Countries = v.array(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, 'must be two capital letters')))

const common = {
  id: Id,
  /** In a few words, for people. */
  label: v.string(),
}
const atHosts = { ...common, hosts: Ids }
const atPlaces = { ...common, places: Ids }

export const certificateFaults = ['other-name', 'expired', 'not-yet-valid', 'unknown-authority', 'self-signed'] as const
export type CertificateFault = (typeof certificateFaults)[number]

export const Condition = v.variant('do', [
  /** Nobody serves: the machine refuses, or does not answer at all. Connections that stand are left alone. */
  v.strictObject({ do: v.literal('down'), ...atHosts, how: v.optional(v.picklist(['refused', 'silent']), 'refused') }),
  /** It shows this certificate, from everywhere alike; behind it all is as ever. */
  v.strictObject({ do: v.literal('certificate'), ...atHosts, fault: v.picklist(certificateFaults) }),
  /** It answers every request with a page of its own, over its own valid TLS: to askers from these countries, or to everybody. */
  v.strictObject({
    do: v.literal('deny'),
    ...atHosts,
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    countries: v.optional(Countries),
    title: Text,
    text: Text,
  }),
  /** It accepts connections and never says a word. */
  v.strictObject({ do: v.literal('stall'), ...atHosts }),
  /** Each connection to it is held to this rate, and what it says comes so much later; so do the answers of a resolver. */
  v.strictObject({
    do: v.literal('slow'),
    ...atHosts,
    kbps: v.optional(v.pipe(v.number(), v.minValue(1))),
    delayMs: v.optional(Ms, 0),
  }),
  /** A resolver that answers for names which do not exist: with its search page. */
  v.strictObject({ do: v.literal('rewrite'), ...atHosts, addresses: v.pipe(v.array(AddressLiteral), v.minLength(1)) }),
  /** The true answer for a name: by who asks, in rotation, or simply this. */
  v.strictObject({ do: v.literal('answers'), ...common, ...Answers.entries }),
  /** Until somebody accepts: every look-up and every plain request lead to the portal, TLS ends there, the rest is lost. */
  v.strictObject({ do: v.literal('portal'), ...atPlaces }),
  /** TLS of this computer or network ends at a box of its owner's. `installed`: the computer was told to trust that box. */
  v.strictObject({ do: v.literal('inspect'), ...atPlaces, installed: v.optional(v.boolean(), false) }),
  /**
   * Names answered with these addresses (none: no such name) because the household wants it so. `computer`: by a look-up of its
   * own that stands before the provider's, which tells the truth; `provider`: by the provider's look-up, for this household alone.
   */
  v.strictObject({
    do: v.literal('filter'),
    ...atPlaces,
    names: v.pipe(v.array(Name), v.minLength(1)),
    addresses: v.array(AddressLiteral),
    by: v.optional(v.picklist(['computer', 'provider']), 'computer'),
  }),
  /** Addresses of IPv6 are given out, and lead nowhere. */
  v.strictObject({ do: v.literal('v6-broken'), ...atPlaces, how: v.optional(v.picklist(['unreachable', 'drop']), 'drop') }),
  /** The computer's clock is so far ahead of the true time. */
  v.strictObject({
    do: v.literal('clock'),
    ...atPlaces,
    skewMs: v.pipe(v.number(), v.integer(), v.minValue(-315_360_000_000), v.maxValue(315_360_000_000)),
  }),
  /** No packet goes farther than the gateway. `link`: not even there, and the computer knows it: asleep, unplugged, between networks. */
  v.strictObject({ do: v.literal('cut'), ...atPlaces, link: v.optional(v.boolean(), false) }),
  /** The line itself is bad: for everything that crosses it. */
  v.strictObject({
    do: v.literal('line'),
    ...atPlaces,
    /** On top of every round trip. */
    addMs: v.optional(Ms, 0),
    jitterMs: v.optional(Ms, 0),
    /** Share of packets lost, each way. */
    loss: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)), 0),
    /** For all flows together, each way. */
    kbps: v.optional(v.pipe(v.number(), v.minValue(1))),
  }),
])
export type Condition = v.InferOutput<typeof Condition>
export type ConditionInput = v.InferInput<typeof Condition>
/** The conditions of one kind. */
export type Of<D extends Condition['do']> = Extract<Condition, { readonly do: D }>
