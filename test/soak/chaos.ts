/**
 * Chaos in virtual time: `npm run soak -- chaos [--moves N] [--seed S] [--trace]`. Ten thousand random blocks, unblocks and changes of place over
 * every mechanism of the workbench, while two people write to each other; nothing may be lost, doubled or out of order. The same seed gives
 * the same run. Exit 1 if anything was not as it must be.
 */
import { parseArgs } from 'node:util'
import { createRehearsal } from '../../rehearsal/rehearsal.ts'
import { playChaos } from '../support/chaos/chaos.ts'

const { values } = parseArgs({
  options: {
    moves: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
})
const [moves, seed] = [Number(values.moves), Number(values.seed)]
const say = (line: string) => void process.stdout.write(`${line}\n`)
const s = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const EVERY = 500

const here = await createRehearsal({
  seed,
  tuning: { returnHoldMs: 15_000 },
  onTrouble: (what, facts) => values.trace && say(`  trouble: ${what} ${JSON.stringify(facts)}`),
})
const began = performance.now()
const stage = { ...here, people: [here.person('alice'), here.person('bob')] as const }
await here.run(2_000)
const report = await playChaos(stage, {
  seed,
  moves,
  everyMs: [100, 5_000],
  writeEveryMs: [200, 3_000],
  onMove({ n, atMs, text, sent, waiting }) {
    if (values.trace) say(`  ${s(atMs)} ${text} (${waiting} waiting)`)
    if (n % EVERY === 0) say(`${n} moves in ${s(atMs)}: ${sent} sent, ${waiting} on the way; computed ${s(performance.now() - began)}`)
  },
})
await here.close()

const { waits, worst, lost, doubled, ordered, refused } = report
const at = (share: number) => s(waits[Math.floor((waits.length - 1) * share)] ?? 0)
const imposed = Object.entries(report.mechanisms)
say(`${report.moves} moves in ${s(report.lastedMs)}, a way open for both in ${s(report.openMs)} of it; ${imposed.length} mechanisms: `)
say(imposed.map(([name, count]) => `${name} ${count}`).join(', '))
say(
  `${report.sent} sent, ${lost.length} lost, ${doubled.length} doubled, ${ordered ? 'in order' : 'OUT OF ORDER'}, ${refused.length} refused`,
)
say(
  `from writing to reading while a way was open: median ${at(0.5)}, 95 of 100 ${at(0.95)}, 99 of 100 ${at(0.99)}, longest ${s(worst?.ms ?? 0)}`,
)
if (worst) say(`the longest: "${worst.text}", written at ${s(worst.fromMs)}, read at ${s(worst.toMs)}`)
const wrong = [...lost.map((text) => `lost: ${text}`), ...doubled.map((text) => `doubled: ${text}`), ...refused]
for (const line of wrong.slice(0, 20)) say(`  ${line}`)
const ok = wrong.length === 0 && ordered && report.sent > 0
say(ok ? 'All as it must be.' : `Not as it must be: npm run soak -- chaos --seed ${seed} --moves ${moves}`)
process.exitCode = ok ? 0 : 1
