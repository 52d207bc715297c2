/** Somebody else's client in the lab: curl and dig, which know nothing of it, by a SOCKS5 port and a DNS port; and what is written down. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import * as v from 'valibot'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Seen } from '../../../electron/cli/foreign/record.ts'
import type { Program } from '../../support/app-program.ts'
import { buildPrograms, runCommand, startCommand } from '../../support/command-line.ts'
import { skipLoudly } from '../../support/skip.ts'

const FALSE_PAGE = '240.77.252.152'
/** One of each for strangers' sites, for whoever stands in Paris with provider A. */
const rules = [
  { id: 'lie', match: { providers: ['fr-a'], names: ['wiki.commons.test'] }, act: { do: 'lie', addresses: [FALSE_PAGE] } },
  { id: 'race', match: { providers: ['fr-a'], names: ['open-school.test'] }, act: { do: 'inject', addresses: [FALSE_PAGE] } },
  { id: 'none', match: { providers: ['fr-a'], names: ['ferry-pay.test'] }, act: { do: 'lie', addresses: [] } },
  {
    id: 'page',
    match: { providers: ['fr-a'], host: [{ how: 'suffix', text: 'lark-music.test' }] },
    act: { do: 'blockpage', status: 451, body: 'Barred here' },
  },
  { id: 'cut', match: { providers: ['fr-a'], sni: [{ how: 'exact', text: 'parley.test' }] }, act: { do: 'reset' } },
  { id: 'refuse', match: { providers: ['fr-a'], to: ['240.54.90.12/32'] }, act: { do: 'reset' } },
  { id: 'hole', match: { providers: ['fr-a'], sni: [{ how: 'exact', text: 'tundra-game.test' }] }, act: { do: 'drop' } },
]
const scenario = {
  format: 1,
  card: {
    ...{ id: 'one-of-each', title: 'One of each', place: 'Paris', dates: 'any day', demand: '-', answer: '-', meant: '-', hit: '-' },
    ...{ whoPaid: '-', tryThis: '-', claims: [], sources: [], standIns: [], vantage: 'fr-a', seconds: 3600 },
  },
  places: ['fr-a'],
  elsewhere: 'nl-a',
  lastsMs: 3_600_000,
  rules: rules.map((rule) => ({ ...rule, label: rule.id })),
  moves: [{ id: 'all', atMs: 0, story: '2020-01-01', side: 'censor', text: 'Everything at once.', start: rules.map((rule) => rule.id) }],
  expected: [],
  checks: [],
}
const Ready = v.strictObject({
  ready: v.literal(true),
  lab: v.string(),
  bundle: v.string(),
  roots: v.string(),
  socks: v.string(),
  dns: v.string(),
})

let folder: string
let lab: Program
let ready: v.InferOutput<typeof Ready>
let record: string

beforeAll(async () => {
  buildPrograms()
  folder = await mkdtemp(join(tmpdir(), 'throughline-foreign-'))
  record = join(folder, 'seen.jsonl')
  const file = join(folder, 'scenario.json')
  writeFileSync(file, JSON.stringify(scenario))
  const doors = ['--socks', '127.0.0.1:0', '--dns', '127.0.0.1:0']
  lab = startCommand('lab', 'serve', '--scenario', file, ...doors, '--record', record, '--json')
  await lab.says(/"ready":true/)
  ready = v.parse(Ready, JSON.parse(/\{"ready".*\}/.exec(lab.said())?.[0] ?? ''))
}, 120_000)
afterAll(async () => {
  lab.signal('SIGTERM')
  expect(await lab.ended).toBe(0)
  expect(lab.family()).toEqual([])
  await rm(folder, { recursive: true, force: true })
}, 30_000)

/** Both programs take the lab for the internet. */
async function ran(program: string, args: readonly string[]): Promise<{ code: number; said: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [said, wrong, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: Number(code), said: said + wrong }
}
const curl = (...args: string[]) =>
  ran('curl', ['--silent', '--show-error', '--socks5-hostname', ready.socks, '--cacert', ready.roots, '--max-time', '20', ...args])
const dig = (...args: string[]) => {
  const [host = '', port = ''] = ready.dns.split(':')
  return ran('dig', [`@${host}`, '-p', port, '+tries=1', '+timeout=4', ...args])
}
const seen = () =>
  existsSync(record)
    ? readFileSync(record, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => v.parse(Seen, JSON.parse(line)))
    : []
const recorded = (what: Record<string, unknown>) => expect.poll(seen, { timeout: 10_000 }).toContainEqual(expect.objectContaining(what))
const need = (program: string, debianPackage: string) => {
  if (spawnSync(program, ['--version']).error) skipLoudly(`The program ${program} is not installed`, debianPackage)
}

describe('curl by SOCKS5, which leaves the look-up to the other side', () => {
  beforeEach(() => need('curl', 'curl'))

  it('reads a site that nobody touches, over TLS that it checks itself', async () => {
    const { code, said } = await curl('https://weather.edge.test/health')
    expect({ code, said }).toEqual({ code: 0, said: 'well\n' })
    await recorded({ t: 'lookup', by: 'socks', name: 'weather.edge.test', outcome: 'answer', addresses: ['240.151.1.69'] })
    await recorded({ t: 'flow', name: 'weather.edge.test', address: '240.151.1.69', port: 443, received: expect.any(Number) })
  })

  it('is led to the false page by a resolver that lies', async () => {
    const { said } = await curl('http://wiki.commons.test/')
    expect(said).toContain('You have been sent here')
    await recorded({ t: 'lookup', name: 'wiki.commons.test', outcome: 'answer', addresses: [FALSE_PAGE], late: false })
    await recorded({ t: 'flow', name: 'wiki.commons.test', address: FALSE_PAGE, port: 80 })
  })

  it('meets the block page, with its status', async () => {
    const { said } = await curl('--write-out', ' %{http_code}', 'http://lark-music.test/')
    expect(said).toBe('Barred here 451')
  })

  it('is reset in the handshake for the name it says: its error is that of a real reset', async () => {
    const { code, said } = await curl('https://parley.test/')
    expect(code, said).toBe(35)
    expect(said).toMatch(/reset by peer/i)
    await recorded({ t: 'flow', name: 'parley.test', address: '240.52.77.5', outcome: 'reset', received: 0 })
  })

  it('is refused, told that there is no such name, and left in silence', async () => {
    const refused = await curl('https://corner-shop.test/')
    expect(refused.code, refused.said).toBe(97)
    await recorded({ t: 'flow', name: 'corner-shop.test', outcome: 'refused' })
    const nowhere = await curl('https://ferry-pay.test/')
    expect(nowhere.code, nowhere.said).toBe(97)
    await recorded({ t: 'lookup', name: 'ferry-pay.test', outcome: 'nxdomain', addresses: [] })
    await recorded({ t: 'flow', name: 'ferry-pay.test', address: null, outcome: 'no-address' })
    const silent = await curl('https://tundra-game.test/', '--max-time', '3')
    expect(silent.code, silent.said).toBe(28)
    await recorded({ t: 'flow', name: 'tundra-game.test', outcome: 'left', received: 0 })
    const line = seen().find((one) => one.t === 'flow' && one.name === 'tundra-game.test')
    expect(line).toMatchObject({ sent: expect.any(Number) })
    expect(line?.t === 'flow' && [line.sent > 100, line.quietMs > 2000]).toEqual([true, true])
  })

  it('goes by address without a look-up, and there is nothing of the real computer behind the port', async () => {
    const { code, said } = await curl(
      '--resolve',
      'weather.edge.test:443:240.151.1.69',
      '--socks5',
      ready.socks,
      'https://weather.edge.test/health',
    )
    expect({ code, said }).toEqual({ code: 0, said: 'well\n' })
    await recorded({ t: 'flow', name: null, address: '240.151.1.69', port: 443 })
    const [host, port] = ready.lab.split(':')
    const own = await curl(`http://${host}:${port}/`)
    expect(own.code, own.said).toBe(97)
    await recorded({ t: 'flow', address: '127.0.0.1', outcome: 'refused' })
  })
})

describe('dig by the DNS port', () => {
  beforeEach(() => need('dig', 'bind9-dnsutils'))

  it('gets the truth, a lie, and no such name, over UDP and over TCP', async () => {
    expect((await dig('+short', 'weather.edge.test')).said).toBe('240.151.1.69\n')
    expect((await dig('+short', 'wiki.commons.test')).said).toBe(`${FALSE_PAGE}\n`)
    expect((await dig('+short', '+tcp', 'wiki.commons.test')).said).toBe(`${FALSE_PAGE}\n`)
    expect((await dig('ferry-pay.test')).said).toContain('status: NXDOMAIN')
    await recorded({ t: 'lookup', by: 'dns', name: 'ferry-pay.test', type: 'A', outcome: 'nxdomain' })
  })

  it('takes the forged answer that wins the race; the true one is recorded as late', async () => {
    expect((await dig('+short', 'open-school.test')).said).toContain(FALSE_PAGE)
    await recorded({ t: 'lookup', name: 'open-school.test', addresses: [FALSE_PAGE], late: false })
    await recorded({ t: 'lookup', name: 'open-school.test', addresses: ['240.35.200.9'], late: true })
  })
})

it('garbage at the ports ends only that connection', async () => {
  for (const port of [ready.socks, ready.dns]) {
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([5, 1, 0, 5, 9, 9, 9]),
      Buffer.alloc(2000, 0xff),
      Buffer.from([0, 2, 1, 1]),
    ]) {
      const socket = connect({ host: '127.0.0.1', port: Number(port.split(':')[1]) })
      socket.on('error', () => {})
      socket.resume()
      socket.end(bytes)
      await once(socket, 'close')
    }
  }
  need('curl', 'curl')
  expect(await curl('https://weather.edge.test/health')).toMatchObject({ code: 0 })
})

it.each([
  [['--socks', '0.0.0.0:0'], '--socks: "0.0.0.0" is not a loopback address'],
  [['--dns', '192.0.2.1:53'], '--dns: "192.0.2.1" is not a loopback address'],
  [['--socks', 'localhost:0'], '--socks: "localhost" is not a loopback address'],
  [['--record', 'x'], 'go with --socks'],
  [['--socks', '127.0.0.1:0', '--vantage', 'the-moon'], '--vantage: there is no place "the-moon"'],
])(
  '%j is refused with one sentence',
  async (args, words) => {
    const { code, said } = await runCommand('lab', 'serve', ...args)
    expect(code, said).toBe(2)
    expect(said).toContain(words)
  },
  60_000,
)
