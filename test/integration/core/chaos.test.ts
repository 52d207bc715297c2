/**
 * Three real minutes of a censor without a plan, over real sockets and processes, while two people write to each other. Nearly all of
 * it is waiting; ten thousand moves in virtual time are `npm run soak -- chaos`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { nodeSpawn } from '../../../electron/host/child.ts'
import { startRehearsal } from '../../../electron/host/rehearsal.ts'
import { startUsers } from '../../../electron/host/users.ts'
import { sleep, systemClock } from '../../../shared/util/clock.ts'
import { playChaos } from '../../support/chaos/chaos.ts'

const LASTS_MS = 180_000
/** The longest pause between tries is 36 s; with a way open it should be far less, but the machine may be busy. */
const LONGEST_MS = 40_000

test('nothing is lost, doubled or out of order', { timeout: LASTS_MS + 180_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'throughline-chaos-'))
  const spawn = nodeSpawn(join(import.meta.dirname, '../../../dist'))
  const rehearsal = await startRehearsal({ spawn, dataDir, seed: 3 })
  const users = await startUsers(['alice', 'bob'], {
    spawn,
    clock: systemClock,
    profilesDir: join(dataDir, 'users'),
    bundlePath: rehearsal.bundlePath,
    network: (client) => ({ kind: 'lab', address: rehearsal.labAddress, client, vantage: null }),
    tuning: { returnHoldMs: 15_000 },
  })
  onTestFinished(async () => {
    await users.stop()
    await rehearsal.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const person = (name: string) => {
    const engine = users.engine(name)
    if (!engine) throw new Error(`nobody is called ${name}`)
    return { name, core: engine.core }
  }
  const report = await playChaos(
    {
      clock: systemClock,
      lab: rehearsal.lab,
      people: [person('alice'), person('bob')],
      run: (ms) => sleep(systemClock, ms),
      until: (work) => work,
    },
    { seed: 3, moves: Number.POSITIVE_INFINITY, lastsMs: LASTS_MS, everyMs: [200, 5_000], writeEveryMs: [400, 3_000] },
  )
  expect(report).toMatchObject({ lost: [], doubled: [], refused: [], ordered: true })
  expect(report.moves).toBeGreaterThan(60)
  expect(report.sent).toBeGreaterThan(100)
  expect(report.worst?.ms).toBeLessThan(LONGEST_MS)
})
