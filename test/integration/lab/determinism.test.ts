/** The same seed makes the same decisions, byte for byte in two processes; over real sockets: same-flows.test.ts. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { RuleInput } from '../../../lab/censor/rule.ts'
import { bundleEntry } from '../../support/relay-process.ts'
import { recordTraffic } from './recorded.ts'

/** All fifteen acts, each for a part only, so that the next ones are met as well. */
const everywhere = (to: string) => ({ to: [to] })
const rules: RuleInput[] = [
  { id: 'load', label: '', match: everywhere('240.52.0.0/16'), act: { do: 'load', served: 20, offered: 40, queue: 40 }, share: 0.6 },
  { id: 'lie', label: '', match: { names: ['tl.test'] }, act: { do: 'lie', addresses: ['240.77.252.152'] } },
  { id: 'silence', label: '', match: { names: ['tl.test'] }, act: { do: 'silence' }, share: 0.5 },
  {
    id: 'inject',
    label: '',
    match: { names: ['throughline.test', 'tl.test', 'edge.test'] },
    act: { do: 'inject', pool: ['240.222.0.0/22', '240.223.7.9/32'], answers: 3 },
    share: 0.7,
  },
  {
    id: 'named',
    label: '',
    match: { sni: [{ how: 'contains', text: 'chat' }] },
    act: { do: 'reset' },
    residualMs: 4000,
    residualShare: 0.5,
    share: 0.5,
  },
  { id: 'closed', label: '', match: { sni: [{ how: 'contains', text: 'throughline' }] }, act: { do: 'close' }, share: 0.4 },
  { id: 'barred', label: '', match: { host: [{ how: 'suffix', text: 'test' }] }, act: { do: 'blockpage', status: 403 }, share: 0.6 },
  { id: 'opaque', label: '', match: { payload: ['opaque'] }, act: { do: 'drop' }, share: 0.263 },
  { id: 'probed', label: '', match: { ports: [443, 8388] }, act: { do: 'probe', delayMs: 500, blockMs: 1500 }, share: 0.2 },
  { id: 'unreachable', label: '', match: { ports: [443] }, act: { do: 'unreachable' }, share: 0.1 },
  { id: 'intercepted', label: '', match: { ports: [443] }, act: { do: 'intercept', ca: 'own' }, share: 0.1 },
  { id: 'listed', label: '', match: { ports: [80] }, act: { do: 'allowlist', prefixes: ['240.149.0.0/16'] }, share: 0.3 },
  { id: 'sifted', label: '', match: {}, act: { do: 'protocol', allow: ['http'] }, share: 0.3 },
  { id: 'frozen', label: '', match: {}, act: { do: 'freeze', afterBytes: 400, upToBytes: 3000 }, share: 0.4 },
  { id: 'slow', label: '', match: {}, act: { do: 'throttle', kbps: 40 } },
]
/** People, strangers, and programs that speak TLS, HTTP, SOCKS, DNS and noise. */
const stories = ['sni-reset', 'throttle', 'fully-encrypted', 'france-2023', 'active-probing']

test('recorded traffic meets the same fate byte for byte in two processes, under all fifteen acts, and another with another seed', {
  timeout: 120_000,
}, async () => {
  const program = await bundleEntry('test/fixtures/lab-replay.ts')
  const input = JSON.stringify({ rules, events: await recordTraffic(stories, 6000) })
  const replay = (seed: number) => execFileSync(process.execPath, [program, String(seed)], { input, encoding: 'utf8', maxBuffer: 1e8 })
  const first = replay(1)
  const lines = first.trim().split('\n')
  expect(lines.length).toBeGreaterThan(1000)
  const acts = new Set([...first.matchAll(/"act":"([a-z]+)"/g)].map(([, act]) => act))
  // What a probe found is dropped later; that counts as its act.
  expect([...acts].sort()).toEqual(rules.map(({ act }) => act.do).sort())
  expect(replay(1)).toBe(first)
  expect(replay(2)).not.toBe(first)
})
