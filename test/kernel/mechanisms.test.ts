/**
 * The lab held against the kernel: the same client, bundle and relay behind nftables, iptables, dnsmasq and an injector, and behind the
 * lab's rules. What the client notes down must be the same, thing by thing.
 */
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openAuthority } from '../../lab/services/authority.ts'
import { skipLoudly } from '../support/skip.ts'
import { type KernelWorld, kernelWorld, type Vantage } from './kernel-world.ts'
import { lookInLab } from './lab-world.ts'
import type { Sight } from './look.ts'
import { mechanisms, POLICED_KBPS } from './mechanisms.ts'
import { sweep, whatIsMissing } from './namespaces.ts'

/** A machine that stalls for seconds lets a question run out of time: what differs is looked at again. A wrong rule differs each time. */
const LOOKS_AGAIN = 2

/** Looking is waiting, mostly: this many at a time leave the processor idle now and then. */
const AT_A_TIME = 4

const missing = whatIsMissing()
let kernelSide: KernelWorld | null = null
const sights = new Map<string, { kernel: Sight; lab: Sight }>()

beforeAll(async () => {
  if (missing) return
  sweep(false)
  const authority = await openAuthority(null, 'Authority of two worlds', Date.now)
  const kernel = await kernelWorld(authority)
  kernelSide = kernel
  const vantages = new Map<string, Vantage>()
  for (const [name, { box }] of Object.entries(mechanisms)) vantages.set(name, await kernel.stand(box))
  const left = [...vantages]
  const byKernel = new Map<string, Sight>()
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) byKernel.set(next[0], await next[1].look())
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  // Only now: the lab has a clock of its own, and would keep the processor from those who have not.
  for (const [name, { rule }] of Object.entries(mechanisms)) {
    const lab = await lookInLab(authority, kernel.bundle, rule)
    let sight = byKernel.get(name)
    for (let i = 0; i < LOOKS_AGAIN && sight && !isDeepStrictEqual(sight.kinds, lab.kinds); i++) sight = await vantages.get(name)?.look()
    if (sight) sights.set(name, { kernel: sight, lab })
  }
}, 240_000)
afterAll(() => kernelSide?.close())
beforeEach(() => {
  if (missing) skipLoudly(missing.reason, missing.debianPackage)
})

function seenOf(name: string): { kernel: Sight; lab: Sight } {
  const both = sights.get(name)
  if (!both) throw new Error(`nobody looked at ${name}`)
  return both
}

it.each(Object.keys(mechanisms))('%s: the client notes down and says the same by the kernel’s means as by the lab’s rule', (name) => {
  const { kernel, lab } = seenOf(name)
  expect(lab.kinds).toEqual(kernel.kinds)
  expect(lab.verdicts).toEqual(kernel.verdicts)
  const { seen } = mechanisms[name] ?? {}
  if (seen) {
    expect(kernel.kinds.filter((kind) => seen.test(kind))).toHaveLength(1)
    expect(seenOf('nothing').kernel.kinds.filter((kind) => seen.test(kind))).toEqual([])
  }
})

it('nothing in the way: every look-up is true, every address answers and proves itself, and every plane is said to be well', () => {
  const { kernel } = seenOf('nothing')
  expect(kernel.kinds.filter((kind) => !/: (answer .*|connected|established)$/.test(kind))).toEqual([])
  expect(Object.values(kernel.verdicts).filter((said) => said !== 'ok')).toEqual([])
})

it('rate policing: a download comes near the ordered rate in both, and is many times faster without', () => {
  const { kernel, lab } = seenOf('rate policing')
  for (const { kbps } of [kernel, lab]) {
    expect(kbps).toBeGreaterThan(POLICED_KBPS * 0.3)
    expect(kbps).toBeLessThan(POLICED_KBPS * 1.5)
  }
  const clean = seenOf('nothing')
  for (const { kbps } of [clean.kernel, clean.lab]) expect(kbps).toBeGreaterThan(POLICED_KBPS * 10)
})
