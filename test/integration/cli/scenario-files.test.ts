/** Scenario files on the command line: an exported one is a start, a faulty one is refused line by line and nothing of it is used. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPrograms, runCommand } from '../../support/command-line.ts'

let dir: string

beforeAll(async () => {
  buildPrograms()
  dir = await mkdtemp(join(tmpdir(), 'throughline-scenarios-'))
}, 120_000)
afterAll(() => rm(dir, { recursive: true, force: true }))

/** The file's lines, each put right or wrong. */
async function edited(name: string, change: (text: string) => string): Promise<{ file: string; lines: string[] }> {
  const { code, said } = await runCommand('lab', 'export', 'prefix-block')
  expect(code).toBe(0)
  const text = change(said)
  const file = join(dir, name)
  await writeFile(file, text)
  return { file, lines: text.split('\n') }
}

test('what is exported of a built-in scenario is right once it has an id of its own', async () => {
  const { file } = await edited('mine.json', (text) => text.replace('"id": "prefix-block"', '"id": "mine"'))
  expect(await runCommand('lab', 'check', file, '--json')).toMatchObject({ code: 0, json: { ok: true, id: 'mine', faults: [] } })
})

test('each fault is told with its line, and nothing is served', async () => {
  const { file, lines } = await edited('bad.json', (text) =>
    text
      .replace('"id": "prefix-block"', '"id": "bad"')
      .replace(/"atMs": \d+/, '"atMs": "soon"')
      .replace('"side": "censor"', '"side": "nobody"'),
  )
  const lineOf = (words: string) => lines.findIndex((line) => line.includes(words)) + 1
  const checked = await runCommand('lab', 'check', file)
  expect(checked.code).toBe(2)
  expect(checked.said).toContain(`Line ${lineOf('"atMs": "soon"')}, column`)
  expect(checked.said).toContain('"atMs" must be a number from 0 to 3600000.')
  expect(checked.said).toContain(`Line ${lineOf('"side": "nobody"')}, column`)
  const served = await runCommand('lab', 'serve', '--scenario', file)
  expect(served.code).toBe(2)
  expect(served.said).toContain(`Line ${lineOf('"atMs": "soon"')}, column`)
  expect(served.said).not.toContain('ready')
})

test('what is no JSON, no file or no scenario is said in one sentence', async () => {
  const { file } = await edited('half.json', (text) => text.slice(0, 200))
  expect(await runCommand('lab', 'check', file)).toMatchObject({ code: 2, said: expect.stringContaining('cannot be read as JSON') })
  expect(await runCommand('lab', 'check', join(dir, 'nothing.json'))).toMatchObject({
    code: 2,
    said: expect.stringContaining('cannot be read'),
  })
  expect(await runCommand('lab', 'export', 'nobody')).toMatchObject({
    code: 2,
    said: expect.stringContaining('There is no scenario "nobody"'),
  })
})
