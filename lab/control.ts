/** What a shell may ask of the lab (shared/protocol/processes.ts), over one gateway that it starts. */
import { BackendError } from '../shared/contract/errors.ts'
import type { Handlers, Payload } from '../shared/contract/port.ts'
import type { labControl } from '../shared/protocol/processes.ts'
import type { Clock, Timer } from '../shared/util/clock.ts'
import type { Random } from '../shared/util/random.ts'
import type { Carrier } from './carrier.ts'
import { canonical } from './engine/address.ts'
import { isVirtual } from './engine/world.ts'
import type { Gateway } from './gateway/gateway.ts'
import { createLab, type Lab } from './lab.ts'
import { ADAPTIVE, adaptiveNames, adaptiveWorld } from './player/adaptive-world.ts'
import { loadScenarios } from './player/library.ts'
import { createPlayer } from './player/player.ts'
import type { Player } from './player/player-api.ts'
import { fitScenario } from './player/scenario.ts'
import { openAuthority, type Signatures } from './services/authority.ts'
import { builtInWorld } from './world.ts'

type Api = typeof labControl
type Started = { readonly lab: Lab; readonly player: Player; readonly gateway: Gateway }

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
  const tellSoon = () => {
    telling ??= clock.after(STATE_EVERY_MS, () => {
      telling = null
      if (started) emit('state.changed', started.player.state())
    })
  }

  const handlers: Handlers<Api> = {
    async 'lab.start'({ host, port, seed, maps, scenarioFile, dataDir }) {
      if (started) throw new BackendError('already-there', 'the lab was started before')
      const scenarios = await loadScenarios(scenarioFile).catch((error: unknown) => {
        throw error instanceof RangeError ? new BackendError('bad-scenario', error.message) : error
      })
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
        moreNames: [
          ...adaptiveNames,
          ...scenarios.flatMap(({ moves }) => moves.flatMap((move) => move.offer?.endpoints?.map((endpoint) => endpoint.host) ?? [])),
        ],
      })
      await lab.add(ADAPTIVE, adaptiveWorld.world)
      for (const scenario of scenarios) {
        await asScenario(async () => {
          await lab.add(scenario.card.id, scenario.world)
          fitScenario(scenario, lab.engine.topology)
        }).catch((error: unknown) => {
          lab.close()
          throw error
        })
      }
      for (const { target, connect } of backends) lab.engine.listen(target, connect)
      const player = createPlayer(lab, scenarios, clock)
      const gateway = await carrier
        .open(host, port, (stream) => lab.serve(stream))
        .catch((error: unknown) => {
          player.close()
          lab.close()
          throw error instanceof RangeError ? new BackendError('bad-input', error.message) : error
        })
      started = { lab, player, gateway }
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
    async 'lab.state'() {
      return here().player.state()
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
      return here().player.at(atMs)
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
