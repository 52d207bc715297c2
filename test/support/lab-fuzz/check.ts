/** What a fuzz check is, and the lab that most of them attack. The suite runs each a few times, `npm run soak -- lab-fuzz` for long. */
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { createMemoryLab, type MemoryLab } from '../../../lab/memory.ts'
import { type Authority, openAuthority } from '../../../lab/services/authority.ts'
import { builtInWorld } from '../../../lab/world.ts'
import { encodeUplink, UplinkDecoder, type UplinkFrame } from '../../../shared/protocol/uplink.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

export interface FuzzCheck {
  /** A sentence about what holds. */
  readonly name: string
  /** In the suite; a soak does many times more. */
  readonly runs: number
  /** Rejects with the smallest counterexample found. */
  run(options: { readonly numRuns: number; readonly seed?: number }): Promise<void>
}

let authority: Promise<Authority> | null = null

export interface Victim {
  readonly lab: MemoryLab
  readonly clock: VirtualClock
  /** Far ends of the service that are still open. */
  readonly farEnds: Set<Duplex>
  /** Why connections were ended. */
  readonly violations: string[]
}

/** A lab in memory whose service sends back what it gets. */
export async function victim(): Promise<Victim> {
  authority ??= openAuthority(null, 'Lab authority', Date.now)
  const clock = new VirtualClock(Date.now())
  const farEnds = new Set<Duplex>()
  const violations: string[] = []
  const lab = await createMemoryLab({
    world: builtInWorld(),
    clock,
    random: seededRandom(1),
    authority: await authority,
    onViolation: (reason) => void violations.push(reason),
  })
  lab.setService(() => {
    const [outer, inner] = lab.pair()
    farEnds.add(inner)
    inner.on('error', () => {})
    inner.on('close', () => farEnds.delete(inner))
    inner.pipe(inner)
    return outer
  })
  return { lab, clock, farEnds, violations }
}

/** Lets the longest memory of the lab pass. Throws if anything of what was dropped is left: a timer, or a far end. */
export async function expectNothingLeft({ lab, clock, farEnds }: Victim, alive = 0): Promise<void> {
  await lab.run(60_000)
  if (farEnds.size > alive) throw new Error(`${farEnds.size - alive} far ends were left open`)
  const next = clock.nextAt()
  if (next !== null) throw new Error(`a timer is left, due in ${next - clock.monotonic()} ms`)
}

export interface Uplink {
  readonly stream: Duplex
  readonly got: UplinkFrame[]
  closed: boolean
  say(...frames: UplinkFrame[]): void
}

export function uplinkTo(lab: MemoryLab): Uplink {
  const decoder = new UplinkDecoder()
  const stream = lab.uplink()
  const uplink: Uplink = {
    stream,
    got: [],
    closed: false,
    say: (...frames) => {
      for (const frame of frames) stream.write(encodeUplink(frame))
    },
  }
  stream.on('data', (bytes: Buffer) => uplink.got.push(...decoder.push(bytes)))
  stream.on('error', () => {})
  stream.on('close', () => {
    uplink.closed = true
  })
  return uplink
}

/** The same bytes with some changed, cut out, doubled, or more put in. */
export function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(Math.max(0, bytes.length))
  const change = fc.oneof(
    fc.record({ how: fc.constant('set' as const), at, with: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
    fc.record({ how: fc.constant('cut' as const), at, length: fc.nat(40) }),
    fc.record({ how: fc.constant('double' as const), at, length: fc.nat(200) }),
    fc.record({ how: fc.constant('add' as const), at, with: fc.uint8Array({ maxLength: 40 }) }),
  )
  return fc.array(change, { maxLength: 4 }).map((changes) => {
    let now = Buffer.from(bytes)
    for (const one of changes) {
      const [before, after] = [now.subarray(0, one.at), now.subarray(one.at)]
      if (one.how === 'set') now = Buffer.concat([before, one.with, after.subarray(one.with.length)])
      else if (one.how === 'cut') now = Buffer.concat([before, after.subarray(one.length)])
      else if (one.how === 'double') now = Buffer.concat([before, after.subarray(0, one.length), after])
      else now = Buffer.concat([before, one.with, after])
    }
    return new Uint8Array(now)
  })
}

/** The same bytes in pieces, cut anywhere. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes.length === 0 ? bytes.length : Math.max(1, sizes[turn % sizes.length] ?? 1)
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

/** Sizes of pieces, in turn; none: all at once. */
export const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 600 })), { maxLength: 6 })
