/** Relay, lab and engines as a shell starts them, but in this very process: their control ports are pairs in memory, their clock is given. */
import { createConnections } from '../electron/core/connections.ts'
import { serveCoreControl } from '../electron/core/control.ts'
import { createCore } from '../electron/core/index.ts'
import type { Child, Program, Spawn } from '../electron/host/child.ts'
import type { Carrier } from '../lab/carrier.ts'
import { labHandlers } from '../lab/control.ts'
import { serveRelayControl } from '../relay/control.ts'
import type { Listen } from '../relay/server.ts'
import { openStore, type StoreOptions } from '../relay/store/store.ts'
import { memoryPortPair } from '../shared/contract/memory-port.ts'
import { type Port, serve } from '../shared/contract/port.ts'
import { labControl } from '../shared/protocol/processes.ts'
import type { Clock } from '../shared/util/clock.ts'
import { seededRandom } from '../shared/util/random.ts'
import type { Wires } from './wires.ts'

export interface ProgramsDeps {
  readonly clock: Clock
  /** Of the draws of the engines; the lab gets its own from the shell. Nothing that a rehearsal makes is secret. */
  readonly seed: number
  readonly wires: Wires
  /** Told of what no program expected. */
  readonly onTrouble: (what: string, facts: object) => void
}

/** Something that runs until its port closes. */
type Start = (port: Port) => { stop(): Promise<void> }

export function spawnHere({ clock, seed, wires, onTrouble }: ProgramsDeps): Spawn {
  const note = (program: Program) => {
    const trouble = (event: string, facts: object) => onTrouble(`${program}: ${event}`, facts)
    return { info() {}, trouble }
  }
  let engines = 0

  const lab: Start = (port) => {
    const { trouble } = note('lab')
    const control = labHandlers({
      clock,
      random: seededRandom,
      carrier: carrierOf(wires),
      signatures: 'ed25519',
      emit: (name, payload) => served.emit(name, payload),
    })
    const served = serve(labControl, port, control.handlers, (name, error) => trouble(name, { error: String(error) }))
    return { stop: () => control.close() }
  }
  const relay: Start = (port) => {
    const { info, trouble } = note('relay')
    const warn = (facts: object, message: string) => trouble(message, facts)
    // SQLite speaks to one listener in a process, whichever database it speaks of: here the engines' as well.
    const openQuietly = (options: StoreOptions) => openStore({ ...options, onNotice: () => {} })
    return serveRelayControl(port, { openStore: openQuietly, listen: listenOn(wires), clock, log: { info, warn, error: warn } })
  }
  const core: Start = (port) => {
    const { info, trouble } = note('core')
    const log = { info, warn: (event: string, facts: object = {}) => trouble(event, facts) }
    engines++
    // Two engines with the same draws would be the same person.
    const random = seededRandom(seed * 1000 + engines)
    const openTcp = async (_host: string, to: number) => wires.connect(to)
    return serveCoreControl(port, {
      version: '0.0.0',
      clock,
      random,
      log,
      createCore,
      connect: async (input, profile, bundle) => createConnections(input, profile, bundle, { clock, random, log, openTcp }),
    })
  }
  const starts: Partial<Record<Program, Start>> = { lab, relay, core }

  return (program): Child => {
    const start = starts[program]
    if (!start) throw new Error(`${program} does not run inside a rehearsal`)
    const [shell, inside] = memoryPortPair()
    const running = start(inside)
    const ended = new Promise<void>((resolve) => {
      inside.onClose(() => void running.stop().then(resolve, resolve))
    })
    return { port: shell, ended, kill: () => shell.close() }
  }
}

function carrierOf(wires: Wires): Carrier {
  return {
    async open(host, port, serveStream) {
      const open = new Set<{ destroy(): void }>()
      const door = wires.listen(port, (stream) => {
        open.add(stream)
        stream.once('close', () => open.delete(stream))
        serveStream(stream)
      })
      return {
        address: `${host}:${door.port}`,
        async close() {
          door.close()
          for (const stream of open) stream.destroy()
        },
      }
    },
    reach: (_host, port) => () => wires.connect(port),
  }
}

/** A server that listens nowhere takes connections as if it did. */
function listenOn(wires: Wires): Listen {
  return async (server, _host, port) => wires.listen(port, (stream) => server.emit('connection', stream)).port
}
