/** What every clone relies on: a lock file for any registry, exact versions, a guide in each folder, the licence. */
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

  test('the oldest Node that the scripts let pass is the one the manifest names', () => {
    expect(read('scripts/setup.mjs')).toContain('const oldestNode = [20, 19]')
    expect(manifest.engines.node).toBe('>=20.19')
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
