/**
 * Messages a second through one relay process, each 200 bytes from one person to another, synced to the disk before it is
 * acknowledged; beside bare socket.io passing on the same packets without looking at them or keeping them. `--beside FILE`: a
 * relay built before, measured in turn with this one.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { chatAddress } from '../support/relay-client.ts'
import { freshDirectory } from '../support/relay-here.ts'
import { bundleEntry, startRelayProcess } from '../support/relay-process.ts'
import { type Crowd, type Figures, gather, type Load, type Server } from './relay/crowd.ts'
import { type Row, reportTable } from './table.ts'

/** They take turns this often, so that whatever else the machine does falls on all alike. */
const ROUNDS = 4
const GOAL = { perSecond: 30_000, cpuMicros: 33, calmMs: 1.5 }

/** Enough to fill the relay, one each, and far less than it can take. */
const full = { window: 8 }
const single = { window: 1 }
const calm = { perSecond: 2000 }
const loads: readonly { readonly load: Load; readonly name: string }[] = [
  { load: full, name: '8 under way each' },
  { load: single, name: '1 under way each' },
  { load: calm, name: '2000 a second' },
]

type Running = Server & { end(): Promise<void> }

async function startBare(): Promise<Running> {
  const child = fork(await bundleEntry('test/fixtures/bare-socketio.ts'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [{ port, root }] = await once(child, 'message')
  const address = { host: '127.0.0.1', port, name: '127.0.0.1', roots: [root], relayKey: '' }
  const end = async () => {
    child.disconnect()
    await once(child, 'exit')
  }
  return { name: 'bare socket.io', address, child, end }
}

async function startRelay(name: string, entry: string): Promise<Running> {
  const dataDir = freshDirectory()
  const relay = await startRelayProcess(dataDir, entry)
  const end = async () => {
    await relay.close()
    rmSync(dataDir, { recursive: true })
  }
  return { name, address: chatAddress(relay.bundle, relay.port), child: relay.child, end }
}

interface Measured {
  readonly load: Load
  readonly figures: Figures
}

async function measureAll(crowds: readonly Crowd[]): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const { load, name } of loads) {
    const cases = crowds.map((crowd) => {
      const figures: Figures = { name: `${crowd.server.name}, ${name}`, perSecond: [], cpuMicros: [], latencies: [] }
      return { crowd, load, figures }
    })
    for (let round = 0; round < ROUNDS; round++) for (const { crowd, figures } of cases) await crowd.measure(load, figures)
    measured.push(...cases)
  }
  return measured
}

function report(measured: readonly Measured[]): void {
  const rows = (samples: (figures: Figures) => readonly number[], goal: number, goalFor: Load): Row[] =>
    measured.map(({ load, figures }) => ({ name: figures.name, samples: samples(figures), ...(load === goalFor && { goal }) }))
  const note = `${ROUNDS} rounds in turn; TLS 1.3 and one WebSocket for each person.`
  reportTable({ title: 'Relay messages', unit: '1/s', rows: rows(({ perSecond }) => perSecond, GOAL.perSecond, full) })
  reportTable({ title: 'Relay CPU a message', unit: 'µs', rows: rows(({ cpuMicros }) => cpuMicros, GOAL.cpuMicros, full) })
  reportTable({ title: 'Relay time to acknowledgement', unit: 'ms', rows: rows(({ latencies }) => latencies, GOAL.calmMs, calm), note })
}

export async function main(): Promise<void> {
  const { values } = parseArgs({ options: { beside: { type: 'string' } } })
  const running = [await startBare()]
  try {
    if (values.beside !== undefined) running.push(await startRelay('relay before', values.beside))
    running.push(await startRelay('relay', 'relay/process.ts'))
    const crowds: Crowd[] = []
    for (const server of running) crowds.push(await gather(server))
    report(await measureAll(crowds))
    for (const crowd of crowds) crowd.leave()
  } finally {
    for (const { end } of running) await end()
  }
}

if (process.argv[1] === import.meta.filename) await main()
