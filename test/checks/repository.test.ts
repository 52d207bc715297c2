/** What every clone relies on: a lock file for any registry, exact versions, a guide in each folder, the licence. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const Versions = v.record(v.string(), v.string())
const manifest = v.parse(
  v.object({ license: v.string(), engines: v.object({ node: v.string() }), dependencies: Versions, devDependencies: Versions }),
  JSON.parse(read('package.json')),
)

describe('packages', () => {
  test('the lock file names no registry, so that any will do', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved"/)
  })

  test('each has one exact version', () => {
    const inexact = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+$/.test(version),
    )
    expect(inexact).toEqual([])
  })

  test('an older Node than the manifest names is refused in one sentence', () => {
    const pretend = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.18.3" } })'
    const { status, stderr } = spawnSync(process.execPath, ['--import', `data:text/javascript,${pretend}`, 'scripts/check.mjs'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(manifest.engines.node).toBe('>=20.19')
    expect(stderr).toBe('Throughline needs Node 20.19 or newer, and this is 20.18.3: get one from https://nodejs.org.\n')
    expect(status).toBe(1)
  })
})

describe('guides', () => {
  test.each(['electron', 'renderer', 'shared', 'relay', 'lab', 'test', 'docs', 'scripts'])('%s says what lives there', (folder) => {
    expect(existsSync(join(root, folder, 'README.md')), `${folder}/README.md is missing`).toBe(true)
  })

  test.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md'])('%s is there', (file) => {
    expect(existsSync(join(root, file)), `${file} is missing`).toBe(true)
  })
})

test('the licence is the one that the store needs, in full', () => {
  expect(manifest.license).toBe('AGPL-3.0-only')
  expect(read('LICENSE')).toBe(read('node_modules/@signalapp/sqlcipher/LICENSE'))
})
