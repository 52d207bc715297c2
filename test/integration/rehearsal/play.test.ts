/** Scenarios played in one process under the virtual clock: real engines, real relay, and far less time than they tell of. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memoryFolder } from '../../../electron/host/memory-folder.ts'
import { playScenario } from '../../../rehearsal/play.ts'
import { enterVirtualTime } from '../../../rehearsal/virtual-time.ts'
import type { RunReport } from '../../../shared/protocol/run-report.ts'

const quiet = { seed: 1, startAt: Date.now(), onTrouble: () => {} }

async function play(scenario: string, limits = { virtualMs: 300_000, cpuMs: 120_000 }): Promise<RunReport> {
  const dataDir = mkdtempSync(join(memoryFolder(), 'throughline-play-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  return (await playScenario({ ...quiet, scenario, tampering: null, dataDir, limits })).report
}

test.each([
  ['france-2023', 33_000],
  ['sni-drop', 16_000],
])('%s: the truth, every message, and less than its time', { timeout: 180_000 }, async (scenario, lastsMs) => {
  const before = process.cpuUsage()
  const { truth, delivery, connectMs } = await play(scenario)
  const { user, system } = process.cpuUsage(before)
  expect(truth.checks.filter((check) => !check.ok)).toEqual([])
  expect(delivery).toMatchObject({ ok: true, lost: 0, duplicated: 0, ordered: true })
  expect(delivery.sent).toBeGreaterThanOrEqual(200)
  // Four round trips of 80 ms: no time passes that nobody simulated.
  expect(connectMs).toBe(320)
  // A fraction of it on a quiet machine; a busy one counts every wait for its caches.
  expect((user + system) / 1000).toBeLessThan(lastsMs)
})

test('a run that does not come to its end fails with a sentence, and the platform has its own time again', {
  timeout: 60_000,
}, async () => {
  await expect(play('france-2023', { virtualMs: 5000, cpuMs: 60_000 })).rejects.toThrow('it had not ended after 5 s of its own time')
  const { clock, during, leave } = enterVirtualTime(quiet)
  try {
    await expect(during(new Promise(() => {}), { virtualMs: 1000, cpuMs: 1000 })).rejects.toThrow('everybody waits and nothing is to come')
    const again = () => void clock.after(1, again)
    again()
    const endless = during(new Promise(() => {}), { virtualMs: 1e9, cpuMs: 100 })
    await expect(endless).rejects.toThrow('it had not ended after 0.1 s of computing')
    expect(() => enterVirtualTime(quiet)).toThrow('one rehearsal at a time')
  } finally {
    leave()
  }
  await new Promise<void>((resolve) => void setTimeout(resolve, 1))
})
