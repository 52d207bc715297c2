/**
 * Time to connect, ours beside plain socket.io-client and beside replays of schedules that others published, over the lab under a virtual
 * clock: each block of the design's table, near and far, with and without loss, against the physical floor. `--quick`: few runs, at 80 ms
 * without loss. `--line 80/0.01,20/0`: those lines alone. `--runs N`.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { systemClock } from '../../shared/util/clock.ts'
import { GOAL_RTT_MS } from './reach/blocks.ts'
import { measureAll } from './reach/lines.ts'
import { OURS, PLAIN } from './reach/measure.ts'
import { calibrate } from './reach/peer.ts'
import { peers } from './reach/peers/all.ts'
import { reportCuts, reportGoals, reportLine, reportMatrix } from './reach/report.ts'
import type { Line } from './reach/world.ts'

const RTTS = [20, 80, 250]
const LOSSES = [0, 0.01, 0.05]
/** Without loss only what is drawn differs: which proxy works, and others' own chance. */
const RUNS = { lossless: 10, lossy: 40, quick: 4 } as const

const say = (line: string) => void process.stdout.write(`${line}\n`)
const warn = (line: string) => void process.stderr.write(`${line}\n`)

/** The names of those whose replay gives their source's own figures. Who does not is named, loudly, and left out. */
async function admitted(): Promise<string[]> {
  const names: string[] = []
  for (const peer of peers) {
    const checked = await calibrate(peer)
    for (const { known, ms, ok } of checked) {
      const seconds = (value: number) => `${(value / 1000).toFixed(2)} s`
      say(`${ok ? 'ok    ' : 'WRONG '} ${peer.name}: ${known.says}; replayed ${seconds(ms)}`)
    }
    if (checked.length > 0 && checked.every(({ ok }) => ok)) names.push(peer.name)
    else warn(`\n!!! ${peer.name} IS LEFT OUT: its replay does not give its source's own figures.\n`)
  }
  return names
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, line: { type: 'string' }, runs: { type: 'string' } } })
  const began = systemClock.monotonic()
  const lines = linesOf(values.quick ?? false, values.line)
  const asked = values.runs === undefined ? null : Number(values.runs)
  if (asked !== null && (!Number.isInteger(asked) || asked < 1)) throw new Error('--runs: a number of runs per case')
  const contestants = [OURS, PLAIN, ...(await admitted())]
  const runsAt = ({ loss }: Line) => asked ?? (values.quick ? RUNS.quick : loss === 0 ? RUNS.lossless : RUNS.lossy)
  // The long ones first, so that nobody waits for one at the end.
  const jobs = [...lines].reverse().map((line) => ({ line, runs: runsAt(line), contestants }))
  const results = await measureAll(jobs, ({ line }) => warn(`measured ${line.rttMs} ms, ${line.loss * 100} % lost`))
  const measured = lines.map((line, at) => ({ line, outcomes: results[jobs.length - 1 - at] ?? [] }))
  for (const each of measured) reportLine(each, contestants)
  for (const each of measured) reportMatrix(each, contestants)
  reportGoals(measured)
  reportCuts(measured)
  const seconds = Math.round((systemClock.monotonic() - began) / 1000)
  say(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}: ${seconds} s.`)
}

function linesOf(quick: boolean, only: string | undefined): Line[] {
  if (only !== undefined) {
    return only.split(',').map((text) => {
      const [rttMs = Number.NaN, loss = 0] = text.split('/').map(Number)
      if (!(rttMs > 0) || !(loss >= 0 && loss < 1)) throw new Error('--line: as 80/0.01, or several with commas between')
      return { rttMs, loss }
    })
  }
  if (quick) return [{ rttMs: GOAL_RTT_MS, loss: 0 }]
  return RTTS.flatMap((rttMs) => LOSSES.map((loss) => ({ rttMs, loss })))
}

await main()
