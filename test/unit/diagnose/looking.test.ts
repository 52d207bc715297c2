/** When diagnosis looks: a trouble that comes during a round is compared with who answers now, not with who did before it. */
import { describe, expect, test } from 'vitest'
import { createLooking } from '../../../electron/core/diagnose/looking.ts'
import type { ProbeProgress } from '../../../shared/contract/why.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** Rounds of so many ms, each noted with when it began and how it ended. */
function looker(roundMs: number) {
  const clock = new VirtualClock(0)
  const state = { isTroubled: false }
  const rounds: { at: number; ended: 'through' | 'given up' | null }[] = []
  let compared = 0
  const looking = createLooking({
    clock,
    everyMs: 60_000,
    look(onProgress, signal) {
      const round: (typeof rounds)[number] = { at: clock.now(), ended: null }
      rounds.push(round)
      onProgress({ done: 0, of: 1, step: 'last', plane: null })
      return new Promise((resolve) => {
        const end = (how: 'through' | 'given up') => {
          round.ended ??= how
          resolve()
        }
        clock.after(roundMs, () => end('through'))
        signal.addEventListener('abort', () => end('given up'))
      })
    },
    async compare() {
      compared++
    },
    isTroubled: () => state.isTroubled,
    isUnsure: () => state.isTroubled,
    onEnd: () => {},
  })
  return { clock, state, rounds, looking, compared: () => compared, run: (ms: number) => clock.run(ms, settle) }
}

describe('trouble', () => {
  test('during a round that began well begins another beside it, once, and the first is waited for', async () => {
    const { looking, rounds, run } = looker(6000)
    looking.anew()
    await run(1500)
    looking.trouble()
    await run(1500)
    looking.trouble()
    await run(100)
    expect(rounds.map(({ at }) => at)).toEqual([0, 1550])
    await run(3900)
    expect(rounds.map(({ ended }) => ended)).toEqual(['through', null])
    looking.close()
  })

  test('that a round meets in its first second is its own: it has just asked strangers', async () => {
    const { looking, rounds, run } = looker(6000)
    looking.anew()
    await run(500)
    looking.trouble()
    expect(rounds).toHaveLength(1)
    looking.close()
  })

  test('between rounds is compared at once and looked at soon, and again a few times while nobody is sure', async () => {
    const { looking, rounds, state, compared, run } = looker(100)
    looking.anew()
    await run(10_000)
    state.isTroubled = true
    looking.trouble()
    expect(compared()).toBe(1)
    await run(50_000)
    expect(rounds.map(({ at }) => at)).toEqual([0, 10_700, 11_500, 13_100, 16_200])
    looking.close()
  })
})

test('another network gives up every round that is under way, and closing leaves nothing that waits', async () => {
  const { clock, looking, rounds, run } = looker(6000)
  looking.anew()
  await run(1500)
  looking.trouble()
  await run(100)
  looking.anew()
  await settle()
  expect(rounds.map(({ ended }) => ended)).toEqual(['given up', 'given up', null])
  looking.close()
  await settle()
  expect(rounds.at(-1)?.ended).toBe('given up')
  await clock.run(600_000, settle)
  expect(rounds).toHaveLength(3)
})

test('whoever asks is told how far the newest round is, and that it is over', async () => {
  const { looking, run } = looker(4000)
  const told: (ProbeProgress | null)[] = []
  looking.onProgress((progress) => told.push(progress))
  looking.anew()
  expect(told).toEqual([])
  let isThrough = false
  void looking.ask().then(() => {
    isThrough = true
  })
  expect(told).toHaveLength(1)
  await run(4000)
  expect([told.at(-1), isThrough]).toEqual([null, true])
  looking.close()
})
