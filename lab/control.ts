/** What a shell may ask of the lab (shared/protocol/processes.ts), over one gateway that it starts. */
import { join } from 'node:path'
import { BackendError } from '../shared/contract/errors.ts'
import type { Handlers, Payload } from '../shared/contract/port.ts'
import type { GatewayState, labControl } from '../shared/protocol/processes.ts'
import type { Clock, Timer } from '../shared/util/clock.ts'
import type { Random } from '../shared/util/random.ts'
import type { Carrier } from './carrier.ts'
import { exportOf, type Own, offeredNames, ownHandlers } from './control-own.ts'
import { canonical } from './engine/address.ts'
import { isVirtual } from './engine/world.ts'
import { createDoors, type Doors } from './gateway/doors.ts'
import type { Gateway } from './gateway/gateway.ts'
import { createLab, type Lab } from './lab.ts'
import { ADAPTIVE, adaptiveNames, adaptiveWorld } from './player/adaptive-world.ts'
import { loadScenarios, readOwn } from './player/library.ts'
import { createPlayer } from './player/player.ts'
import type { Player } from './player/player-api.ts'
import { openShelf } from './player/shelf.ts'
import { openAuthority, type Signatures } from './services/authority.ts'
import { builtInWorld } from './world.ts'

type Api = typeof labControl
type Started = { readonly lab: Lab; readonly player: Player; readonly gateway: Gateway; readonly own: Own; readonly doors: Doors }

/** State is told at most this often. */
const STATE_EVERY_MS = 100

export interface ControlDeps {
  readonly clock: Clock
  random(seed: number): Random
  readonly carrier: Carrier
  /** Of the certificates of this world. */
  readonly signatures: Signatures
  emit<E extends keyof Api['events'] & string>(name: E, payload: Payload<Api, E>): void
}

export function labHandlers({ clock, random, carrier, signatures, emit }: ControlDeps): {
  readonly handlers: Handlers<Api>
  close(): Promise<void>
} {
  let started: Started | null = null
  let telling: Timer | null = null
  /** The list of scenarios as it was told last. */
  let told: GatewayState['scenarios'] | null = null
  const here = (): Started => {
    if (!started) throw new BackendError('absent', 'the lab has not been started')
    return started
  }
  const asInput = <T>(run: () => T): T => {
    try {
      return run()
    } catch (error) {
      if (error instanceof RangeError) throw new BackendError('bad-input', error.message)
      throw error
    }
  }
  const stateOf = ({ player, own }: Started) => ({ ...player.state(), workbench: own.workbench() })
  const tellSoon = () => {
    telling ??= clock.after(STATE_EVERY_MS, () => {
      telling = null
      if (!started) return
      const { scenarios, ...now } = stateOf(started)
      emit('state.changed', scenarios === told ? now : { ...now, scenarios })
      told = scenarios
    })
  }

  const handlers: Handlers<Api> = {
    async 'lab.start'({ host, port, seed, maps, scenarioFile, dataDir }) {
      if (started) throw new BackendError('already-there', 'the lab was started before')
      const given = await asScenario(() => loadScenarios(scenarioFile))
      const shelf = await openShelf(join(dataDir, 'scenarios'), given)
      const backends = asInput(() =>
        maps.map((map) => {
          if (!isVirtual(canonical(map.address))) throw new RangeError('maps: the address must lie in 240.0.0.0/4 or 2001:db8::/32')
          return { target: { address: map.address, port: map.port }, connect: carrier.reach(map.host, map.toPort) }
        }),
      )
      const lab = await createLab({
        world: builtInWorld(),
        clock,
        random: random(seed),
        authority: await openAuthority(dataDir, 'Throughline lab authority', () => clock.now(), signatures),
        foreignAuthority: await openAuthority(dataDir, 'Some box on the way', () => clock.now(), signatures),
        moreNames: [...adaptiveNames, ...[...given, ...shelf.all.map(({ scenario }) => scenario)].flatMap(offeredNames)],
      })
      await lab.add(ADAPTIVE, adaptiveWorld.world)
      for (const { card, world } of given) {
        await asScenario(() => lab.add(card.id, world)).catch((error: unknown) => {
          lab.close()
          throw error
        })
      }
      for (const { card, world } of shelf.all.map(({ scenario }) => scenario)) {
        await lab.add(card.id, world).catch((error: unknown) => shelf.reject(card.id, error instanceof Error ? error.message : ''))
      }
      for (const { target, connect } of backends) lab.engine.listen(target, connect)
      const player = createPlayer(lab, [...given, ...shelf.all.map(({ scenario }) => scenario)], clock)
      const gateway = await carrier
        .open(host, port, (stream) => lab.serve(stream))
        .catch((error: unknown) => {
          player.close()
          lab.close()
          throw error instanceof RangeError ? new BackendError('bad-input', error.message) : error
        })
      const own = ownHandlers({
        lab,
        player,
        shelf,
        given,
        onCertificate: (certificate) => emit('certificate.changed', certificate),
        onChanged: tellSoon,
      })
      started = { lab, player, gateway, own, doors: createDoors(lab) }
      player.changed.on(tellSoon)
      player.beads.on((beads) => emit('beads.moved', beads))
      player.offered.on((offer) => emit('offer.changed', offer))
      return { lab: gateway.address, offer: lab.offer, certificate: lab.certificate }
    },
    async 'lab.service'({ host, port }) {
      const { lab } = here()
      lab.setService(asInput(() => carrier.reach(host, port)))
      return {}
    },
    async 'lab.listen'({ client, port, server }) {
      const connect = server && asInput(() => carrier.reach(server.host, server.port))
      return { address: here().doors.put(client, port, connect) }
    },
    async 'lab.publish'({ files, records }) {
      const { services, names } = here().lab
      for (const { host, path, text } of files) services.shelves.put(host, path, text)
      for (const { name, texts } of records) names.setTexts(name, texts)
      return {}
    },
    async 'lab.state'() {
      return stateOf(here())
    },
    async 'lab.play'({ scenario, client }) {
      here().player.play(scenario, client)
      return {}
    },
    async 'lab.stop'() {
      here().player.stop()
      return {}
    },
    async 'lab.pause'({ paused }) {
      here().player.pause(paused)
      return {}
    },
    async 'lab.speed'({ speed }) {
      here().player.setSpeed(speed)
      return {}
    },
    async 'lab.step'() {
      here().player.step()
      return {}
    },
    async 'lab.at'({ atMs }) {
      const { player, own } = here()
      return { ...player.at(atMs), workbench: own.workbench() }
    },
    async 'lab.capture'({ on }) {
      here().player.record.keepBytes(on)
      return {}
    },
    async 'lab.events'() {
      return here().player.record.events()
    },
    async 'lab.packets'() {
      const capture = here().player.record.capture()
      if (!capture) throw new BackendError('bad-input', 'no bytes were kept')
      return capture
    },
    async 'lab.place'({ client, vantage }) {
      here().player.place(client, vantage)
      return {}
    },
    async 'lab.censor'({ move, vantage }) {
      here().player.censor(move, vantage)
      return {}
    },
    async 'lab.adaptive'({ wish }) {
      here().player.adaptive(wish)
      return {}
    },
    async 'lab.undo'() {
      here().player.undo()
      return {}
    },
    'lab.impose': async (input) => here().own.handlers['lab.impose'](input),
    'lab.lift': async (input) => here().own.handlers['lab.lift'](input),
    'lab.keep': async (input) => here().own.handlers['lab.keep'](input),
    'lab.import': async (input) => here().own.handlers['lab.import'](input),
    'lab.rename': async (input) => here().own.handlers['lab.rename'](input),
    'lab.remove': async (input) => here().own.handlers['lab.remove'](input),
    'lab.putBack': async (input) => here().own.handlers['lab.putBack'](input),
    'lab.edit': async (input) => here().own.handlers['lab.edit'](input),
    'lab.export': async ({ id }) => exportOf(id, started?.own.find(id) ?? null),
    async 'lab.check'({ text }) {
      const found = readOwn(text, await loadScenarios(null))
      return found.ok ? { id: found.scenario.card.id, faults: [], more: 0 } : { id: null, faults: [...found.faults], more: found.more }
    },
    async 'lab.expectations'({ scenario }) {
      const { lastsMs, card, elsewhere, expected } = here().player.scenario(scenario)
      return { lastsMs, vantage: card.vantage, elsewhere, verdicts: expected, claims: card.claims }
    },
    async 'lab.truth'() {
      const checks = here().player.truth()
      return { ok: checks.every((check) => check.ok), checks }
    },
    async 'lab.tamper'(tampering) {
      here().player.tamper(tampering)
      return {}
    },
  }

  return {
    handlers,
    async close() {
      telling?.cancel()
      const closing = started
      started = null
      if (!closing) return
      closing.player.close()
      await closing.gateway.close()
      closing.lab.close()
    },
  }
}

async function asScenario<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof RangeError ? new BackendError('bad-scenario', error.message) : error
  }
}
