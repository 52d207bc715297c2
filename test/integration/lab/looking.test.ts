/** What looking costs and whom it touches, counted from the lab's own packets and not from what the app says of itself. */
import { describe, expect, test } from 'vitest'
import { createDiagnosis } from '../../../electron/core/diagnose/index.ts'
import { networkSenses } from '../../../electron/core/diagnose/network-senses.ts'
import { diagnose } from '../../../electron/core/diagnose/verdict.ts'
import type { PacketEvent } from '../../../lab/engine/packet-log.ts'
import { webServer } from '../../../lab/services/web.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { SAMPLE_BYTES, SAMPLE_PATH } from '../../../shared/protocol/sample.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { memoryRig } from './memory-rig.ts'

const FALSE_PAGE = '240.77.252.152'

/** Diagnosis alone at a place, before a service that answers every request; nothing else uses its network. */
async function lookFrom(place: string, scenario: string) {
  const { lab, clock, player, network } = await memoryRig(3, scenario)
  lab.setService(
    webServer(lab.pair, lab.certificate, ({ url }, response) => {
      if (url === SAMPLE_PATH) response.end(Buffer.alloc(SAMPLE_BYTES))
      else response.writeHead(404).end()
    }),
  )
  const here = await network('alice', place)
  const bundle: Bundle = { format: 1, version: 1, notBefore: 0, expires: clock.now() * 2, relayKey: '', signers: ['k'], ...lab.offer }
  const random = seededRandom(5)
  const diagnosis = createDiagnosis({
    network: here,
    senses: networkSenses({ network: here, clock, random, bundle: () => bundle }),
    clock,
    random,
    bundle: () => bundle,
    relayAlive: () => false,
    clockSkewMs: () => 0,
    planeCheckMs: 2000,
  })
  const met: PacketEvent[] = []
  lab.engine.packets.on((packet) => {
    if (packet.way.who === 'alice') met.push(packet)
  })
  diagnosis.start()
  return { diagnosis, player, met, run: (ms: number) => clock.run(ms, lab.settle) }
}

describe('a look around', () => {
  test('of a network where all is well is a few dozen packets, and names us to no public resolver', async () => {
    const { diagnosis, met, run } = await lookFrom('fr-e', 'france-2023')
    await run(1500)
    expect(diagnosis.verdicts().map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok', 'ok'])
    // Four planes and four strangers.
    const { length } = met
    expect(length).toBeLessThan(120)
    expect(met.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(40_000)
    // Nothing is asked in the clear but names, and no public resolver hears any.
    expect(met.filter(({ way }) => way.port === 80)).toEqual([])
    expect(met.filter(({ way }) => way.toProvider === 'open-dns')).toEqual([])
    diagnosis.close()
  })

  test('goes to the address of a false answer for a handshake and nothing else: no page is ever asked for there', async () => {
    const { diagnosis, player, met, run } = await lookFrom('fr-a', 'france-2023')
    player.play('france-2023', 'alice')
    await run(12_000)
    expect(diagnosis.verdicts().find(({ plane }) => plane === 'links')).toMatchObject({ kind: 'interference', mechanisms: ['dns_lie'] })
    const there = met.filter(({ way }) => way.to === FALSE_PAGE)
    expect(there.length).toBeGreaterThan(0)
    expect(there.filter(({ way }) => way.port !== 443)).toEqual([])
    // It answers no TLS: a SYN is all that it ever sees of us.
    expect(there.filter(({ t }) => t === 'data')).toEqual([])
    diagnosis.close()
  })

  test('goes on after a cut by name until what that left behind is over, and labels it', async () => {
    const { diagnosis, player, run } = await lookFrom('ru-moscow-a', 'residual')
    const labels = () =>
      diagnosis.verdicts().flatMap(({ evidence }) => evidence.flatMap(({ rule, code }) => (rule === 'S1r' ? [code] : [])))
    player.play('residual', 'alice')
    await run(12_000)
    expect(labels()).toContain('address-closed-since-name')
    // The box is taken away after 13 s, and what it remembered with it.
    await run(10_000)
    expect(new Set(labels())).toEqual(new Set(['address-open-again']))
    diagnosis.close()
  })

  test('says what it found again from its exported evidence alone', async () => {
    const { diagnosis, player, run } = await lookFrom('fr-a', 'france-2023')
    player.play('france-2023', 'alice')
    await run(9000)
    const { observations, context } = JSON.parse(JSON.stringify(diagnosis.evidence()))
    const told = ({ plane, kind, mechanisms, confidence }: ReturnType<typeof diagnose>[number]) => ({ plane, kind, mechanisms, confidence })
    expect(diagnose(observations, context).map(told)).toEqual(diagnosis.verdicts().map(told))
    diagnosis.close()
  })
})
