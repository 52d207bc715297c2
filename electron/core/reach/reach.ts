/** Getting through: keeps one proven session with the relay alive over whatever way works, and tells how. */
import type { Timer } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import type { Observation } from '../diagnose/observation.ts'
import type { NetworkFacts } from '../net/network.ts'
import { createBundleSupply } from './bundle-supply.ts'
import { chatLogin } from './chat-login.ts'
import { type Aim, createChatRaces } from './chat-races.ts'
import { COOLDOWN_MS, createCooldown } from './cooldown.ts'
import { createHandProxies } from './hand-proxies.ts'
import { createHttpPlanes } from './http-planes.ts'
import { type InUse, routeOf } from './in-use.ts'
import { createKnocks } from './knocks.ts'
import { createLink } from './link.ts'
import { createNetworkMemory } from './memory.ts'
import { createPreferences } from './preferences.ts'
import { createProvenAddresses } from './proven-addresses.ts'
import type { Won } from './race.ts'
import type { Reach, ReachOptions, ReachState } from './reach-interface.ts'
import { createRemembering } from './remembering.ts'
import { createReturn, DEFAULT_HOLD_MS } from './return.ts'
import { createRouteChoices } from './route-choices.ts'
import { createSeeking } from './seeking.ts'
import type { Session } from './session.ts'
import { createStandby } from './standby.ts'
import { createWake } from './wake.ts'
import { createWays } from './ways.ts'

/** The relay closes the old session when it accepts the new one; the proof that it did is then under way. */
const HANDOVER_MS = 1_000

/** Throws `bad-bundle` with the reason when there is no bundle to begin with. Does nothing before `start`. */
export function createReach(options: ReachOptions): Reach {
  const { network, clock, random, values, identity, cursor } = options
  const holdMs = options.tuning?.returnHoldMs ?? DEFAULT_HOLD_MS
  const closing = new AbortController()
  const changes = createEvents<void>()
  const recipeInUse = () => inUse?.candidate.text ?? null
  const bundles = createBundleSupply({ ...options, closing: closing.signal, inUse: recipeInUse, isPromising: () => seeking.hasAnswer() })
  const observations = createEvents<Observation>()
  const memory = createNetworkMemory(values, clock, random)
  const proven = createProvenAddresses(values, clock, random)
  const hand = createHandProxies(values, random)
  const preferences = createPreferences(values)
  const cooldown = createCooldown(clock, Math.min(COOLDOWN_MS, 0.6 * holdMs))
  const transports = options.transports ?? null
  const known = { network, clock, random, memory, cooldown, proven, preferences, closing: closing.signal }
  const ways = createWays({ ...known, bundle: bundles.current, handProxies: hand.list, transports, observe: observations.emit })
  const chatRecipe = () => inUse?.candidate.recipe ?? null
  const planes = createHttpPlanes({ ways, memory, network, clock, chatRecipe, freezes: cooldown.freezes, onRemembered: () => changed() })
  const held = createLink(planes.http)

  let started = false
  let status: { value: ReachState['status']; since: number } = { value: 'looking', since: clock.now() }
  let inUse: InUse | null = null
  let lastSwitch: ReachState['lastSwitch'] = null
  /** Monotonic: since when nothing carries, or seems to. */
  let silentSince: number | null = null
  /** Whether what is in use fell silent, rather than being closed. */
  let isHushed = false
  const carriedIntoSilence = () => (isHushed ? (held.session?.carried() ?? 0) : 0)
  let clockSkewMs: number | null = null
  let handover: Timer | null = null
  let facts = network.facts()

  const changed = () => {
    const value = held.session ? 'connected' : network.facts().up ? 'looking' : 'offline'
    if (value !== status.value) status = { value, since: clock.now() }
    bundles.follow(value, seeking.aim !== null, facts.id)
    changes.emit()
  }

  const races = createChatRaces({
    ways,
    login: chatLogin({ clock, random, bundle: bundles.current }),
    identity,
    cursor,
    round: () => knocks.round,
    prefer: () => (inUse ? [inUse.candidate.text] : memory.recall(facts.id, 'chat').length > 0 ? [] : bundles.hints()),
  })
  const seeking = createSeeking({
    clock,
    closing: closing.signal,
    run: races.run,
    onWon: (won) => adopt(won),
    onMissed: () => missed(),
    onChange: () => changed(),
  })
  /** Unless a race is on. A session that is up stays in use until another is proven. */
  const look = (aim: Aim): Promise<boolean> => {
    if (!seeking.aim) knocks.cancel()
    return seeking.look(aim)
  }
  const missed = () => {
    if (held.session && silentSince !== null) lose()
    else if (!held.session) knocks.next()
    changed()
  }

  const adopt = ({ connection: session, candidate, ms, attemptMs }: Won<Session>) => {
    handover?.cancel()
    knocks.reset()
    if (silentSince !== null) {
      if (inUse?.candidate.text === candidate.text) cooldown.fellSilent(candidate, carriedIntoSilence())
      else if (inUse) ways.fellSilent(inUse.candidate, 'chat', carriedIntoSilence())
      lastSwitch = { at: clock.now(), gapMs: Math.round(clock.monotonic() - silentSince), kind: candidate.kind }
      standby.lost()
    }
    silentSince = null
    isHushed = false
    wake.settled()
    inUse = { candidate, connectMs: Math.round(ms), since: clock.now() }
    clockSkewMs = session.clockSkewMs
    bundles.proven({ ...session.hello, at: session.relayNow() })
    remembering.begin(session, candidate, attemptMs)
    settle()
    held.adopt(session, {
      bundle: bundles.inBand,
      suspect(since) {
        isHushed = true
        silentSince = since
        if (promote()) return
        if (seeking.aim === 'plain') seeking.stop()
        void look('beside')
      },
      recovered() {
        isHushed = false
        silentSince = null
        // Whichever answers first carries on.
        if (seeking.aim !== 'plain') seeking.stop()
        changed()
      },
      echoed() {
        wake.heard()
        remembering.echoed()
      },
      closed() {
        const at = clock.monotonic()
        // Asked for by us: the relay makes room for the session that is being proven. That is no break.
        const isMove = seeking.aim === 'plain' && seeking.isRecognising()
        if (!isMove) silentSince ??= at
        const broken = () => {
          silentSince ??= at
          lose()
        }
        if (seeking.isRecognising()) handover = clock.after(HANDOVER_MS, broken)
        else broken()
      },
    })
    standby.beside(candidate)
    changed()
  }
  /** Whether another way than the one to come back to is in use; that one is tested from now on. */
  const settle = () => {
    const isAway = inUse !== null && !ways.isHome(inUse.candidate)
    if (inUse && !isAway) returning.arrived()
    else returning.stop()
    if (isAway) returning.start()
    return isAway
  }
  /** What waits takes over in this very moment, before the session in use is let go. */
  const promote = (): boolean => {
    const won = standby.take()
    if (!won) return false
    seeking.stop()
    won.connection.takeOver()
    adopt(won)
    return true
  }
  const lose = (isAtFault = true) => {
    handover?.cancel()
    if (promote()) return
    standby.drop()
    remembering.stop()
    returning.stop()
    if (inUse && isAtFault) ways.fellSilent(inUse.candidate, 'chat', carriedIntoSilence())
    held.drop()
    if (seeking.aim === 'plain') seeking.stop()
    void look('any')
    inUse = null
    changed()
  }
  const remembering = createRemembering({
    clock,
    remember: (network, candidate, ms) => {
      memory.worked(network, 'chat', candidate.text, ms)
      changed()
    },
    network: () => network.facts().id,
  })
  const knocks = createKnocks({ clock, random, onKnock: () => void look('any') })
  const returning = createReturn({ clock, random, holdMs, test: races.testPlain, move: () => look('plain'), onChange: changed })
  const standby = createStandby({ clock, random, race: races.runBeside, onBundle: bundles.inBand, onChange: changed })
  const wake = createWake({
    clock,
    ask() {
      standby.probe()
      held.session?.prod()
    },
    look: () => facts.up && void look('any'),
    stopLooking: () => seeking.aim === 'any' && seeking.stop(),
  })

  const onNetwork = (now: NetworkFacts) => {
    const another = now.id !== facts.id || (now.up && !facts.up)
    facts = now
    if (another) {
      cooldown.clear()
      ways.forgetLookups()
      planes.dropIdle()
      standby.anotherNetwork()
      returning.again()
      lookAfresh()
    }
    changed()
  }
  /** What runs was begun under other circumstances. */
  const lookAfresh = () => {
    seeking.stop()
    knocks.reset()
    void look('any')
  }
  /** The user decided about ways. */
  const revised = () => {
    const isGone = (id: string) => id.startsWith('hand-') && !hand.list().some((proxy) => proxy.id === id)
    standby.revise(({ recipe, proxy }) => preferences.choiceOf(recipe) !== 'banned' && !(proxy && isGone(proxy.id)))
    changed()
  }
  let undo = [() => {}]

  return {
    link: held.link,
    onState: (listener) => changes.on(listener),
    onObservation: observations.on,
    bundle: bundles.current,
    bundles: bundles.desk,
    state: () => ({
      status: status.value,
      since: status.since,
      route: inUse && routeOf(inUse),
      lastSwitch,
      returning: returning.state(),
      attempts: [...seeking.attempts()],
      raceAt: seeking.raceAt,
      isQuiet: isHushed,
      nextTryAt: knocks.nextAt,
      routes: ways.known('chat', 'ws'),
      standby: standby.state(),
      remembered: memory.about(facts.id),
      network: {
        kind: facts.kind,
        up: facts.up,
        known: memory.recall(facts.id, 'chat').length > 0,
      },
      clockSkewMs,
    }),
    start() {
      if (started) return
      started = true
      wake.start()
      undo = [wake.stop, network.onChange(onNetwork), bundles.onChange(() => (held.session ? changed() : lookAfresh()))]
      facts = network.facts()
      // Without a network there is nothing to try yet; its change is told at once.
      if (facts.up) void look('any')
      else knocks.next()
    },
    close() {
      for (const stop of undo) stop()
      closing.abort()
      seeking.stop()
      knocks.cancel()
      returning.stop()
      remembering.stop()
      handover?.cancel()
      standby.drop()
      held.drop()
      planes.dropIdle()
    },
    retry() {
      cooldown.clear()
      if (held.session) held.session.prod()
      else lookAfresh()
    },
    returnNow() {
      if (inUse && !ways.isHome(inUse.candidate)) void look('plain')
    },
    plainSeemsFree: returning.soon,
    chooseStandby: standby.choose,
    ...createRouteChoices(
      { clock, hand, preferences, memory, proven, network, remembering, races, seeking, closing: closing.signal },
      { inUse: () => inUse?.candidate ?? null, lose: () => lose(false), look, lookAfresh, settle, changed: revised },
    ),
  }
}
