/**
 * How good diagnosis is, over the lab under a virtual clock: every scenario and trap on near and far lines with and without loss, networks
 * where nothing is wrong, and random worlds that no rule was written for. `--seeds N` of each scenario on each line, `--clean N` on each line, `--worlds N`
 * random ones; `--thin N`: each scenario on every Nth line only, another one each; `--lines 80/0.01,20/0` and `--only ID,ID` of scenarios; `--training`: with seeds that weights may be chosen on, instead of
 * those kept apart for reports; `--world N`: that one alone, with all that was said. `--write`: the tables into docs/DIAGNOSIS.md.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { loadScenarios } from '../../lab/player/library.ts'
import { systemClock } from '../../shared/util/clock.ts'
import type { Job } from './diagnosis/job.ts'
import type { Line } from './diagnosis/line.ts'
import { runAll } from './diagnosis/pool.ts'
import { cleanTables, randomTables, type Section, scenarioTables } from './diagnosis/sections.ts'
import { showWorld } from './diagnosis/show-world.ts'

const LINES: readonly Line[] = [20, 80, 250].flatMap((rttMs) => [0, 0.01, 0.05].map((loss) => ({ rttMs, loss })))
const USUAL = { seeds: 1, clean: 34, worlds: 200 } as const
/** Kept apart: no weight and no rule was chosen by looking at these. */
const HELD_OUT_FROM = 200_001
const DOCUMENT = new URL('../../docs/DIAGNOSIS.md', import.meta.url)

const say = (line: string) => void process.stdout.write(`${line}\n`)
const warn = (line: string) => void process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = { thin: text, seeds: text, clean: text, worlds: text, world: text, lines: text, only: text, training: flag, write: flag }
  const { values } = parseArgs({ options })
  if (values.world !== undefined) return showWorld(count(values.world, 0), say)
  const began = systemClock.monotonic()
  const lines = values.lines === undefined ? LINES : linesOf(values.lines)
  const known = (await loadScenarios(null)).filter(({ card }) => values.only === undefined || values.only.split(',').includes(card.id))
  const from = values.training ? 1 : HELD_OUT_FROM
  const seedsOf = (asked: string | undefined, usual: number, first: number) => upTo(count(asked, usual), first)
  const thin = Math.max(1, count(values.thin, 1))
  const jobs = {
    scenario: lines.flatMap((line, l) =>
      seedsOf(values.seeds, USUAL.seeds, from).flatMap((seed) =>
        known.filter((_, k) => (k + l) % thin === 0).map(({ card }) => ({ of: 'scenario', id: card.id, line, seed }) as const),
      ),
    ),
    clean: lines.flatMap((line) => seedsOf(values.clean, USUAL.clean, from).map((seed) => ({ of: 'clean', line, seed }) as const)),
    random: seedsOf(values.worlds, USUAL.worlds, from).map((seed) => ({ of: 'random', seed }) as const),
  }
  const play = <J extends Job>(list: readonly J[]) =>
    runAll(
      list,
      (done) => done % 50 === 0 && warn(`${done} of ${list.length}`),
      (job, why) => warn(`!!! ${JSON.stringify(job)}: ${why}`),
    )
  const sections: Section[] = []
  if (jobs.scenario.length > 0) sections.push(...scenarioTables(known, await play(jobs.scenario)))
  if (jobs.clean.length > 0) sections.push(...cleanTables(await play(jobs.clean)))
  if (jobs.random.length > 0) sections.push(...randomTables(await play(jobs.random)))
  for (const { title, body } of sections) say(`\n**${title}**\n\n${body}`)
  const seconds = Math.round((systemClock.monotonic() - began) / 1000)
  say(`\n${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}: ${seconds} s.`)
  if (values.write) await write(sections)
}

/** Between its marks, each section in place of the one before. */
async function write(sections: readonly Section[]): Promise<void> {
  let document = await readFile(DOCUMENT, 'utf8')
  for (const { id, title, body } of sections) {
    const [open, close] = [`<!-- ${id} -->`, `<!-- /${id} -->`]
    const [start, end] = [document.indexOf(open), document.indexOf(close)]
    if (start < 0 || end < start) throw new Error(`docs/DIAGNOSIS.md has no place for ${id}`)
    document = `${document.slice(0, start + open.length)}\n\n**${title}**\n\n${body}\n\n${document.slice(end)}`
  }
  await writeFile(DOCUMENT, document)
}

function count(asked: string | undefined, usual: number): number {
  const number = asked === undefined ? usual : Number(asked)
  if (!Number.isInteger(number) || number < 0) throw new Error(`${asked} is no number of runs`)
  return number
}

function linesOf(text: string): Line[] {
  return text.split(',').map((each) => {
    const [rttMs = Number.NaN, loss = 0] = each.split('/').map(Number)
    if (!(rttMs > 0) || !(loss >= 0 && loss < 1)) throw new Error('--lines: as 80/0.01, or several with commas between')
    return { rttMs, loss }
  })
}

const upTo = (many: number, from: number) => Array.from({ length: many }, (_, n) => from + n)

await main()
