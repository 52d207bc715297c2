/** Telegram Desktop: all addresses it knows at once, again and again; addresses from elsewhere after eight seconds; proxies as their owner's timer says. */
import { within } from '../../../../electron/core/net/deadline.ts'
import { sleep } from '../../../../shared/util/clock.ts'
import type { Kit, Link } from '../kit.ts'
import type { Installed, Peer, People } from '../peer.ts'
import { inOrder, race, shuffled } from '../schedule.ts'
import { ENTRANCES, OWN, PROXIES, SERVICE_NAME } from '../world.ts'

// mtproto/session_private.cpp: how long a round of connections may take, doubling; how long until the next where all failed, doubling.
const CONNECT_MS = 1_000
const CONNECT_MOST_MS = 8_000
const RETRY_MS = 1_000
const RETRY_MOST_MS = 64_000
// mtproto/config_loader.cpp: when other addresses are asked for, and again; how long each is tried, alone.
const ENUMERATE_MS = 8_000
const SPECIAL_MS = 6_000
// mtproto/special_config_request.cpp: from one place that is asked to the next.
const NEXT_SOURCE_MS = 800
// core/proxy_rotation_manager.cpp: checks; proxyRotationTimeout: 5, 10, 15, 30 or 60 s, by default 10 (Android: ProxyRotationController.java).
const CHECK_EVERY_MS = 2_000
const CHECK_LIFE_MS = 20_000
const SWITCH_AFTER_MS = 10_000

interface Place {
  readonly address: string
  readonly name: string
  readonly proxy?: string
}

const ownPlaces: readonly Place[] = OWN.map((address) => ({ address, name: SERVICE_NAME }))
/** What the answer from elsewhere holds: here the other two entrances. */
const special: readonly Place[] = ENTRANCES.map(({ address, host }) => ({ address, name: host }))
const behind = (proxy: string): Place => ({ address: OWN[0], name: SERVICE_NAME, proxy })

function install(kit: Kit, { useProxies }: People): Installed {
  const { clock, random } = kit
  let known = ownPlaces
  let selected = PROXIES[0]

  const reach = async ({ address, name, proxy }: Place, signal: AbortSignal): Promise<Link> => {
    const link = await kit.open(address, signal, proxy)
    try {
      await link.encrypt(name, signal)
      return link
    } catch (error) {
      link.close()
      throw error
    }
  }
  /** Until one of them answers. */
  const insist = async (places: readonly Place[], signal: AbortSignal): Promise<void> => {
    for (let [limit, pause] = [CONNECT_MS, RETRY_MS]; ; limit = Math.min(2 * limit, CONNECT_MOST_MS)) {
      const began = clock.monotonic()
      try {
        const all = { clock, next: inOrder(places), gapMs: () => 0, onFailure: 'end-wait', attempt: reach } as const
        const link = await within(clock, limit, signal, (inTime) => race({ ...all, signal: inTime }))
        return await link.login(signal)
      } catch {
        signal.throwIfAborted()
        if (clock.monotonic() - began >= limit) continue
        await sleep(clock, pause, signal)
        pause = Math.min(2 * pause, RETRY_MOST_MS)
      }
    }
  }
  const askElsewhere = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      await sleep(clock, ENUMERATE_MS, signal)
      try {
        await race({
          clock,
          next: inOrder(shuffled([0, 1, 2], random.fraction)),
          gapMs: () => NEXT_SOURCE_MS,
          onFailure: 'end-wait',
          attempt: (source: number, over) => kit.ask(source, SERVICE_NAME, 'A', over),
          signal,
        })
      } catch {
        signal.throwIfAborted()
        continue
      }
      for (const place of shuffled(special, random.fraction)) {
        try {
          const link = await within(clock, SPECIAL_MS, signal, (inTime) => reach(place, inTime))
          await link.login(signal)
          // It then has the new addresses among its own.
          known = [...ownPlaces, ...special]
          return
        } catch {
          signal.throwIfAborted()
        }
      }
    }
  }
  /** Checks one more every two seconds; switches to one that answered, no sooner than its owner wants. */
  const rotate = (signal: AbortSignal): Promise<string> => {
    const others = PROXIES.filter((proxy) => proxy !== selected)
    const began = clock.monotonic()
    const check = async (proxy: string, over: AbortSignal) => {
      const link = await within(clock, CHECK_LIFE_MS, over, (inTime) => reach(behind(proxy), inTime))
      link.close()
      await sleep(clock, began + SWITCH_AFTER_MS - clock.monotonic(), over)
      return proxy
    }
    return race({ clock, next: inOrder(others), gapMs: () => CHECK_EVERY_MS, onFailure: 'recount', attempt: check, signal })
  }

  const byProxies = async (signal: AbortSignal) => {
    const current = new AbortController()
    const both = AbortSignal.any([signal, current.signal])
    const insisting = selected === undefined ? Promise.reject(new Error('none')) : insist([behind(selected)], both).then(() => null)
    const next = await Promise.race([insisting, rotate(both)]).finally(() => current.abort(new Error('superseded')))
    insisting.catch(() => {})
    if (next === null) return
    selected = next
    await insist([behind(next)], signal)
  }
  const directly = async (signal: AbortSignal) => {
    const over = new AbortController()
    const both = AbortSignal.any([signal, over.signal])
    const tries = [insist(known, both), askElsewhere(both)]
    await Promise.any(tries).finally(() => over.abort(new Error('superseded')))
  }
  return { connect: useProxies ? byProxies : directly }
}

const useProxies = { useProxies: true }
export const telegram: Peer = {
  name: 'Telegram Desktop',
  install,
  deadAfter: { ms: 4_000, says: 'session_private.cpp: 4 s without an answer to what was sent' },
  known: [
    { says: 'asks elsewhere after 8 s', ms: 8_000, dead: { tcp: OWN } },
    { says: 'changes proxy after 10 s', ms: 10_000, dead: { tcp: PROXIES.slice(0, 1) }, people: useProxies },
    { says: 'checks one proxy every 2 s: the eighth at 14 s', ms: 14_000, dead: { tcp: PROXIES.slice(0, 8) }, people: useProxies },
  ],
}
