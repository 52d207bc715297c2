/**
 * The lab's speed: its process beside a plain proxy and the bare loopback, in turn within one run; what a flow costs it, idle and new;
 * and the engine by itself. `--rounds N`: 7 by default. `--part NAME`: one of them.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { Network } from '../../electron/core/net/network.ts'
import { sleep, systemClock } from '../../shared/util/clock.ts'
import { clientHello } from '../unit/lab/hello.ts'
import { flowsAlone } from './lab/alone.ts'
import { download, exchange, firstAnswer, newFlows, pace, upload } from './lab/loads.ts'
import { type Programs, startPrograms } from './lab/programs.ts'
import { directWay, join, labWay, proxyWay, type Way } from './lab/ways.ts'
import { FAR, FAR_RTT_MS, NEAR, states } from './lab/world.ts'
import { type Row, reportTable } from './table.ts'

const BULK_BYTES = 96 * 1024 * 1024
const ANSWERS = 60
const FLOWS = 1200
const AT_ONCE = 32
const IDLE = 5000
const IDLE_MS = 5000
const PACE = { perSecond: 1000, seconds: 10 }

interface Measuring {
  readonly programs: Programs
  readonly network: Network
  /** The first is what the others are compared with. */
  readonly ways: readonly Way[]
  readonly words: Uint8Array
  readonly rounds: number
}

const parts = { bulk, answers, flows, pace: keepPace, idle, alone } as const

export async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, part: { type: 'string' } } })
  const wanted = Object.entries(parts).filter(([name]) => values.part === undefined || name === values.part)
  if (wanted.length === 0) throw new Error(`--part: one of ${Object.keys(parts).join(', ')}`)
  const rounds = Number(values.rounds)
  const words = await clientHello('chat.throughline.test')
  const programs = await startPrograms()
  try {
    const network = await join(programs, 'one')
    const ways = [proxyWay(programs), directWay(programs), labWay('lab', programs, network, NEAR)]
    for (const way of ways) await newFlows(way, words, 300, AT_ONCE)
    for (const [, run] of wanted) await run({ programs, network, ways, words, rounds })
    network.close()
  } finally {
    await programs.end()
  }
}

async function bulk({ ways, rounds }: Measuring): Promise<void> {
  const load = loadavg()[0]?.toFixed(1)
  const note = `${rounds} rounds in turn. ${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${load} before.`
  const down = await turns(ways, rounds, (way) => download(way, BULK_BYTES))
  reportTable({ title: 'Lab throughput down', unit: 'MB/s', rows: down, note })
  const up = await turns(ways, rounds, (way) => upload(way, BULK_BYTES))
  reportTable({ title: 'Lab throughput up', unit: 'MB/s', rows: up, note })
}

async function answers({ programs, network, ways, words, rounds }: Measuring): Promise<void> {
  const far = labWay(`lab, ${FAR_RTT_MS} ms away, less its two round trips`, programs, network, FAR)
  const rows = await turns([...ways, far], rounds * ANSWERS, async (way) => {
    const ms = await firstAnswer(way, words)
    return way === far ? ms - 2 * FAR_RTT_MS : ms
  })
  reportTable({ title: 'Lab time to a first answer', unit: 'ms', rows })
}

async function flows({ programs, network, ways, words, rounds }: Measuring): Promise<void> {
  const perSecond: Row[] = []
  const cpuMicros: Row[] = []
  const sample = async (way: Way, name: string) => {
    const { perSecond: rate, cpuMicros: cpu } = await newFlows(way, words, FLOWS, AT_ONCE)
    into(perSecond, name, rate)
    if (way.between) into(cpuMicros, name, cpu)
  }
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) await sample(way, way.name)
    await inStates(programs, (state) => sample(labWay(state, programs, network, NEAR), `lab, ${state}`))
  }
  reportTable({ title: 'Lab new flows', unit: '1/s', rows: perSecond, note: `${AT_ONCE} at a time, ${words.length} bytes there and back.` })
  reportTable({ title: 'Lab CPU a flow', unit: 'µs', rows: cpuMicros })
}

async function keepPace({ programs, network, ways, words }: Measuring): Promise<void> {
  const late: Row[] = []
  const cores: Row[] = []
  const measure = async (way: Way, name: string) => {
    const paced = await pace(way, words, PACE.perSecond, PACE.seconds)
    late.push({ name, samples: paced.late })
    cores.push({ name, samples: [paced.cores] })
    cores.push({ name: `${name}: the client`, samples: [paced.ownCores] })
  }
  for (const way of ways.filter(({ between }) => between)) await measure(way, way.name)
  await inStates(programs, (state) => measure(labWay(state, programs, network, NEAR), `lab, ${state}`))
  const worst = late.map(({ name, samples }) => `${name} ${samples.reduce((most, ms) => Math.max(most, ms), 0).toFixed(0)}`).join(', ')
  reportTable({
    title: `Lab ${PACE.perSecond} new flows a second`,
    unit: 'ms',
    rows: late,
    note: `For ${PACE.seconds} s, each begun when it is due; from then until it was over. Worst: ${worst}.`,
  })
  reportTable({ title: 'Lab cores at that pace', unit: 'cores', rows: cores })
}

async function alone({ words, rounds }: Measuring): Promise<void> {
  const samples: number[] = []
  for (let round = 0; round < rounds; round++) samples.push(await flowsAlone(words, FLOWS))
  reportTable({ title: 'Lab engine alone', unit: 'flows/s', rows: [{ name: 'in memory, under the virtual clock', samples }] })
}

/** A story without rules, then with each kind of them. */
async function inStates({ lab: { control } }: Programs, run: (state: string) => Promise<unknown>): Promise<void> {
  await control.call('lab.play', { scenario: 'bench', client: 'one' })
  await control.call('lab.pause', { paused: true })
  for (const state of states) {
    await control.call('lab.step', {})
    await run(state)
  }
  await control.call('lab.stop', {})
}

/** Flows that were opened, have said one thing and stay: what each holds, and whether it still answers. */
async function idle({ programs }: Measuring): Promise<void> {
  const [even, odd] = [await join(programs, 'two'), await join(programs, 'three')]
  const ways = [
    { of: programs.proxy, name: 'plain proxy', open: proxyWay(programs).open },
    { of: programs.lab, name: 'lab', open: (at: number) => labWay('lab', programs, at % 2 === 0 ? even : odd, NEAR).open() },
  ]
  const rows: Row[] = []
  const answers: Row[] = []
  for (const { of, name, open } of ways) {
    const before = await of.usage('memory')
    const streams = []
    for (let at = 0; at < IDLE; at += 50) {
      const opened = await Promise.all(Array.from({ length: 50 }, (_, i) => open(at + i)))
      await Promise.all(opened.map((stream) => exchange(stream, Buffer.from('hello'))))
      streams.push(...opened)
    }
    const settled = await of.usage('memory')
    await sleep(systemClock, IDLE_MS)
    const after = await of.usage('memory')
    rows.push({ name: `${name}: resident`, samples: [(after.rss - before.rss) / IDLE / 1024] })
    rows.push({ name: `${name}: heap and buffers`, samples: [(after.held - before.held) / IDLE / 1024] })
    rows.push({ name: `${name}: CPU while idle, ms a second`, samples: [((after.cpuMs - settled.cpuMs) / IDLE_MS) * 1000] })
    const samples: number[] = []
    for (const stream of streams.filter((_, i) => i % 10 === 0)) {
      const began = performance.now()
      await exchange(stream, Buffer.from('still there?'))
      samples.push(performance.now() - began)
    }
    answers.push({ name, samples })
    for (const stream of streams) stream.destroy()
    await sleep(systemClock, 1000)
  }
  even.close()
  odd.close()
  reportTable({ title: 'Lab memory of an idle flow', unit: 'KiB', rows, note: `${IDLE} flows, after a collection; without the kernel's.` })
  reportTable({ title: 'Lab answers of idle flows', unit: 'ms', rows: answers, note: 'Every tenth of them.' })
}

async function turns(ways: readonly Way[], rounds: number, run: (way: Way) => Promise<number>): Promise<Row[]> {
  const rows: Row[] = []
  for (let round = 0; round < rounds; round++) for (const way of ways) into(rows, way.name, await run(way))
  return rows
}

function into(rows: Row[], name: string, sample: number): void {
  const at = rows.findIndex((row) => row.name === name)
  const row = rows[at]
  if (row) rows[at] = { ...row, samples: [...row.samples, sample] }
  else rows.push({ name, samples: [sample] })
}

if (process.argv[1] === import.meta.filename) await main()
