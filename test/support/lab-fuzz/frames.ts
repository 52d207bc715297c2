/** Uplinks that break the protocol in every way: only they are ended, and nothing of theirs stays. */
import fc from 'fast-check'
import { encodeUplink, type UplinkFrame } from '../../../shared/protocol/uplink.ts'
import { cut, expectNothingLeft, type FuzzCheck, mutated, sizes, uplinkTo, type Victim, victim } from './check.ts'

const SERVICE = { address: '240.149.167.50', port: 443 }
const addresses = [
  '240.149.167.50',
  '240.31.1.53',
  '240.9.9.9',
  '240.77.252.152',
  '2001:db8::1',
  '::1',
  '127.0.0.1',
  '8.8.8.8',
  '1.2',
  'f:f',
]

const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
const flow = fc.integer({ min: 0, max: 3 })
const port = fc.constantFrom(0, 53, 80, 443, 65_535)
const address = fc.constantFrom(...addresses)
const frame: fc.Arbitrary<UplinkFrame> = fc.oneof(
  fc.record({ t: fc.constant('open' as const), flow, address, port }),
  fc.record({ t: fc.constant('segment' as const), flow, bytes }),
  fc.record({ t: fc.constant('fin' as const), flow }),
  fc.record({ t: fc.constant('reset' as const), flow }),
  fc.record({ t: fc.constant('credit' as const), flow, bytes: fc.oneof(fc.nat(70_000), fc.nat(0xffff_ffff)) }),
  fc.record({ t: fc.constant('datagram' as const), flow, address, port, bytes }),
  fc.record({ t: fc.constant('opened' as const), flow }),
  fc.record({ t: fc.constant('refused' as const), flow, code: fc.constant('EPROTO' as const) }),
  fc.record({ t: fc.constant('hello' as const), client: fc.constant('mallory'), vantage: fc.constantFrom(null, 'de-a', 'nowhere') }),
)
const hello: UplinkFrame = { t: 'hello', client: 'mallory', vantage: 'nl-a' }
const open: UplinkFrame = { t: 'open', flow: 1, ...SERVICE }
const session: readonly UplinkFrame[] = [
  hello,
  open,
  { t: 'datagram', flow: 2, address: '240.31.1.53', port: 53, bytes: Uint8Array.of(0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1) },
  { t: 'segment', flow: 1, bytes: new Uint8Array(300).fill(22) },
  { t: 'credit', flow: 1, bytes: 300 },
  { t: 'fin', flow: 1 },
  { t: 'reset', flow: 2 },
]
const joined = (frames: readonly UplinkFrame[]) => new Uint8Array(Buffer.concat(frames.map(encodeUplink)))

const attack = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  mutated(joined(session)),
  fc.shuffledSubarray([...session]).map(joined),
  fc.array(frame, { maxLength: 14 }).map((frames) => joined([hello, ...frames])),
  // A frame that says it is as long as it likes.
  fc.nat(0xffff_ffff).map((length) => {
    const first = Buffer.alloc(64)
    first.writeUInt32BE(length)
    return new Uint8Array(Buffer.concat([joined([hello]), first]))
  }),
)

async function withAlice(here: Victim) {
  const alice = uplinkTo(here.lab)
  alice.say({ t: 'hello', client: 'alice', vantage: 'nl-a' }, open)
  await here.lab.run(200)
  let said = 0
  return async () => {
    const heard = () => alice.got.filter(({ t }) => t === 'segment').length
    const before = heard()
    alice.say({ t: 'segment', flow: 1, bytes: Uint8Array.of(said++ & 255) })
    await here.lab.run(200)
    if (alice.closed || heard() !== before + 1) throw new Error('another client was disturbed')
  }
}

export const frameChecks: readonly FuzzCheck[] = [
  {
    name: 'whatever bytes come, cut anywhere: at most that connection ends, with a reason, and nothing of it stays',
    runs: 60,
    async run(options) {
      const here = await victim()
      const stillWell = await withAlice(here)
      await fc.assert(
        fc.asyncProperty(attack, sizes, fc.boolean(), async (raw, into, waits) => {
          const mallory = uplinkTo(here.lab)
          here.violations.length = 0
          for (const piece of cut(raw, into)) {
            mallory.stream.write(piece)
            if (waits) await here.lab.run(45)
          }
          await here.lab.run(300)
          if (mallory.closed !== here.violations.length > 0) throw new Error('it was ended without a reason, or not ended')
          await stillWell()
          mallory.stream.destroy()
          await expectNothingLeft(here, 1)
        }),
        options,
      )
    },
  },
  {
    name: 'thousands of flows, opened and dropped, leave nothing; one too many ends the connection',
    runs: 1,
    async run(options) {
      const here = await victim()
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(address, fc.constantFrom(53, 80, 443)), { minLength: 1, maxLength: 5 }),
          fc.boolean(),
          async (to, tooMany) => {
            const mallory = uplinkTo(here.lab)
            mallory.say(hello)
            const flows = tooMany ? 4097 : 4000
            for (let i = 1; i <= flows; i++) {
              const [where, at] = to[i % to.length] ?? ['', 1]
              // Nothing that is no address, and nothing that is refused before the next one is opened.
              mallory.say({ t: 'open', flow: i, address: where.length < 7 ? SERVICE.address : where, port: at })
            }
            await here.lab.settle()
            if (mallory.closed !== tooMany) throw new Error(`${flows} flows: ${mallory.closed ? 'ended' : 'went on'}`)
            await here.lab.run(100)
            mallory.stream.destroy()
            await expectNothingLeft(here)
          },
        ),
        options,
      )
    },
  },
]
