/** Scenarios of a person's own: kept over a restart, imported with every fault told at its line, never lost. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loopbackCarrier } from '../../../lab/carrier.ts'
import { labHandlers } from '../../../lab/control.ts'
import { memoryPortPair } from '../../../shared/contract/memory-port.ts'
import { connect, serve } from '../../../shared/contract/port.ts'
import type { HandRule, ScenarioWish } from '../../../shared/contract/workbench.ts'
import { labControl } from '../../../shared/protocol/processes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'

const wish: ScenarioWish = {
  title: 'My own',
  demand: '',
  hit: '',
  tryThis: '',
  vantage: 'ru-moscow-a',
  elsewhere: 'nl-a',
  times: null,
  expected: [],
  replace: null,
}
const drop: HandRule = { mechanism: 'ip_drop', where: 'country:RU', aim: 'usual', values: {} }

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-own-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

async function started(dataDir: string) {
  const bugs: string[] = []
  onTestFinished(() => expect(bugs).toEqual([]))
  const [near, far] = memoryPortPair()
  const control = labHandlers({
    clock: systemClock,
    random: seededRandom,
    carrier: loopbackCarrier,
    signatures: 'ecdsa',
    emit: (name, payload) => served.emit(name, payload),
  })
  const served = serve(labControl, far, control.handlers, (name, error) => bugs.push(`${name}: ${String(error)}`))
  const lab = connect(labControl, near)
  onTestFinished(() => control.close())
  await lab.call('lab.start', { host: '127.0.0.1', port: 0, seed: 1, maps: [], scenarioFile: null, dataDir })
  return { lab, close: () => control.close() }
}

test('what was made is kept over a restart, renamed, removed and put back, and a damaged file lies aside', {
  timeout: 60_000,
}, async () => {
  const dir = await folder()
  const first = await started(dir)
  const bench = async (lab = first.lab) => (await lab.call('lab.state', {})).workbench
  expect(await first.lab.call('lab.keep', wish)).toEqual({ result: 'nothing' })
  expect(await first.lab.call('lab.impose', { id: null, rule: drop })).toEqual({ faults: [] })
  expect(await first.lab.call('lab.impose', { id: null, rule: { ...drop, values: { ports: '0' } } })).toMatchObject({
    faults: [{ field: 'ports' }],
  })
  const { standing } = await bench()
  expect(standing).toMatchObject([{ rule: drop }])
  expect(await first.lab.call('lab.keep', wish)).toEqual({ result: 'kept', id: 'my-own' })
  expect(await first.lab.call('lab.keep', wish)).toEqual({ result: 'kept', id: 'my-own-2' })
  expect(await first.lab.call('lab.rename', { id: 'my-own', title: 'Renamed' })).toEqual({ result: 'kept', id: 'my-own' })
  await first.lab.call('lab.remove', { id: 'my-own-2' })
  expect(await bench()).toMatchObject({ own: [{ id: 'my-own', editable: true }], removed: [{ id: 'my-own-2', title: 'My own' }] })
  expect(await first.lab.call('lab.putBack', { id: 'my-own-2' })).toEqual({ result: 'kept', id: 'my-own-2' })
  await first.lab.call('lab.edit', { id: 'my-own' })
  expect(await bench()).toMatchObject({ editing: 'my-own', standing: [{ rule: drop }], made: [{ does: 'on' }] })
  await first.lab.call('lab.play', { scenario: 'my-own', client: 'alice' })
  await expect(first.lab.call('lab.remove', { id: 'my-own' })).rejects.toMatchObject({ code: 'refused' })
  expect(await first.lab.call('lab.rename', { id: 'my-own', title: 'No' })).toEqual({ result: 'playing' })
  await first.close()

  const kept = join(dir, 'scenarios')
  await writeFile(join(kept, 'broken.json'), '{ "format": 1,')
  const second = await started(dir)
  const state = await second.lab.call('lab.state', {})
  expect(
    state.scenarios
      .slice(-2)
      .map(({ title }) => title)
      .sort(),
  ).toEqual(['My own', 'Renamed'])
  expect(state.workbench.setAside).toMatchObject([{ file: 'broken.json', reason: expect.stringContaining('Line 1') }])
  expect(await readFile(join(kept, 'set-aside', 'broken.json'), 'utf8')).toBe('{ "format": 1,')
  expect((await readdir(join(kept, 'set-aside'))).sort()).toEqual(['broken.json', 'my-own-2.json', 'my-own.json'])
})

test('a file is imported as it stands, and one that is bad is told with its lines and changes nothing', { timeout: 60_000 }, async () => {
  const { lab } = await started(await folder())
  const own = async () => (await lab.call('lab.state', {})).workbench.own.map(({ id }) => id)
  const take = (text: string, twin: 'ask' | 'replace' | 'both' = 'ask') => lab.call('lab.import', { text, twin })
  const faults = async (text: string) => {
    const result = await take(text)
    return result.result === 'faulty' ? result.faults.map(({ line, text: said }) => `Line ${line}: ${said}`) : [result.result]
  }
  const { text: builtIn } = await lab.call('lab.export', { id: 'sni-reset' })
  expect(builtIn).toContain('"$schema": "./scenario.schema.json"')
  const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length
  expect(await faults(builtIn)).toEqual([
    `Line ${lineOf(builtIn, '"sni-reset"')}: "sni-reset" is a built-in scenario; give yours another id.`,
  ])
  const good = builtIn.replace('"id": "sni-reset"', '"id": "my-cut"')
  expect(await take(good)).toEqual({ result: 'kept', id: 'my-cut' })
  expect((await lab.call('lab.export', { id: 'my-cut' })).text).toBe(good)

  const port = good.replace('"port": 443', '"port": 70000')
  expect(await faults(port)).toEqual([`Line ${lineOf(port, '70000')}: "port" must be a number from 1 to 65535.`])
  const comma = good.replace('"format": 1,', '"format": 1')
  expect(await faults(comma)).toEqual(['Line 4: this cannot be read as JSON: a comma is expected.'])
  const many = good.replace('"reset"\n', '"magic"\n').replace('"atMs": 3000', '"atMs": 2.5').replace('"elsewhere"', '"elsewere"')
  expect(await faults(many)).toHaveLength(4)
  const named = good
    .replace('"elsewhere": "nl-a"', '"elsewhere": "atlantis"')
    .replace('"start": [\n        "name"', '"start": [\n        "nothing"')
  expect(await faults(named)).toEqual([
    `Line ${lineOf(named, '"atlantis"')}: there is no place "atlantis".`,
    `Line ${lineOf(named, '"nothing"')}: there is no rule "nothing".`,
  ])
  const altered = good.replace('my-cut', 'my-other').replace('"everyMs": 500', '"everyMs": 600')
  expect((await faults(altered))[0]).toMatch(/^Line \d+: this does not fit the world: "t-sni-reset" is there twice\.$/)
  expect(await faults('[1')).toEqual(['Line 1: this cannot be read as JSON: a closing bracket is expected.'])
  expect(await faults('['.repeat(100_000))).toEqual(['Line 1: there are too many brackets inside each other.'])
  expect(await faults(`${' '.repeat(1_100_000)}{}`)).toEqual(['Line 1: the file is larger than 1048576 bytes.'])
  expect(await own()).toEqual(['my-cut'])

  expect(await take(good)).toMatchObject({ result: 'there', id: 'my-cut' })
  expect(await take(good, 'both')).toEqual({ result: 'kept', id: 'my-cut-2' })
  expect(await take(good.replace('Cut at the name', 'Cut anew'), 'replace')).toEqual({ result: 'kept', id: 'my-cut' })
  await lab.call('lab.play', { scenario: 'my-cut', client: 'alice' })
  expect(await take(good, 'replace')).toEqual({ result: 'playing' })
  expect(await own()).toEqual(['my-cut', 'my-cut-2'])
})

test('what stories there are is told when they have changed, not again with every move', { timeout: 60_000 }, async () => {
  const { lab } = await started(await folder())
  const told: (readonly string[] | null)[] = []
  lab.on('state.changed', ({ scenarios }) => told.push(scenarios?.map(({ id }) => id) ?? null))
  const next = async (change: () => Promise<unknown>) => {
    const before = told.length
    await change()
    await expect.poll(() => told.length).toBeGreaterThan(before)
    return told.at(before)
  }
  expect(await next(() => lab.call('lab.play', { scenario: 'france-2023', client: 'alice' }))).toContain('france-2023')
  expect(await next(() => lab.call('lab.step', {}))).toBeNull()
  await lab.call('lab.stop', {})
  const { text } = await lab.call('lab.export', { id: 'sni-reset' })
  const mine = text.replace('"id": "sni-reset"', '"id": "my-cut"')
  await next(() => lab.call('lab.import', { text: mine, twin: 'ask' }))
  await expect.poll(() => told.some((ids) => ids?.includes('my-cut'))).toBe(true)
})
