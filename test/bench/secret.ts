/**
 * Secret chats beside libsignal (PQXDH and triple ratchet, as its own clients have them), in turn within one run: messages,
 * handshakes, bytes on the wire, garbage, restoring; in memory and kept in the product's encrypted store. And what each part
 * of ours costs. `--seconds N`: how long all samples of one case take together, 3 by default.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { alternating, oneWay, perSecond, type Talk } from './secret/ends.ts'
import { enginePair } from './secret/engine.ts'
import { ourGarbage, signalGarbage } from './secret/garbage.ts'
import { keptIn, storesHere } from './secret/kept.ts'
import { ourMeetings, ourTalk, restoreOurs } from './secret/ours.ts'
import { bareNodeTurn, bareTurn, parts } from './secret/parts.ts'
import { restoreSignal, signalMeetings, signalTalk } from './secret/signal.ts'
import { percentile, type Row, reportTable } from './table.ts'

/** They take turns this often, so that whatever else the machine does falls on all alike. */
const ROUNDS = 15

interface Case {
  readonly name: string
  work(): unknown
}

interface Measured {
  readonly name: string
  readonly perSecond: number[]
  /** CPU of the whole process for one. */
  readonly cpuMicros: number[]
}

async function measure(cases: readonly Case[], seconds: number): Promise<Measured[]> {
  const measured = cases.map(({ name }): Measured => ({ name, perSecond: [], cpuMicros: [] }))
  // What is compiled on the way is compiled first: ours by how often it ran, whatever the machine does besides.
  for (const { work } of cases) await warmUp(work)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { work }] of cases.entries()) {
      const before = process.cpuUsage()
      let done = 0
      const rate = await perSecond((seconds * 1000) / ROUNDS, () => {
        done++
        return work()
      })
      const { user, system } = process.cpuUsage(before)
      measured[at]?.perSecond.push(rate)
      measured[at]?.cpuMicros.push((user + system) / done)
    }
  }
  return measured
}

async function warmUp(work: () => unknown): Promise<void> {
  const begun = performance.now()
  for (let i = 0; i < 1500 && performance.now() - begun < WARM_MS; i++) await work()
}
const WARM_MS = 1500

/** The goal of ours is what libsignal did in the same run. */
const rows = (measured: readonly Measured[], of: 'perSecond' | 'cpuMicros'): Row[] =>
  measured.map(({ name, [of]: samples }) => {
    const theirs = name.startsWith('ours') ? measured.find((other) => other.name === name.replace('ours', 'libsignal')) : undefined
    return { name, samples, ...(theirs && { goal: percentile(theirs[of], 0.5) }) }
  })

/** Mean bytes of a message in a long talk, each one answering the one before; what the protocol adds by itself included. */
async function meanBytes(talk: Talk): Promise<number> {
  const say = alternating(talk)
  let bytes = 0
  for (let i = 0; i < LONG; i++) bytes += await say()
  return bytes / LONG
}
const LONG = 1000
const LONG_CHAT = 10_000

const loads = () =>
  loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')

export async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3' } } })
  const seconds = Number(values.seconds)
  if (!(seconds > 0)) throw new Error('--seconds: how long a case may take')
  const begun = performance.now()
  const before = loads()
  const stores = storesHere()
  let opened = 0
  const open = () => stores.open(`${++opened}`)
  const disk = () => [keptIn(open()), keptIn(open())] as const
  const engine = await enginePair(open)
  const longEngine = await enginePair(open, LONG_CHAT)
  try {
    const disks = { signal: disk(), ours: disk() }
    const talks = {
      signal: await signalTalk(),
      ours: ourTalk(),
      signalKept: await signalTalk(disks.signal),
      oursKept: ourTalk(disks.ours),
    }
    const bare = [open(), open()]
    const commits = {
      name: 'two empty commits: what the disk allows',
      work() {
        for (const store of bare) store.transaction(() => store.values.set('at', `${performance.now()}`))
      },
    }
    const messages = async (title: string, kind: (talk: Talk) => () => Promise<number>, engineFrom: () => 0 | 1) => {
      const measured = await measure(
        [
          { name: 'libsignal', work: kind(talks.signal) },
          { name: 'ours', work: kind(talks.ours) },
          { name: 'libsignal, kept', work: kind(talks.signalKept) },
          { name: 'ours, kept', work: kind(talks.oursKept) },
          commits,
          { name: 'our whole engine, with receipts', work: () => engine.say(engineFrom()) },
          { name: `our whole engine, ${LONG_CHAT} messages in the chat`, work: () => longEngine.say(engineFrom()) },
        ],
        seconds,
      )
      reportTable({ title: `Secret ${title}`, unit: '1/s', rows: rows(measured, 'perSecond') })
      reportTable({ title: `Secret ${title}, CPU`, unit: 'µs', rows: rows(measured, 'cpuMicros') })
      return measured
    }
    let turns = 0
    const alternate = await messages('messages, alternating', alternating, () => (turns++ % 2 === 0 ? 0 : 1))
    await messages('messages, one way', oneWay, () => 0)

    const setUps = await measure(
      [
        { name: 'libsignal', work: signalMeetings() },
        { name: 'ours', work: ourMeetings() },
        { name: 'libsignal, kept', work: signalMeetings(disk()) },
        { name: 'ours, kept', work: ourMeetings(disk()) },
      ],
      seconds,
    )
    reportTable({ title: 'Secret set-ups, both sides', unit: '1/s', rows: rows(setUps, 'perSecond') })

    const wire = [
      { name: 'libsignal, padded as its apps do', talk: await signalTalk() },
      { name: 'ours', talk: ourTalk() },
    ]
    const mean: Row[] = []
    for (const { name, talk } of wire) mean.push({ name: `${name}, mean of ${LONG}`, samples: [await meanBytes(talk)] })
    reportTable({
      title: 'Secret bytes on the wire',
      unit: 'bytes',
      rows: [...mean, ...wire.map(({ name, talk }) => ({ name: `${name}, first`, samples: [talk.first.length] }))],
      note: 'A short text, each answering the one before; what the protocols say by themselves is counted in.',
    })

    const garbage = await measure([...(await signalGarbage()), ...ourGarbage()], seconds / 2)
    reportTable({ title: 'Secret garbage refused', unit: '1/s', rows: rows(garbage, 'perSecond') })

    const restoring = await measure(
      [
        { name: 'libsignal', work: restoreSignal(disks.signal[0]) },
        { name: 'ours', work: restoreOurs(disks.ours[0]) },
      ],
      seconds / 2,
    )
    reportTable({ title: 'Secret session restored', unit: '1/s', rows: rows(restoring, 'perSecond') })

    const whole = percentile(alternate[1]?.cpuMicros ?? [], 0.5)
    const single = parts()
    const steps = await measure(
      [
        ...single,
        { name: 'limit: bare turn, the same library', work: bareTurn() },
        { name: 'limit: bare turn, node:crypto', work: bareNodeTurn() },
      ],
      seconds / 6,
    )
    const share = steps.flatMap(({ name, perSecond: rates }) => {
      const times = single.find((part) => part.name === name)?.times ?? 0
      return times > 0
        ? [`  ${((100 * times * (1e6 / percentile(rates, 0.5))) / whole).toFixed(1).padStart(5)} %  ${name}, ${times} x`]
        : []
    })
    reportTable({
      title: 'Secret parts of a message',
      unit: 'µs',
      rows: steps.map(({ name, perSecond: rates }) => ({ name, samples: rates.map((rate) => 1e6 / rate) })),
      note: [
        `Shares of one alternating message of ours (${whole.toFixed(0)} µs of CPU, both sides):`,
        ...share,
        `${ROUNDS} rounds in turn, ${seconds} s a case; kept: SQLCipher, WAL, synchronous = FULL, state, row and packet in one transaction on each side.`,
        `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; load average ${before} before, ${loads()} after ${Math.round((performance.now() - begun) / 1000)} s.`,
      ].join('\n'),
    })
  } finally {
    engine.close()
    longEngine.close()
    stores.end()
  }
}

if (process.argv[1] === import.meta.filename) await main()
