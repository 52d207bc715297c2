/**
 * Messages a second through one relay process, each 200 bytes from one person to another, synced to the disk before it is
 * acknowledged; beside bare socket.io passing on the same packets without looking at them or keeping them.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { WebSocket } from 'ws'
import { EXPORTER_BYTES, EXPORTER_LABEL } from '../../shared/protocol/relay.ts'
import { sleep, systemClock } from '../../shared/util/clock.ts'
import { chatAddress, keyOf, newIdentity, openTls, type RelayAddress, signedLogin, type TestIdentity } from '../support/relay-client.ts'
import { freshDirectory } from '../support/relay-here.ts'
import { bundleEntry, startRelayProcess } from '../support/relay-process.ts'
import { reportTable } from './table.ts'

const PEOPLE = 200
const TEXT_BYTES = 200
const WARM_UP_MS = 1500
const SLICE_MS = 500
const SLICES = 8
/** Messages each person keeps under way: one at a time, and enough to fill the relay. */
const WINDOWS = [1, 8]

/** One case, sampled every `SLICE_MS`. */
interface Figures {
  readonly name: string
  readonly perSecond: readonly number[]
  readonly cpuMicros: readonly number[]
  readonly latencies: readonly number[]
}

/** A client that writes and counts packets as text: what it costs must not become the measure. */
interface Person {
  start(window: number): void
  stop(): void
  readonly counts: { acked: number; delivered: number }
  readonly latencies: number[]
}

async function enter(address: RelayAddress, identity: TestIdentity, peer: TestIdentity): Promise<Person> {
  const connection = await openTls(address)
  const exporter = connection.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
  const socket = new WebSocket(`wss://${address.name}:${address.port}/socket.io/?EIO=4&transport=websocket`, {
    createConnection: () => connection,
    perMessageDeflate: false,
  })
  const head = `["message.send",{"to":"${peer.handle}","toKey":"${keyOf(peer)}","body":{"kind":"text","text":"${'x'.repeat(TEXT_BYTES)}"},"cid":`
  const counts = { acked: 0, delivered: 0 }
  const latencies: number[] = []
  const sentAt = new Map<string, number>()
  let cid = 0
  let isSending = false
  const send = () => {
    cid += 1
    sentAt.set(String(cid), performance.now())
    socket.send(`42${cid}${head}${cid}}]`)
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    // engine.io and socket.io packet types: 0 open, 2 ping, 40 connected, 42 event, 43 acknowledgement, 44 refused.
    socket.on('message', (data) => {
      const packet = String(data)
      if (packet.startsWith('0')) socket.send(`40${JSON.stringify(signedLogin(identity, JSON.parse(packet.slice(1)).sid, exporter))}`)
      else if (packet === '2') socket.send('3')
      else if (packet.startsWith('42["hello"')) resolve()
      else if (packet.startsWith('44')) reject(new Error(packet))
      else if (packet.startsWith('43')) {
        if (!packet.includes('"ok":true')) throw new Error(packet)
        const id = packet.slice(2, packet.indexOf('['))
        latencies.push(performance.now() - (sentAt.get(id) ?? 0))
        sentAt.delete(id)
        counts.acked += 1
        if (isSending) send()
      } else if (packet.startsWith('42["items"')) counts.delivered += packet.split('"kind":"message"').length - 1
    })
  })
  return {
    counts,
    latencies,
    start(window) {
      isSending = true
      for (let i = 0; i < window; i++) send()
    },
    stop() {
      isSending = false
      socket.close()
    },
  }
}

/** CPU seconds of another process, user and system, from Linux's own accounting; NaN elsewhere. */
function cpuSeconds(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return Number.NaN
  }
}

async function measure(name: string, address: RelayAddress, child: ChildProcess, window: number): Promise<Figures> {
  const identities = Array.from({ length: PEOPLE }, (_, i) => newIdentity(`w${window}_${i}`))
  const people = await Promise.all(identities.map((identity, i) => enter(address, identity, identities[i ^ 1] ?? identity)))
  const look = () => ({ acked: people.reduce((sum, { counts }) => sum + counts.acked, 0), cpu: cpuSeconds(child), at: performance.now() })
  for (const person of people) person.start(window)
  await sleep(systemClock, WARM_UP_MS)
  for (const person of people) person.latencies.length = 0
  const perSecond: number[] = []
  const cpuMicros: number[] = []
  for (let before = look(); perSecond.length < SLICES; ) {
    await sleep(systemClock, SLICE_MS)
    const after = look()
    const messages = after.acked - before.acked
    perSecond.push((messages / (after.at - before.at)) * 1000)
    cpuMicros.push(((after.cpu - before.cpu) * 1e6) / messages)
    before = after
  }
  const latencies = people.flatMap((person) => person.latencies)
  for (const person of people) person.stop()
  const [acked, delivered] = (['acked', 'delivered'] as const).map((what) => people.reduce((sum, { counts }) => sum + counts[what], 0))
  if ((delivered ?? 0) < (acked ?? 0) * 0.9) throw new Error(`${name}: ${acked} acknowledged but only ${delivered} delivered`)
  return { name: `${name}, ${window} under way each`, perSecond, cpuMicros, latencies }
}

async function measureBare(): Promise<Figures[]> {
  const child = fork(await bundleEntry('test/fixtures/bare-socketio.ts'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [{ port, root }] = await once(child, 'message')
  const figures = []
  const address = { host: '127.0.0.1', port, name: '127.0.0.1', roots: [root], relayKey: '' }
  for (const window of WINDOWS) figures.push(await measure('bare socket.io', address, child, window))
  child.disconnect()
  return figures
}

async function measureRelay(): Promise<Figures[]> {
  const dataDir = freshDirectory()
  const relay = await startRelayProcess(dataDir)
  const figures = []
  for (const window of WINDOWS) figures.push(await measure('relay', chatAddress(relay.bundle, relay.port), relay.child, window))
  await relay.close()
  rmSync(dataDir, { recursive: true })
  return figures
}

export async function main(): Promise<void> {
  const figures = [...(await measureBare()), ...(await measureRelay())]
  const rows = (samples: (figure: Figures) => readonly number[]) =>
    figures.map((figure) => ({ name: figure.name, samples: samples(figure) }))
  reportTable({ title: 'Relay messages', unit: '1/s', rows: rows((figure) => figure.perSecond) })
  reportTable({ title: 'Relay CPU a message', unit: 'µs', rows: rows((figure) => figure.cpuMicros) })
  reportTable({ title: 'Relay time to acknowledgement', unit: 'ms', rows: rows((figure) => figure.latencies) })
}

if (process.argv[1] === import.meta.filename) await main()
