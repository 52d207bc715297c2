/** "Help others connect" as the shell does it: one bridge a user, in a process that ends with it, found where its computer stands. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { NetworkInterfaceInfo } from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemNetwork } from '../../../electron/core/net/system-network.ts'
import { createAllowance } from '../../../electron/host/bridge/allowance.ts'
import { bridgeHandlers } from '../../../electron/host/bridge/control.ts'
import { type BridgeGroup, createBridgeGroup } from '../../../electron/host/bridge/group.ts'
import { type BridgePlace, realPlace } from '../../../electron/host/bridge/place.ts'
import { readSpent } from '../../../electron/host/bridge/spent-file.ts'
import type { Child } from '../../../electron/host/child.ts'
import { type BridgeState, usualLimits } from '../../../shared/contract/bridge.ts'
import { memoryPortPair } from '../../../shared/contract/memory-port.ts'
import { serve } from '../../../shared/contract/port.ts'
import { bridgeControl } from '../../../shared/protocol/processes.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000 })

/** A computer with nothing but itself. */
const readFacts = () => ({ id: 'loopback', up: true, gateway: null, resolvers: [], v6: false })
const wish = { limits: usualLimits, address: null, port: 8443 }
let folder: string
let clock: VirtualClock
let alive: (Child & { crash(): void })[]
let moved: () => void
let at: string | null
let group: BridgeGroup
let heard: BridgeState[]

/** The process without the process: the same handlers over a port in memory. */
function spawn(): Child {
  const [port, far] = memoryPortPair()
  const control = bridgeHandlers({
    clock,
    openNetwork: () => systemNetwork({ clock, readFacts }),
    counted: (counts) => served.emit('bridge.counted', counts),
  })
  const served = serve(bridgeControl, far, control.handlers, () => {})
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = () => void control.close().then(resolve)
  })
  far.onClose(end)
  const child = { port, ended, kill: end, crash: end }
  alive.push(child)
  void ended.then(() => {
    alive = alive.filter((each) => each !== child)
  })
  return child
}

const place: BridgePlace = {
  network: () => ({ kind: 'system' }),
  listen: () => ({ host: '127.0.0.1', port: 0 }),
  open: async (_user, _bound, { port }) => (at === null ? null : { address: at, port, reach: 'rehearsal' }),
  close: async () => {},
  onMoved(listener) {
    moved = listener
    return () => {}
  },
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-bridges-'))
  clock = new VirtualClock(Date.UTC(2026, 10, 30, 23, 59))
  alive = []
  heard = []
  at = '240.31.0.100'
  group = createBridgeGroup({ spawn, dataDir: folder, place, relay: async () => [{ address: '240.16.0.10', port: 443 }] })
  group.onChanged('alice', (state) => heard.push(state))
})
afterEach(async () => {
  await group.stop()
  rmSync(folder, { recursive: true })
})

describe('a bridge of this computer', () => {
  it('is off until somebody wants it, has the same link each time, and is one process that ends with it', async () => {
    const alice = group.handlers('alice')
    expect(await alice['bridge.get']({})).toMatchObject({ state: 'off', link: null, fault: null })
    const on = await alice['bridge.start'](wish)
    expect(on).toMatchObject({
      state: 'on',
      reach: 'rehearsal',
      link: expect.stringMatching(/^wss:\/\/240\.31\.0\.100:8443\/\S{32}\?pin=/),
    })
    await expect(alice['bridge.start'](wish)).rejects.toMatchObject({ code: 'already-there' })
    expect(alive).toHaveLength(1)
    expect(await alice['bridge.stop']({})).toMatchObject({ state: 'off', link: null })
    expect(alive).toHaveLength(0)
    expect((await alice['bridge.start'](wish)).link).toBe(on.link)
    expect(heard.map(({ state }) => state)).toEqual(['starting', 'on', 'off', 'starting', 'on'])
    await group.stop()
    expect(alive).toHaveLength(0)
  })

  it('is each user’s own', async () => {
    const [alice, bob] = [group.handlers('alice'), group.handlers('bob')]
    const hers = await alice['bridge.start'](wish)
    expect(await bob['bridge.get']({})).toMatchObject({ state: 'off' })
    const his = await bob['bridge.start'](wish)
    expect(his.link).not.toBe(hers.link)
    expect(heard.every(({ link }) => link !== his.link)).toBe(true)
  })

  it('is found elsewhere when its computer moves, under the same secret', async () => {
    const { link } = await group.handlers('alice')['bridge.start'](wish)
    at = '240.7.0.103'
    moved()
    await until(() => expect(heard.at(-1)?.link).toBe(link?.replace('240.31.0.100', '240.7.0.103')))
  })

  it('says why it is off: nobody could find it, its file is damaged, its port is taken, it ended by itself', async () => {
    const alice = group.handlers('alice')
    at = null
    expect(await alice['bridge.start'](wish)).toMatchObject({ state: 'off', fault: 'no-address' })
    at = '240.31.0.100'
    await alice['bridge.start'](wish)
    alive[0]?.crash()
    await until(() => expect(heard.at(-1)).toMatchObject({ state: 'off', fault: 'ended', link: null }))
    writeFileSync(join(folder, 'alice', 'bridge.json'), '{')
    expect(await alice['bridge.start'](wish)).toMatchObject({ state: 'off', fault: 'damaged' })
    expect(alive).toHaveLength(0)
  })
})

describe('a bridge on a real network', () => {
  const face = (address: string, internal = false): NetworkInterfaceInfo => ({
    address,
    netmask: '255.255.255.0',
    family: 'IPv4',
    mac: '00:00:00:00:00:00',
    internal,
    cidr: null,
  })
  const open = (address: string | null, ...own: NetworkInterfaceInfo[]) =>
    realPlace(() => ({ eth0: own })).open('alice', 1, { address, port: 8443 })

  it('is found at a public address of this computer, else in the local network only, and at what the person names', async () => {
    expect(await open(null, face('127.0.0.1', true), face('192.168.1.4'), face('93.184.216.34'))).toEqual({
      address: '93.184.216.34',
      port: 8443,
      reach: 'internet',
    })
    expect(await open(null, face('192.168.1.4'))).toMatchObject({ address: '192.168.1.4', reach: 'local' })
    expect(await open('2606:4700::1111', face('192.168.1.4'))).toMatchObject({ reach: 'internet' })
    expect(await open('10.0.0.9')).toMatchObject({ reach: 'local' })
    expect(await open(null, face('127.0.0.1', true))).toBe(null)
    expect(await open('1.2.3', face('192.168.1.4'))).toBe(null)
  })
})

describe('what a bridge gives in a month', () => {
  const limits = { streams: 2, bytesPerSecond: 1e9, bytesPerMonth: 1000 }

  it('ends with the month’s bytes, also those of an earlier run, and begins anew with the next month', () => {
    const allowance = createAllowance(limits, clock, { month: '2026-11', bytes: 900 })
    expect([allowance.take(), allowance.spend(100)]).toEqual([true, expect.any(Number)])
    expect([allowance.take(), allowance.spend(1)]).toEqual([false, null])
    expect(allowance.counts()).toEqual({ now: 1, served: 1, turnedAway: 1, bytes: 100, spent: { month: '2026-11', bytes: 1000 } })
    clock.advance(120_000)
    expect(allowance.take()).toBe(true)
    expect(allowance.counts().spent).toEqual({ month: '2026-12', bytes: 0 })
  })

  it('is written down at the end, as one number; what cannot be read counts as nothing', async () => {
    const alice = group.handlers('alice')
    await alice['bridge.start'](wish)
    await alice['bridge.stop']({})
    expect(await readSpent(join(folder, 'alice'))).toEqual({ month: '2026-11', bytes: 0 })
    writeFileSync(join(folder, 'alice', 'spent.json'), '{"month":"x"}')
    expect(await readSpent(join(folder, 'alice'))).toBe(null)
  })
})
