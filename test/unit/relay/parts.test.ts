import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createBundleKeeper } from '../../../relay/bundle-keeper.ts'
import { ownCertificate, rootsOf } from '../../../relay/certificate.ts'
import { createCommitQueue } from '../../../relay/commit-queue.ts'
import { loadKeys } from '../../../relay/keys.ts'
import { RateLimiter } from '../../../relay/rate-limit.ts'
import { type Endpoint, openBundle, type SignedBundle } from '../../../shared/protocol/bundle.ts'
import type { Offer } from '../../../shared/protocol/processes.ts'
import { emptyOffer, freshDirectory } from '../../support/relay-here.ts'

const DAY = 24 * 60 * 60_000
const NOW = Date.UTC(2026, 0, 1)
const directories: string[] = []
const directory = () => {
  const made = freshDirectory()
  directories.push(made)
  return made
}
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true, force: true })
})

const endpoint = (host: string): Endpoint => ({ id: 'a', plane: 'chat', host, port: 443, addresses: ['240.0.0.1'], provider: 'x' })
const offerOf = (host: string): Offer => ({ ...emptyOffer, endpoints: [endpoint(host)], roots: ['PEM'] })
const versionOf = (signed: SignedBundle, now = NOW) => {
  const opened = openBundle(signed, { signers: null, version: 0, now })
  return opened.ok ? opened.bundle.version : opened.reason
}

describe('bundles', () => {
  it('get the next version when their content changes, and keep it over restarts when it does not', () => {
    const dataDir = directory()
    const keys = loadKeys(dataDir)
    const keeper = createBundleKeeper(dataDir, keys, offerOf('a.test'), NOW)
    expect(versionOf(keeper.current.signed)).toBe(1)
    expect(versionOf(keeper.offer(offerOf('a.test'), NOW))).toBe(1)
    expect(versionOf(keeper.offer(offerOf('b.test'), NOW))).toBe(2)
    const again = createBundleKeeper(dataDir, loadKeys(dataDir), offerOf('b.test'), NOW)
    expect(again.current.signed).toEqual(keeper.current.signed)
    expect(versionOf(createBundleKeeper(dataDir, keys, offerOf('c.test'), NOW).current.signed)).toBe(3)
    expect(versionOf(JSON.parse(readFileSync(join(dataDir, 'bundle.json'), 'utf8')))).toBe(3)
  })

  it('are signed by a key that the bundle before them names, and renewed long before they expire', () => {
    const dataDir = directory()
    const keeper = createBundleKeeper(dataDir, loadKeys(dataDir), offerOf('a.test'), NOW)
    const { bundle } = keeper.current
    const later = keeper.offer(offerOf('a.test'), NOW + 50 * DAY)
    expect(openBundle(later, { signers: bundle.signers, version: 1, now: NOW + 100 * DAY })).toMatchObject({
      ok: true,
      bundle: { version: 2 },
    })
    expect(bundle.signers).toHaveLength(2)
  })

  it('of another relay are not carried on', () => {
    const [ours, theirs] = [directory(), directory()]
    createBundleKeeper(theirs, loadKeys(theirs), offerOf('a.test'), NOW)
    writeFileSync(join(ours, 'bundle.json'), readFileSync(join(theirs, 'bundle.json')))
    expect(() => createBundleKeeper(ours, loadKeys(ours), offerOf('a.test'), NOW)).toThrow('foreign')
  })

  it('leave everything as it was when the offer is not one', () => {
    const dataDir = directory()
    const keeper = createBundleKeeper(dataDir, loadKeys(dataDir), offerOf('a.test'), NOW)
    expect(() => keeper.offer({ ...emptyOffer, endpoints: [] }, NOW)).toThrow()
    expect(keeper.current.bundle.version).toBe(1)
    expect(versionOf(JSON.parse(readFileSync(keeper.path, 'utf8')))).toBe(1)
  })
})

describe('keys', () => {
  it('stay the same over restarts and are readable by the owner alone', () => {
    const dataDir = directory()
    expect(loadKeys(dataDir)).toEqual(loadKeys(dataDir))
    if (process.platform !== 'win32') expect(statSync(join(dataDir, 'keys.json')).mode & 0o777).toBe(0o600)
  })

  it('are never replaced silently when their file is damaged', () => {
    const dataDir = directory()
    loadKeys(dataDir)
    writeFileSync(join(dataDir, 'keys.json'), '{}')
    expect(() => loadKeys(dataDir)).toThrow()
  })
})

describe('the relay’s own certificate', () => {
  it('is kept while it is good, and made anew for new names or when it grows old, under the same root', async () => {
    const dataDir = directory()
    const first = await ownCertificate(dataDir, ['a.test', '127.0.0.1'], NOW)
    expect(await ownCertificate(dataDir, ['a.test'], NOW + 300 * DAY)).toEqual(first)
    const renewed = await ownCertificate(dataDir, ['a.test'], NOW + 370 * DAY)
    expect(renewed.leaf.cert).not.toBe(first.leaf.cert)
    expect(renewed.root).toBe(first.root)
    const wider = await ownCertificate(dataDir, ['a.test', 'b.test'], NOW + 370 * DAY)
    expect(wider.leaf.cert).not.toBe(renewed.leaf.cert)
    expect(wider.root).toBe(first.root)
    if (process.platform !== 'win32') expect(statSync(join(dataDir, 'certificate-root.json')).mode & 0o777).toBe(0o600)
  })

  it('that an operator brings is pinned only if nobody else vouches for it', async () => {
    const { leaf, root } = await ownCertificate(directory(), ['a.test'], NOW)
    expect(rootsOf(leaf.cert + root)).toEqual([root.endsWith('\n') ? root : `${root}\n`])
    expect(rootsOf(leaf.cert)).toEqual([])
  })
})

describe('the commit queue', () => {
  const build = (commit: (entries: readonly number[]) => readonly number[]) => {
    const told: string[] = []
    const wakes: (() => void)[] = []
    const queue = createCommitQueue<number, number>({
      commit: (entries) => {
        told.push(`commit ${entries.length}`)
        return commit(entries)
      },
      onCommitted: (entries) => told.push(`announce ${entries.length}`),
      onFailed: () => told.push('failed'),
      deliver: (say) => {
        told.push('together')
        say()
      },
      schedule: (flush) => void wakes.push(flush),
    })
    return { queue, told, wake: () => wakes.shift()?.() }
  }

  it('answers nothing before the commit that holds it, then answers in order, then announces', () => {
    const { queue, told, wake } = build((entries) => entries.map((entry) => entry * 10))
    for (const entry of [1, 2, 3]) queue.add(entry, (written) => told.push(`answer ${written}`))
    expect(told).toEqual([])
    wake()
    expect(told).toEqual(['commit 3', 'together', 'answer 10', 'answer 20', 'answer 30', 'announce 3'])
  })

  it('tells everyone of a failed group that nothing was kept, and goes on with the next', () => {
    let fail = true
    const { queue, told, wake } = build((entries) => {
      if (fail) throw new Error('disk full')
      return entries
    })
    queue.add(1, (written) => told.push(`answer ${written}`))
    wake()
    fail = false
    queue.add(2, (written) => told.push(`answer ${written}`))
    wake()
    expect(told).toEqual(['commit 1', 'failed', 'answer null', 'commit 1', 'together', 'answer 2', 'announce 1'])
  })

  it('gives up what waits behind a failed group too, so that nothing later stands before what was lost', () => {
    let fail = true
    const { queue, told, wake } = build((entries) => {
      if (fail) throw new Error('disk full')
      return entries
    })
    for (let i = 0; i < 1030; i++) queue.add(i, (written) => told.push(`answer ${written}`))
    wake()
    fail = false
    wake()
    expect(told.filter((line) => line.startsWith('commit'))).toEqual(['commit 1024'])
    expect(told.filter((line) => line === 'answer null')).toHaveLength(1030)
  })

  it('cuts a long queue into groups and can be emptied at once', () => {
    const { queue, told, wake } = build((entries) => entries)
    for (let i = 0; i < 3000; i++) queue.add(i, () => {})
    wake()
    queue.flush()
    expect(told.filter((line) => line.startsWith('commit'))).toEqual(['commit 1024', 'commit 1024', 'commit 952'])
    wake()
    expect(told.at(-1)).toBe('announce 952')
  })
})

describe('the rate limit', () => {
  it('never grants more than the burst plus the rate, and always grants again after the wait it names', () => {
    const limit = { perSecond: 10, burst: 20 }
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 20 })), { maxLength: 200 }), (steps) => {
        const limiter = new RateLimiter(limit)
        let now = 0
        let granted = 0
        for (const [pause, cost] of steps) {
          now += pause
          const wait = limiter.take(1, cost, now)
          if (wait === 0) granted += cost
          else expect(limiter.take(1, 1, now + wait)).toBe(0)
          if (wait > 0) {
            now += wait
            granted += 1
          }
          expect(granted).toBeLessThanOrEqual(limit.burst + (now / 1000) * limit.perSecond + 1e-6)
        }
      }),
    )
  })
})

describe('a data directory', () => {
  it('is where everything stays', () => {
    const dataDir = directory()
    createBundleKeeper(dataDir, loadKeys(dataDir), offerOf('a.test'), NOW)
    expect(['keys.json', 'bundle.json'].every((name) => existsSync(join(dataDir, name)))).toBe(true)
    expect(existsSync(join(dataDir, 'keys.json.new'))).toBe(false)
  })
})
