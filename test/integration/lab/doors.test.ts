/** Servers that clients of the lab run themselves: on their own address, and with them when they move. */
import { expect, test } from 'vitest'
import { createDoors } from '../../../lab/gateway/doors.ts'
import { memoryRig } from './memory-rig.ts'

test('others reach what a client serves at its own address, there and nowhere else, and no more when it is taken away', async () => {
  const { lab, network } = await memoryRig(1, 'none')
  const doors = createDoors(lab)
  await network('alice', 'nl-a')
  const bob = await network('bob', 'nl-a')
  const dial = async (address: string) => {
    const outcome = bob.connect({ address, port: 8443 }, new AbortController().signal).then(
      (stream) => stream.destroy() && 'open',
      (error: { code?: string }) => error.code ?? 'failed',
    )
    const silent = lab.run(3_000).then(() => 'silent')
    return Promise.race([outcome, silent])
  }
  const first = doors.put('bob', 8443, null)
  const here = doors.put('alice', 8443, () => lab.pair()[0])
  expect(here).not.toBe(first)
  expect([await dial(here), await dial(first)]).toEqual(['open', 'silent'])

  lab.clients.place('alice', 'ru-moscow-a')
  const there = doors.put('alice', 8443, () => lab.pair()[0])
  expect(there).not.toBe(here)
  expect([await dial(there), await dial(here)]).toEqual(['open', 'silent'])

  // It goes with the client without being asked.
  lab.clients.place('alice', 'nl-a')
  expect([await dial(here), await dial(there)]).toEqual(['open', 'silent'])

  doors.put('alice', 8443, null)
  expect(await dial(here)).not.toBe('open')
})
