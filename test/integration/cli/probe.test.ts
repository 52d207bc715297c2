/**
 * `probe` as a program in front of a lab whose places differ: in one all is well, in one the service's addresses are dropped, in one a portal asks for
 * its terms. Every exit code, the report, and wrong usage. Before a relay of the system network it is tested in commands.test.ts.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareWith } from '../../../electron/core/export/compare.ts'
import { recompute } from '../../../electron/core/export/recompute.ts'
import { Diagnostics } from '../../../shared/contract/diagnostics.ts'
import { ProbeReport } from '../../../shared/protocol/probe-report.ts'
import { type Program, root, startProgram } from '../../support/app-program.ts'
import { buildPrograms, runCommand, startCommand } from '../../support/command-line.ts'

const [CLEAR, DROPPED, PORTAL] = ['fr-a', 'ru-moscow-a', 'de-a']

let dir: string
let lab: Program
let bundle: string
let address: string

beforeAll(async () => {
  buildPrograms()
  dir = await mkdtemp(join(tmpdir(), 'throughline-probe-'))
  lab = startCommand('lab', 'serve', '--scenario', await writeScenario(), '--json')
  await lab.says(/"ready":true/)
  const ready = v.looseObject({ lab: v.string(), bundle: v.string() })
  ;({ lab: address, bundle } = v.parse(ready, JSON.parse(/\{"ready".*\}/.exec(lab.said())?.[0] ?? '')))
}, 120_000)
afterAll(async () => {
  lab.signal('SIGTERM')
  expect(await lab.ended).toBe(0)
  expect(lab.family()).toEqual([])
  await rm(dir, { recursive: true, force: true })
}, 30_000)

/** From the first second on, and until the lab ends. */
async function writeScenario(): Promise<string> {
  const text = await readFile(join(root, 'lab/scenarios/mechanisms/ip-drop.json'), 'utf8')
  const exported = v.parse(v.looseObject({ card: v.looseObject({}) }), JSON.parse(text))
  const file = join(dir, 'two-troubles.json')
  const scenario = {
    ...exported,
    places: [DROPPED, PORTAL],
    lastsMs: 3_600_000,
    world: {},
    conditions: [{ id: 'portal', label: 'A guest network’s page', do: 'portal', places: [PORTAL] }],
    moves: [{ id: 'begin', atMs: 0, story: '2024-01-01T00:00Z', side: 'world', text: 'Both begin.', start: ['block', 'portal'] }],
    expected: [],
    checks: [],
  }
  await writeFile(file, JSON.stringify({ ...scenario, card: { ...exported.card, id: 'two-troubles', vantage: DROPPED } }))
  return file
}

const at = (place: string) => ['--bundle', bundle, '--network', `lab:${place}`, '--lab', address]

async function probe(place: string, ...flags: string[]) {
  const { code, json, said } = await runCommand('probe', ...at(place), '--json', ...flags)
  const report = v.parse(ProbeReport, json, { message: said })
  expect(report.exit_code, said).toBe(code)
  return report
}

describe('probe', () => {
  it('ends with 0 where all is well, and looks at what is asked for only', async () => {
    const report = await probe(CLEAR, '--planes', 'chat,links', '--timeout', '60')
    expect(report).toMatchObject({ exit_code: 0, timed_out: false, unsettled: [], path: expect.stringContaining('240.') })
    expect(Object.entries(report.planes).map(([plane, said]) => [plane, said?.kind])).toEqual([
      ['chat', 'ok'],
      ['links', 'ok'],
    ])
  }, 120_000)

  it('ends with 3 where somebody interferes, and every verdict of its file comes out of the evidence beside it', async () => {
    const file = join(dir, 'report.json')
    const report = await probe(DROPPED, '--timeout', '60', '--report', file)
    expect(report).toMatchObject({
      exit_code: 3,
      timed_out: false,
      planes: {
        chat: { kind: 'interference', mechanisms: ['ip_drop'], word: 'confirmed', place: 'way' },
        media: { kind: 'interference', mechanisms: ['ip_drop'], word: 'confirmed', place: 'way' },
        links: { kind: 'ok' },
      },
    })
    const text = await readFile(file, 'utf8')
    const written = v.parse(Diagnostics, JSON.parse(text))
    const computed = recompute(written)
    expect(computed.map(({ plane }) => plane)).toEqual(Object.keys(report.planes))
    for (const { plane, kind, mechanisms, confidence, word, place } of computed) {
      expect(written.test_keys.planes[plane]).toMatchObject({ kind, mechanisms, confidence, word, place })
      expect(report.planes[plane]).toMatchObject({ kind, mechanisms })
    }
    expect(compareWith(written, text)).toMatchObject({
      outcome: 'compared',
      planes: expect.arrayContaining([expect.objectContaining({ isSame: true })]),
    })
  }, 120_000)

  it('ends with 4 for another fault', async () => {
    const report = await probe(PORTAL, '--timeout', '60', '--planes', 'chat')
    expect(report).toMatchObject({ exit_code: 4, planes: { chat: { kind: 'captive_portal', word: 'confirmed', place: 'network' } } })
  }, 120_000)

  it('ends with 5 when time is up before anybody can tell, in time, and says what it did not settle', async () => {
    const report = await probe(DROPPED, '--timeout', '0.2', '--planes', 'chat,media')
    expect(report).toMatchObject({ exit_code: 5, timed_out: true, unsettled: ['chat', 'media'], path: null })
    expect(report.test_runtime).toBeGreaterThanOrEqual(0.2)
    expect(report.test_runtime).toBeLessThan(5)
  }, 60_000)

  it('stopped in the middle ends with 1, at once, and leaves no process and no profile behind', async () => {
    const temporary = await mkdtemp(join(dir, 'tmp-'))
    const command = [process.execPath, join(root, 'dist/cli.js'), 'probe', ...at(DROPPED), '--timeout', '600']
    const program = startProgram(command, { TMPDIR: temporary })
    await expect.poll(() => readdir(temporary).then((names) => names.length), { timeout: 60_000 }).toBe(1)
    await expect.poll(() => program.family().length, { timeout: 60_000 }).toBe(2)
    program.signal('SIGTERM')
    expect(await program.ended, program.said()).toBe(1)
    expect(program.family()).toEqual([])
    expect(await readdir(temporary)).toEqual([])
    expect(program.said()).toContain('Ended before it was through.')
  }, 120_000)
})

describe('a probe that cannot be made', () => {
  it.each([
    ['a place that the lab has not', 2, () => ['--bundle', bundle, '--network', 'lab:nowhere', '--lab', address], 'has no place "nowhere"'],
    [
      'a lab that is not there',
      1,
      () => ['--bundle', bundle, '--network', 'lab:fr-a', '--lab', '127.0.0.1:1'],
      'no lab answers at 127.0.0.1:1',
    ],
    ['a function that the relay does not offer', 2, () => [...at(CLEAR), '--planes', 'chat,bootstrap'], 'offers no bootstrap'],
    ['a folder that is not there', 2, () => [...at(CLEAR), '--report', join(dir, 'none', 'report.json')], '--report:'],
  ] as const)(
    '%s ends with %i and one sentence',
    async (_, code, flags, sentence) => {
      const { code: ended, said } = await runCommand('probe', ...flags(), '--json')
      expect({ ended, said }).toEqual({ ended: code, said: expect.stringContaining(sentence) })
      expect(said.trim().split('\n'), said).toHaveLength(1)
    },
    60_000,
  )

  it('a bundle that was changed after it was signed says so', async () => {
    const changed = join(dir, 'changed.json')
    await writeFile(changed, (await readFile(bundle, 'utf8')).replace('\\"version\\":1', '\\"version\\":9'))
    const { code, said } = await runCommand('probe', ...at(CLEAR), '--bundle', changed)
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining('was changed after the relay signed it') })
  }, 60_000)
})
