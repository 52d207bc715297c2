import { describe, expect, test } from 'vitest'
import { createDiagnosis } from '../../../electron/core/diagnose/index.ts'
import type { Senses } from '../../../electron/core/diagnose/senses.ts'
import type { Network, NetworkFacts } from '../../../electron/core/net/network.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { context, FALSE_PAGE, LINKS, NOW, OWN, tcp } from './scenes.ts'

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** A world of two facts: what the resolver says of the links host, and which addresses are silent. */
function world(clock: Clock) {
  const state = { linksAnswer: LINKS as string, silent: new Set<string>(), up: true }
  const changes = createEvents<NetworkFacts>()
  const facts = (): NetworkFacts => ({
    kind: 'simulated',
    id: 'a',
    up: state.up,
    gateway: null,
    resolvers: [],
    v6: false,
    changedAt: -60_000,
  })
  const after = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = clock.after(ms, resolve)
      signal.addEventListener('abort', () => {
        timer.cancel()
        resolve()
      })
    })
  const hosts: Record<string, string> = { 'chat.x.test': OWN[0], 'x.test': LINKS, 'music.test': '240.2.0.50' }
  const senses: Senses = {
    async lookupHere(name, signal) {
      await after(20, signal)
      return {
        resolverId: 'isp',
        outcome: { kind: 'answer', addresses: [name === 'x.test' ? state.linksAnswer : (hosts[name] ?? '')], late: [] },
      }
    },
    async lookupElsewhere(name, signal) {
      await after(120, signal)
      return { resolverId: 'doh', outcome: { kind: 'answer', addresses: [hosts[name] ?? ''], late: [] } }
    },
    async lookupBeside() {
      return null
    },
    portal: async () => ({ kind: 'failed', code: 'refused' }),
    vantages: () => [],
    askVantage: async () => ({ kind: 'no-vantage', code: 'none' }),
    transfer: async () => ({ bytes: 0, kbps: null, outcome: { kind: 'failed', code: 'refused' } }),
    async reach(address, _port, signal) {
      const silent = state.silent.has(address)
      await after(silent ? 1500 : 40, signal)
      return silent ? { kind: 'timeout' } : address === FALSE_PAGE ? { kind: 'refused' } : { kind: 'connected' }
    },
    async greet({ address }, _options, signal) {
      await after(80, signal)
      if (address === FALSE_PAGE) return { tcp: { ms: 40, outcome: { kind: 'refused' } }, tls: null }
      if (state.silent.has(address)) return { tcp: { ms: 1500, outcome: { kind: 'timeout' } }, tls: null }
      return { tcp: { ms: 40, outcome: { kind: 'connected' } }, tls: { ms: 40, outcome: { kind: 'established' } } }
    },
  }
  const unused = () => Promise.reject(new Error('diagnosis reaches the network through its senses only'))
  const network: Network = {
    facts,
    onChange: (listener) => changes.on(listener),
    connect: unused,
    // biome-ignore lint/correctness/useYield: nothing ever comes back from here
    exchange: async function* () {
      await unused()
    },
    close() {},
  }
  return { state, senses, network, changed: () => changes.emit(facts()) }
}

function start(planeCheckMs = 5000) {
  const clock = new VirtualClock(NOW)
  const { state, senses, network, changed } = world(clock)
  let relayAlive = true
  const bundle: Bundle = {
    format: 1,
    version: 1,
    notBefore: 0,
    expires: NOW * 2,
    relayKey: '',
    signers: ['k'],
    roots: [],
    proxies: [],
    doh: [],
    endpoints: [...context.endpoints],
    controls: [...context.controls],
    bogons: [],
  }
  const diagnosis = createDiagnosis({
    network,
    senses,
    clock,
    random: seededRandom(1),
    bundle: () => bundle,
    relayAlive: () => relayAlive,
    clockSkewMs: () => 0,
    planeCheckMs,
  })
  const verdict = (plane: string) => diagnosis.verdicts().find((entry) => entry.plane === plane)
  return {
    clock,
    state,
    diagnosis,
    verdict,
    changed,
    run: (ms: number) => clock.run(ms, settle),
    setRelayAlive: (alive: boolean) => (relayAlive = alive),
  }
}

describe('diagnosis at work', () => {
  test('a lie about the links host is suspected at the first look and confirmed within four seconds', async () => {
    const { state, diagnosis, verdict, run } = start()
    state.linksAnswer = FALSE_PAGE
    diagnosis.start()
    await run(200)
    expect(verdict('links')).toMatchObject({ kind: 'interference', mechanisms: ['dns_lie'] })
    expect(verdict('chat')?.kind).not.toBe('interference')
    await run(3800)
    expect(verdict('links')).toMatchObject({ kind: 'interference', mechanisms: ['dns_lie'], word: 'confirmed', place: 'resolver' })
    diagnosis.close()
  })

  test('the finding ends by itself at the next look after the truth is back, and says since when', async () => {
    const { state, diagnosis, verdict, run, clock } = start()
    state.linksAnswer = FALSE_PAGE
    diagnosis.start()
    await run(6000)
    state.linksAnswer = LINKS
    await run(11_000)
    expect(verdict('links')).toMatchObject({ kind: 'ok' })
    expect(verdict('links')?.since).toBeGreaterThan(NOW + 6000)
    expect(verdict('links')?.since).toBeLessThanOrEqual(clock.now())
    diagnosis.close()
  })

  test('silence met by the race is compared with strangers at once, not at the next turn', async () => {
    const { state, diagnosis, verdict, run, clock } = start(60_000)
    diagnosis.start()
    await run(20_000)
    state.silent.add(OWN[0])
    diagnosis.observe(tcp('timeout', { at: clock.now() }))
    await run(4000)
    expect(verdict('chat')).toMatchObject({ kind: 'interference', mechanisms: ['ip_drop'], word: 'suspected' })
    // Nobody elsewhere is there to tell.
    await run(4000)
    expect(verdict('chat')).toMatchObject({ kind: 'interference', mechanisms: ['ip_drop'], word: 'likely' })
    diagnosis.close()
  })

  test('what was seen on another network is forgotten when the network changes', async () => {
    const { state, diagnosis, verdict, run, changed } = start()
    state.linksAnswer = FALSE_PAGE
    diagnosis.start()
    await run(6000)
    state.linksAnswer = LINKS
    changed()
    await run(300)
    expect(verdict('links')).toMatchObject({ kind: 'ok' })
    diagnosis.close()
  })

  test('the exported evidence gives the same verdicts again', async () => {
    const { diagnose } = await import('../../../electron/core/diagnose/verdict.ts')
    const { state, diagnosis, run } = start()
    state.linksAnswer = FALSE_PAGE
    diagnosis.start()
    await run(4000)
    const { observations, context: exported } = structuredClone(diagnosis.evidence())
    const again = diagnose(observations, exported)
    expect(again.map(({ kind, mechanisms, word }) => ({ kind, mechanisms, word }))).toEqual(
      diagnosis.verdicts().map(({ kind, mechanisms, word }) => ({ kind, mechanisms, word })),
    )
    diagnosis.close()
  })

  test('a link is followed only if the address is known or proves itself', async () => {
    const { state, diagnosis, run } = start()
    const check = async () => {
      const answer = diagnosis.checkLink('x.test')
      await run(400)
      return answer
    }
    expect(await check()).toBe('true')
    state.linksAnswer = FALSE_PAGE
    expect(await check()).toBe('false-address')
    state.linksAnswer = '240.77.0.1'
    expect(await check()).toBe('true')
    expect(await diagnosis.checkLink('elsewhere.test')).toBe('unknown-host')
    diagnosis.close()
  })

  test('a check that was asked for tells how far it is until it is through, and one that is stopped leaves off at once', async () => {
    const { diagnosis, run } = start(60_000)
    diagnosis.start()
    await run(10_000)
    const heard: (string | null)[] = []
    diagnosis.onProgress((progress) => heard.push(progress && `${progress.done}/${progress.of}`))
    void diagnosis.probe()
    await run(10_000)
    expect(heard[0]).toBe('0/4')
    expect(heard).toContain('2/4')
    expect(heard.at(-1)).toBeNull()

    heard.length = 0
    const through = diagnosis.probe()
    await run(30)
    expect(heard.at(-1)).not.toBeNull()
    diagnosis.stopProbe()
    await run(1)
    await through
    expect(heard.at(-1)).toBeNull()
    diagnosis.close()
  })
})
