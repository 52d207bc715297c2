/**
 * Shells <-> the processes they start, over the same Port as the contract. The pipe is the leash: when it closes, the
 * process ends. `core` first takes `core.start`, then speaks the contract (shared/contract/api.ts) on the same port.
 */
import * as v from 'valibot'
import { AdaptiveWish } from '../contract/adaptive.ts'
import { BridgeCounts, BridgeLimits } from '../contract/bridge.ts'
import { Bead, CensorMove, Claim, LabSpeed, LabState } from '../contract/lab.ts'
import { MAX_SCENARIO_BYTES, ScenarioFault, workbenchCalls } from '../contract/workbench.ts'
import { ControlEntry, DohEntry, Endpoint, MirrorEntry, ProxyEntry, SignedBundle } from './bundle.ts'
import { RunReport } from './run-report.ts'

const nothing = v.strictObject({})
const done = v.strictObject({})
const call = <const I extends v.GenericSchema, const O extends v.GenericSchema>(input: I, output: O) => ({ input, output })
const PortNumber = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))

/** What the operator offers: the relay turns it into the next signed bundle. */
export const Offer = v.strictObject({
  endpoints: v.array(Endpoint),
  proxies: v.array(ProxyEntry),
  doh: v.array(DohEntry),
  controls: v.array(ControlEntry),
  bogons: v.array(v.string()),
  householdFilters: v.optional(v.array(v.string())),
  /** PEM; empty: the certificate the relay made for itself. */
  roots: v.array(v.string()),
  mirrors: v.optional(v.array(MirrorEntry)),
  txt: v.optional(v.array(v.string())),
})
export type Offer = v.InferOutput<typeof Offer>

const Certificate = v.strictObject({ cert: v.string(), key: v.string() })

export const relayControl = {
  calls: {
    /** `certificate: null` lets the relay make its own (kept in `dataDir`). Port 0 picks a free one. */
    'relay.start': call(
      v.strictObject({ dataDir: v.string(), host: v.string(), port: PortNumber, certificate: v.nullable(Certificate), offer: Offer }),
      v.strictObject({ url: v.string(), port: v.number(), bundlePath: v.string(), bundle: SignedBundle }),
    ),
    /** The service moved: a new bundle version, pushed to everybody connected. */
    'relay.offer': call(Offer, v.strictObject({ bundle: SignedBundle })),
    /** Serves with this certificate from now on; connections that are open go on. */
    'relay.certificate': call(Certificate, done),
    /** Works without `relay.start` when told the data directory. */
    'relay.disclose': call(v.strictObject({ handle: v.string(), dataDir: v.optional(v.string()) }), v.unknown()),
    /** Ends after every accepted message is on disk and acknowledged. */
    'relay.stop': call(nothing, done),
  },
  events: {},
} as const

const NetworkChoice = v.variant('kind', [
  v.strictObject({ kind: v.literal('system') }),
  v.strictObject({ kind: v.literal('lab'), address: v.string(), client: v.string(), vantage: v.nullable(v.string()) }),
])

/** A bridge for others as a process of its own (electron/host/bridge). */
export const bridgeControl = {
  calls: {
    /** `relay`: the only addresses it leads to. `refused` with `port-taken`, or `damaged` for an identity that cannot be read. Port 0 picks a free one. */
    'bridge.start': call(
      v.strictObject({
        dataDir: v.string(),
        host: v.string(),
        port: PortNumber,
        relay: v.array(v.strictObject({ address: v.string(), port: PortNumber })),
        network: NetworkChoice,
        limits: BridgeLimits,
      }),
      /** `path` and `pin` are what the link is made of. */
      v.strictObject({ port: v.number(), path: v.string(), pin: v.string(), counts: BridgeCounts }),
    ),
    /** What was counted is written down. */
    'bridge.stop': call(nothing, done),
  },
  events: {
    /** At most once a second. */
    'bridge.counted': BridgeCounts,
  },
} as const

export const coreControl = {
  calls: {
    'core.start': call(
      v.strictObject({
        profileDir: v.string(),
        /** For a new profile: the handle to register. */
        handle: v.nullable(v.string()),
        bundlePath: v.string(),
        network: NetworkChoice,
        /** base64url of 32 bytes from the shell's keychain; `null`: a practice profile, whose key lies beside it. */
        storeKey: v.nullable(v.string()),
        /** For a new profile of an account that is not new: the file that `account.export` made, and what opens it; `null`: asked of the person. */
        account: v.optional(v.strictObject({ text: v.string(), passphrase: v.nullable(v.string()) })),
        /** How well that keychain keeps it; read only with `storeKey`. */
        keychain: v.optional(v.picklist(['protected', 'weak'])),
        /** Cards of the people a practice profile starts with. */
        contacts: v.array(v.string()),
        tuning: v.optional(
          v.partial(
            v.strictObject({
              /** How long the plain path must hold before the app moves back, ms. */
              returnHoldMs: v.number(),
              /** Between looks at the planes that carry no traffic of their own, ms. */
              planeCheckMs: v.number(),
              /** Between looks at throughput, ms. */
              transferCheckMs: v.number(),
            }),
          ),
        ),
      }),
      /** `null`: the profile is locked; it opens with `profile.unlock`, and tells by `profile.changed`. */
      v.strictObject({ card: v.nullable(v.string()) }),
    ),
    /** Writes everything down and ends. */
    'core.stop': call(nothing, done),
  },
  events: {},
} as const

/** What the gateway knows of LabState; the shell adds the apps' own moves, the plain client and who changed it. */
export const GatewayState = v.omit(LabState, ['plain', 'truth', 'changedBy'])
export type GatewayState = v.InferOutput<typeof GatewayState>

/** As `LabChange`. */
const GatewayChange = v.strictObject({ ...GatewayState.entries, scenarios: v.optional(GatewayState.entries.scenarios) })

export const ExpectedVerdict = v.strictObject({
  /** Milliseconds after the run began by which, and until which, it must hold. */
  byMs: v.number(),
  untilMs: v.number(),
  vantage: v.string(),
  plane: v.string(),
  kind: v.string(),
  /** All of these must be named, and none outside `mayName`. */
  mechanisms: v.array(v.string()),
  mayName: v.array(v.string()),
})
export type ExpectedVerdict = v.InferOutput<typeof ExpectedVerdict>

/** The counter-proof: a scenario without its censor's rules, or with one mechanism in place of another. */
export const Tampering = v.strictObject({
  removeRules: v.boolean(),
  swap: v.nullable(v.strictObject({ from: v.string(), to: v.string() })),
})
export type Tampering = v.InferOutput<typeof Tampering>

export const labControl = {
  calls: {
    /**
     * Starts the gateway on loopback. `maps` puts real local servers behind virtual addresses; `service` is where the relay
     * will listen, once known by `lab.service`. Answers what the relay must offer and the certificate to serve it with.
     */
    'lab.start': call(
      v.strictObject({
        host: v.string(),
        port: PortNumber,
        seed: v.number(),
        maps: v.array(v.strictObject({ address: v.string(), port: PortNumber, host: v.string(), toPort: PortNumber })),
        /** A scenario file of the user's own, beside the built-in ones. */
        scenarioFile: v.nullable(v.string()),
        /** Where certificates of the simulated world are kept between runs. */
        dataDir: v.string(),
      }),
      v.strictObject({ lab: v.string(), offer: Offer, certificate: Certificate }),
    ),
    'lab.service': call(v.strictObject({ host: v.string(), port: PortNumber }), done),
    /**
     * Puts a real local server on a port of a client's own simulated address, which goes with the client when it moves; `null` takes it
     * away. Answers the address now.
     */
    'lab.listen': call(
      v.strictObject({ client: v.string(), port: PortNumber, server: v.nullable(v.strictObject({ host: v.string(), port: PortNumber })) }),
      v.strictObject({ address: v.string() }),
    ),
    /** What the operator leaves at other people's: files at their sites, and texts in TXT records of a name; in place of what was there. */
    'lab.publish': call(
      v.strictObject({
        files: v.array(v.strictObject({ host: v.string(), path: v.string(), text: v.string() })),
        records: v.array(v.strictObject({ name: v.string(), texts: v.array(v.pipe(v.string(), v.maxLength(255))) })),
      }),
      done,
    ),
    'lab.state': call(nothing, GatewayState),
    'lab.play': call(v.strictObject({ scenario: v.string(), client: v.string() }), done),
    'lab.stop': call(nothing, done),
    'lab.pause': call(v.strictObject({ paused: v.boolean() }), done),
    'lab.speed': call(v.strictObject({ speed: LabSpeed }), done),
    'lab.step': call(nothing, done),
    /** As it stood so far into the story or the play without one. `bad-input` while there is neither. */
    'lab.at': call(v.strictObject({ atMs: v.number() }), GatewayChange),
    /** Whether the bytes of packets are kept, in runs to come. */
    'lab.capture': call(v.strictObject({ on: v.boolean() }), done),
    /** What happened in the run that plays or the last one, as JSON lines; so many packets were too many to keep. */
    'lab.events': call(nothing, v.strictObject({ text: v.string(), leftOut: v.number() })),
    /** The kept bytes as a capture file (pcap). `bad-input` if none were. */
    'lab.packets': call(
      nothing,
      v.strictObject({
        file: v.instance(Uint8Array),
        packets: v.number(),
        /** Not in it: the file was full; the address lies outside the simulated ranges. */
        leftOut: v.strictObject({ full: v.number(), foreign: v.number() }),
      }),
    ),
    'lab.place': call(v.strictObject({ client: v.string(), vantage: v.string() }), done),
    'lab.censor': call(v.strictObject({ move: CensorMove, vantage: v.string() }), done),
    'lab.undo': call(nothing, done),
    'lab.adaptive': call(v.strictObject({ wish: v.nullable(AdaptiveWish) }), done),
    ...workbenchCalls,
    /** Says what is wrong with a scenario file, also before `lab.start`; keeps nothing. */
    'lab.check': call(
      v.strictObject({ text: v.pipe(v.string(), v.maxLength(2 * MAX_SCENARIO_BYTES)) }),
      v.strictObject({ id: v.nullable(v.string()), faults: v.array(ScenarioFault), more: v.number() }),
    ),
    /** For a headless run: what this scenario says must come out, per plane, vantage and time; and how long it lasts. */
    'lab.expectations': call(
      v.strictObject({ scenario: v.string() }),
      v.strictObject({
        lastsMs: v.number(),
        vantage: v.string(),
        elsewhere: v.string(),
        verdicts: v.array(ExpectedVerdict),
        claims: v.array(Claim),
      }),
    ),
    /** What the lab really did in this run, from its own packet log: each check named by the scenario, and what was counted. */
    'lab.truth': call(
      nothing,
      v.strictObject({
        ok: v.boolean(),
        checks: v.array(v.strictObject({ id: v.string(), ok: v.boolean(), expected: v.string(), seen: v.string() })),
      }),
    ),
    /** Runs a scenario with its censor's rules left out or one mechanism swapped: the counter-proof. */
    'lab.tamper': call(Tampering, done),
  },
  events: {
    'state.changed': GatewayChange,
    'beads.moved': v.array(Bead),
    /** The service moves: the relay is to offer this from now on. */
    'offer.changed': Offer,
    /** The service's names are more from now on: the relay is to serve with this. */
    'certificate.changed': Certificate,
  },
} as const

/** Lab, relay and engines in one process under a clock of their own, which waits for nobody. */
export const rehearsalControl = {
  calls: {
    /**
     * Plays one scenario to its end; one at a time. `no-such-scenario`, `bad-input` for a mechanism that is none. A run that hangs
     * or breaks is no failure of the call: its report says so.
     */
    'rehearsal.play': call(
      v.strictObject({
        scenario: v.string(),
        seed: v.number(),
        tampering: v.nullable(Tampering),
        /** An empty folder. */
        dataDir: v.string(),
        /** Files to write what happened to. */
        events: v.optional(v.string()),
        pcap: v.optional(v.string()),
      }),
      /** `leftOut`: in words what could not be kept. */
      v.strictObject({ report: RunReport, leftOut: v.array(v.string()) }),
    ),
  },
  events: {},
} as const
