/** A relay whose clock stands until a test moves it, and one person logged in there; for all tests of a file or group. */
import { afterAll, beforeAll } from 'vitest'
import { VirtualClock } from '../../shared/util/virtual-clock.ts'
import { connectClient, newIdentity, type TestClient } from './relay-client.ts'
import { type RelayHere, relayHere } from './relay-here.ts'

/** `use` is given both before the first test. The sessions there need no timers. */
export function relayUnderClock(use: (here: RelayHere, ann: TestClient) => void): VirtualClock {
  const clock = new VirtualClock(Date.now())
  let end = async () => {}
  beforeAll(async () => {
    const here = await relayHere({ rate: { perSecond: 100_000, burst: 1_000_000 } }, { clock })
    const ann = await connectClient(here.chat, newIdentity('ann'))
    end = async () => {
      ann.close()
      const ending = here.end()
      await clock.run(5000, () => new Promise((resolve) => setImmediate(resolve)))
      await ending
    }
    use(here, ann)
  })
  afterAll(() => end())
  return clock
}
