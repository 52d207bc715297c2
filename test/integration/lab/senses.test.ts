/** The measurements of diagnosis over the lab's network: real bytes under a virtual clock, each bounded, each an outcome. */
import { describe, expect, test } from 'vitest'
import { networkSenses } from '../../../electron/core/diagnose/network-senses.ts'
import { readHead } from '../../../electron/core/diagnose/senses/portal.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { memoryRig } from './memory-rig.ts'

const never = new AbortController().signal

async function look(scenario: string, place: string) {
  const { lab, clock, player, network } = await memoryRig(1, scenario)
  const here = await network('alice', place)
  const bundle: Bundle = {
    format: 1,
    version: 1,
    notBefore: 0,
    expires: clock.now() * 2,
    relayKey: '',
    signers: ['k'],
    ...lab.offer,
  }
  const senses = networkSenses({ network: here, clock, random: seededRandom(7), bundle: () => bundle })
  const until = async <T>(work: Promise<T>): Promise<T> => {
    let done = false
    const settled = work.finally(() => {
      done = true
    })
    for (let ms = 0; !done && ms < 20_000; ms += 10) await clock.run(10, lab.settle)
    return settled
  }
  return { senses, until, player, clock, run: (ms: number) => clock.run(ms, lab.settle) }
}

const wiki = { address: '240.31.200.20', port: 443, sni: 'wiki.commons.test', host: 'wiki.commons.test' }

describe('asking a place', () => {
  test('a stranger answers the portal check with nothing, and a portal in his place', async () => {
    const { senses, until, player, run } = await look('captive-portal', 'de-a')
    expect(await until(senses.portal(wiki.address, wiki.host, never))).toEqual({
      kind: 'status',
      status: 204,
      elsewhere: false,
      skewMs: expect.any(Number),
    })
    player.play('captive-portal', 'alice')
    await run(3000)
    expect(await until(senses.portal(wiki.address, wiki.host, never))).toMatchObject({ status: 302, elsewhere: true })
    const { tls } = await until(senses.greet(wiki, {}, never))
    expect(tls?.outcome).toMatchObject({ kind: 'certificate', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })

  test('a proxy sees a service that is dark as dark, and one that is cut off only here as well', async () => {
    const { senses, until, player, run } = await look('service-dark', 'fr-d')
    const [via = ''] = senses.vantages()
    expect(await until(senses.askVantage(via, wiki, never))).toEqual({ kind: 'established' })
    player.play('service-dark', 'alice')
    await run(3000)
    const chat = { address: '240.149.167.50', port: 443, sni: 'chat.throughline.test', host: 'chat.throughline.test' }
    expect(await until(senses.askVantage(via, chat, never))).toEqual({ kind: 'silent' })
    expect(await until(senses.askVantage(via, wiki, never))).toEqual({ kind: 'established' })
  })

  test('a proxy that accepts and says nothing is no vantage', async () => {
    const { senses, until, player, run } = await look('dead-proxy', 'fr-d')
    player.play('dead-proxy', 'alice')
    await run(3000)
    const [via = ''] = senses.vantages()
    expect((await until(senses.askVantage(via, wiki, never))).kind).toBe('no-vantage')
  })

  test('silence is told while it lasts, and ends as silence', async () => {
    const { senses, until, player, run } = await look('service-dark', 'fr-d')
    player.play('service-dark', 'alice')
    await run(3000)
    const quiet: number[] = []
    expect(await until(senses.reach('240.149.167.50', 443, never, (ms) => quiet.push(ms)))).toEqual({ kind: 'timeout' })
    expect(quiet).toEqual([1500])
  })
})

describe('the head of an answer', () => {
  const now = Date.parse('2026-01-02T03:04:05Z')

  test('tells the status, whether it leads elsewhere, and how far our clock is off', () => {
    const head = (lines: string) => readHead(`HTTP/1.1 302 Found\r\n${lines}\r\n\r\n`, 'a.test', now)
    expect(head('Location: http://portal.test/?from=a.test\r\nDate: Fri, 02 Jan 2026 03:04:05 GMT')).toEqual({
      kind: 'status',
      status: 302,
      elsewhere: true,
      skewMs: 0,
    })
    expect(head('location: https://a.test/')).toMatchObject({ elsewhere: false, skewMs: null })
    expect(head('Location: /here\r\nDate: Fri, 02 Jan 2026 04:04:05 GMT')).toMatchObject({ elsewhere: false, skewMs: 3_600_000 })
  })

  test('that is none is a failure', () => {
    expect(readHead('SSH-2.0-x\r\n\r\n', 'a.test', now)).toEqual({ kind: 'failed', code: 'not-http' })
  })
})
