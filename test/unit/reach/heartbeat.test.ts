import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHeartbeat } from '../../../electron/core/reach/heartbeat.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

/** A far side that answers every echo `answerMs` later, while it answers at all. */
function build(rttMs = 80) {
  const clock = new VirtualClock()
  const log: string[] = []
  const far = { answersMs: rttMs as number | null }
  const write = () => {
    const sentAt = clock.monotonic()
    heartbeat.wrote()
    const { answersMs } = far
    if (answersMs === null) return
    clock.after(answersMs, () => {
      heartbeat.sample(clock.monotonic() - sentAt)
      heartbeat.heard()
      heartbeat.answered()
    })
  }
  const heartbeat = createHeartbeat({
    clock,
    rttMs,
    beat: () => {
      log.push(`echo ${clock.monotonic()}`)
      write()
    },
    onSuspect: (since) => log.push(`suspect ${clock.monotonic()} since ${since}`),
    onRecovered: () => log.push(`recovered ${clock.monotonic()}`),
  })
  return { clock, log, heartbeat, far, write }
}

describe('while all is well', () => {
  it('asks for an echo after ten seconds of quiet, and not while anything is heard', () => {
    const { clock, log, heartbeat } = build()
    clock.advance(9_000)
    heartbeat.heard()
    clock.advance(9_999)
    expect(log).toEqual([])
    clock.advance(10_100)
    expect(log).toEqual(['echo 19000', 'echo 29080'])
  })

  it('asks after three seconds of quiet for half a minute after somebody wrote', () => {
    const { clock, log, heartbeat, write } = build()
    heartbeat.used()
    write()
    clock.advance(60_000)
    const at = log.map((line) => Number(line.split(' ')[1]))
    const waits = at.map((ms, i) => ms - (at[i - 1] ?? 0))
    expect(waits).toEqual([...Array(10).fill(3_080), ...Array(2).fill(10_080)])
  })

  it('is not alarmed by a request that takes the relay long, for the echo beside it is answered', () => {
    const { clock, log, heartbeat } = build()
    heartbeat.used()
    heartbeat.wrote()
    clock.advance(2_900)
    expect(log.every((line) => line.startsWith('echo'))).toBe(true)
    expect(log.length).toBeGreaterThan(0)
  })

  it('is never alarmed by answers that come within twice the round trip, whatever that is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.array(fc.double({ min: 1, max: 2, noNaN: true }), { maxLength: 50 }),
        (rtt, answers) => {
          const { clock, log, far, write } = build(rtt)
          for (const factor of answers) {
            far.answersMs = rtt * factor
            write()
            clock.advance(rtt * factor + 1)
          }
          expect(log.filter((line) => line.startsWith('suspect'))).toEqual([])
        },
      ),
    )
  })
})

describe('where packets are lost', () => {
  it.each([80, 300])('one in twenty, at a round trip of %i ms: fewer than one write in a hundred is a suspicion', (rttMs) => {
    const { clock, log, far, write } = build(rttMs)
    const random = seededRandom(5)
    const oneWay = () => {
      let ms = rttMs / 2
      // Sent again as TCP does, later each time (RFC 6298 section 5.5).
      for (let wait = Math.max(200, 1.25 * rttMs); random.fraction() < 0.05; wait *= 2) ms += wait
      return ms
    }
    const writes = 2_000
    for (let i = 0; i < writes; i++) {
      far.answersMs = oneWay() + oneWay()
      write()
      clock.advance(500 + 3_000 * random.fraction())
    }
    expect(log.filter((line) => line.startsWith('suspect')).length).toBeLessThan(writes / 100)
  })
})

describe('when it falls silent', () => {
  it('asks for an echo after 350 ms and suspects after 700, where a round trip is 80', () => {
    const { clock, log, far, write } = build()
    write()
    clock.advance(1_000)
    far.answersMs = null
    write()
    clock.advance(700)
    expect(log).toEqual(['echo 1350', 'suspect 1700 since 1000'])
  })

  it('with nobody writing, suspects 700 ms after the echo that was due', () => {
    const { clock, log, far } = build()
    far.answersMs = null
    clock.advance(10_700)
    expect(log).toEqual(['echo 10000', 'echo 10350', 'suspect 10700 since 10000'])
  })

  it('is more patient where round trips are long, or vary', () => {
    const long = build(1_000)
    long.far.answersMs = null
    long.write()
    // A first round trip may vary by half of itself: three of them, twice.
    long.clock.advance(5_999)
    expect(long.log.filter((line) => line.startsWith('suspect'))).toEqual([])
    long.clock.advance(1)
    expect(long.log.at(-1)).toBe('suspect 6000 since 0')

    const varying = build(80)
    for (const ms of [80, 500, 80, 500, 80, 500]) {
      varying.far.answersMs = ms
      varying.write()
      varying.clock.advance(ms)
    }
    varying.far.answersMs = null
    const writtenAt = varying.clock.monotonic()
    varying.write()
    varying.clock.advance(1_400)
    expect(varying.log.filter((line) => line.startsWith('suspect'))).toEqual([])
    varying.clock.advance(1_600)
    expect(varying.log.at(-1)).toMatch(new RegExp(`^suspect \\d+.* since ${writtenAt}$`))
  })

  it('loses patience after three seconds, however late answers came before', () => {
    const { clock, log, heartbeat, far, write } = build()
    for (let i = 0; i < 3; i++) heartbeat.sample(17_000)
    far.answersMs = null
    write()
    clock.advance(6_000)
    expect(log.filter((line) => line.startsWith('suspect'))).toEqual(['suspect 6000 since 0'])
  })

  it('says once that it suspects, and when anything is heard again', () => {
    const { clock, log, far, write, heartbeat } = build()
    far.answersMs = null
    write()
    clock.advance(100)
    write()
    clock.advance(1_400)
    heartbeat.heard()
    expect(log).toEqual(['echo 350', 'suspect 700 since 0', 'recovered 1500'])
  })
})

it('says nothing after it was stopped', () => {
  const { clock, log, far, write, heartbeat } = build()
  far.answersMs = null
  write()
  heartbeat.stop()
  clock.advance(60_000)
  expect(log).toEqual([])
})
