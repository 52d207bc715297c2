/** Two people chat under the virtual clock while the network changes: minutes of theirs in a few seconds, and nothing lost. */
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { followLab, standAt } from '../../../electron/host/follow-lab.ts'
import { startTraffic } from '../../../electron/host/lab-run/traffic.ts'
import { startPlainClient } from '../../../electron/host/plain-client.ts'
import { createRehearsal, type VirtualRehearsal } from '../../../rehearsal/rehearsal.ts'

const PLAIN = '240.149.167.50:443'

let here: VirtualRehearsal
let troubles: string[]

beforeEach(async () => {
  troubles = []
  here = await createRehearsal({ seed: 7, tuning: { returnHoldMs: 15_000 }, onTrouble: (what) => troubles.push(what) })
})

afterEach(async () => {
  await here.close()
  expect(troubles.filter((what) => what.includes('bug'))).toEqual([])
})

async function placeOf(client: string): Promise<string> {
  const { clients } = await here.until(here.lab.call('lab.state', {}))
  const vantage = clients.find(({ name }) => name === client)?.vantage
  if (vantage === undefined) throw new Error(`${client} stands nowhere`)
  return vantage
}

async function routeOf(name: string): Promise<string> {
  const { route } = await here.until(here.person(name).core.call('path.get', {}))
  return route?.recipe ?? 'none'
}

test('the way in use is cut in mid-chat: all goes on by another within two seconds, and later by the plain one again', {
  timeout: 90_000,
}, async () => {
  const { clock, lab, person, run, until } = here
  await run(1000)
  expect(await routeOf('alice')).toContain(PLAIN)
  const traffic = startTraffic([person('alice'), person('bob')], 250, clock)
  await run(10_000)
  await until(lab.call('lab.censor', { move: 'ip_drop', vantage: await placeOf('alice') }))
  await run(2000)
  expect(await routeOf('alice')).not.toContain(PLAIN)
  await run(10_000)
  await until(lab.call('lab.undo', {}))
  await run(40_000)
  expect(await routeOf('alice')).toContain(PLAIN)

  const delivery = await until(traffic.finish(30_000))
  expect(delivery).toMatchObject({ ok: true, lost: 0, duplicated: 0, ordered: true })
  expect(delivery.sent).toBeGreaterThan(450)
  expect(delivery.maxGapMs).toBeLessThan(2000)
})

test('the plain client beside keeps its own time: it hears pings for minutes, falls silent, and comes back after its own pauses', {
  timeout: 90_000,
}, async () => {
  const { clock, lab, rehearsal, users, run, until } = here
  const group = await until(followLab(rehearsal, users, clock))
  onTestFinished(() => group.close())
  const vantage = await placeOf('alice')
  const network = standAt(rehearsal, 'plain', vantage, clock)
  const plain = startPlainClient({ network, host: 'chat.throughline.test', port: 443, ca: rehearsal.roots, clock })
  onTestFinished(() => plain.close())
  const states: string[] = []
  plain.onChanged(({ state }) => states.push(state))
  // Twice what socket.io lets pass without a ping.
  await run(95_000)
  expect(states).toEqual(['connected'])
  await until(lab.call('lab.censor', { move: 'sni_reset', vantage }))
  await run(60_000)
  expect(states).toEqual(['connected', 'connecting'])
  // Its pauses grow to five seconds, give or take a half.
  expect(plain.state().attempts).toBeGreaterThan(5)
  expect(plain.state().attempts).toBeLessThan(30)
  await until(lab.call('lab.undo', {}))
  await run(10_000)
  expect(states).toEqual(['connected', 'connecting', 'connected'])
})
