/** The commands as programs: a relay, clients that reach it, bundles, disclosure, exit codes, and no process left behind. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { recompute } from '../../../electron/core/export/recompute.ts'
import { through } from '../../../electron/core/net/dialers/through.ts'
import { systemNetwork } from '../../../electron/core/net/system-network.ts'
import { encrypt } from '../../../electron/core/net/tls.ts'
import { parseProxyUrl } from '../../../electron/core/reach/hand-proxies.ts'
import { createVault } from '../../../electron/core/store/vault.ts'
import { systemRandom } from '../../../electron/core/system-random.ts'
import { Diagnostics } from '../../../shared/contract/diagnostics.ts'
import { Bundle, SignedBundle, signBundle } from '../../../shared/protocol/bundle.ts'
import { ProbeReport } from '../../../shared/protocol/probe-report.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { type Program, root } from '../../support/app-program.ts'
import { buildPrograms, runCommand, startCommand } from '../../support/command-line.ts'

let dir: string
let relay: Program
let bundle: string

beforeAll(async () => {
  buildPrograms()
  dir = await mkdtemp(join(tmpdir(), 'throughline-cli-'))
  bundle = join(dir, 'relay', 'bundle.json')
  relay = startCommand('relay', '--data', join(dir, 'relay'), '--listen', '127.0.0.1:0', '--json')
  await vi.waitFor(() => expect(relay.said()).toContain('"ready":true'), { timeout: 60_000 })
}, 120_000)
afterAll(async () => {
  relay.signal('SIGTERM')
  expect(await relay.ended).toBe(0)
  expect(relay.family()).toEqual([])
  await rm(dir, { recursive: true, force: true })
}, 30_000)

/** A headless client that can be written to and listened to. */
function startChat(handle: string, env: Record<string, string> = {}) {
  const args = ['dist/cli.js', 'chat', '--profile', join(dir, handle), '--bundle', bundle, '--handle', handle]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...env } })
  const heard: Record<string, unknown>[] = []
  createInterface({ input: child.stdout }).on('line', (line) => heard.push(JSON.parse(line)))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    heard,
    ended,
    say: (command: unknown) => void child.stdin.write(`${typeof command === 'string' ? command : JSON.stringify(command)}\n`),
    hears: (event: Record<string, unknown>) => expect.poll(() => heard, { timeout: 30_000 }).toContainEqual(expect.objectContaining(event)),
    finish: () => void child.stdin.end(),
  }
}

describe('a relay and its clients', () => {
  it('connect: one race until the relay has proven itself', async () => {
    const { code, json } = await runCommand('connect', '--bundle', bundle, '--json')
    expect(code).toBe(0)
    expect(json).toMatchObject({
      connected: true,
      recipe: expect.stringContaining('127.0.0.1'),
      ms: expect.any(Number),
      attempts: [{ outcome: 'won' }],
    })
  }, 60_000)

  it('probe: a verdict for each plane, with its evidence and the route', async () => {
    const file = join(dir, 'report.json')
    const { code, json } = await runCommand('probe', '--bundle', bundle, '--json', '--report', file)
    expect(v.parse(ProbeReport, json)).toMatchObject({ timed_out: false, exit_code: 0 })
    const written = v.parse(Diagnostics, JSON.parse(await readFile(file, 'utf8')))
    expect(recompute(written).find(({ plane }) => plane === 'chat')).toMatchObject({ kind: 'ok', word: 'confirmed' })
    expect(json).toMatchObject({
      planes: { chat: { kind: 'ok', mechanisms: [], word: 'confirmed', evidence: expect.any(Array), ms: expect.any(Number) } },
      attempts: expect.any(Array),
      path: expect.stringContaining('127.0.0.1'),
    })
    expect(code).toBe(0)
  }, 60_000)

  it('chat: a locked profile says so, opens with its passphrase from standard input or a file, and else nothing happens', async () => {
    const first = startChat('dora')
    await first.hears({ event: 'ready', handle: 'dora' })
    first.finish()
    await first.ended
    const vault = createVault({ profileDir: join(dir, 'dora'), keychainKey: null, random: systemRandom, cost: { passes: 1, memory: 8192 } })
    const store = vault.open(null)
    if (!store) throw new Error('locked')
    vault.setPassphrase(store, null, 'of several words')
    store.close()

    const asked = startChat('dora')
    await asked.hears({ event: 'locked' })
    asked.say({ cmd: 'send', to: 'bob', text: 'too early' })
    await asked.hears({ event: 'error', code: 'store-locked' })
    asked.say({ cmd: 'unlock', passphrase: 'of several' })
    await asked.hears({ event: 'error', code: 'store-locked', detail: 'wrong passphrase' })
    asked.say({ cmd: 'unlock', passphrase: 'of several words' })
    await asked.hears({ event: 'ready', handle: 'dora' })
    asked.finish()
    expect(await asked.ended).toBe(0)

    const unasked = startChat('dora')
    await unasked.hears({ event: 'locked' })
    unasked.finish()
    expect(await unasked.ended).toBe(1)

    await writeFile(join(dir, 'passphrase'), 'of several words\n')
    const fromFile = startChat('dora', { THROUGHLINE_PASSPHRASE_FILE: join(dir, 'passphrase') })
    await fromFile.hears({ event: 'ready', handle: 'dora' })
    fromFile.finish()
    expect(await fromFile.ended).toBe(0)
  }, 120_000)

  it('chat: two headless clients write to each other, errors are events, and the end of input is the end', async () => {
    const [alice, bob] = [startChat('alice'), startChat('bob')]
    await alice.hears({ event: 'ready', handle: 'alice' })
    await bob.hears({ event: 'ready', handle: 'bob' })
    const cardOf = (chat: typeof alice) => chat.heard.find((event) => event.event === 'ready')?.card
    alice.say({ cmd: 'add', card: cardOf(bob) })
    bob.say({ cmd: 'add', card: cardOf(alice) })
    await alice.hears({ event: 'added', handle: 'bob' })
    // A relay knows nobody who was never there.
    await bob.hears({ event: 'status', status: 'connected' })
    alice.say('not a command')
    alice.say({ cmd: 'send', to: 'nobody_here', text: 'x' })
    alice.say({ cmd: 'send', to: 'bob', text: 'Hello 👋 سلام' })
    await alice.hears({ event: 'error', code: 'bad-input' })
    await alice.hears({ event: 'error', code: 'no-such-chat' })
    await bob.hears({ event: 'received', from: 'alice', text: 'Hello 👋 سلام' })
    await alice.hears({ event: 'message', to: 'bob', state: 'sent' })
    await alice.hears({ event: 'message', to: 'bob', state: 'delivered' })
    alice.finish()
    bob.say({ cmd: 'quit' })
    expect([await alice.ended, await bob.ended]).toEqual([0, 0])
  }, 90_000)

  it('disclose: what the relay holds about one account, and nothing about nobody', async () => {
    const { code, said, json } = await runCommand('disclose', '--data', join(dir, 'relay'), '--user', 'alice', '--json')
    expect({ code, said }).toMatchObject({ code: 0 })
    expect(json).toMatchObject({
      handle: 'alice',
      kept: { keptMs: 30 * 24 * 60 * 60_000, wipedWithinMs: 60_000, mailboxBytes: 64 * 1024 * 1024 },
      columns: { likeAddress: [] },
      sides: { people: [{ handle: 'bob', cloud: { rows: [expect.objectContaining({ text: expect.stringContaining('Hello') })] } }] },
    })
    const read = await runCommand('disclose', '--data', join(dir, 'relay'), '--user', 'alice')
    for (const words of ['CLOUD CHATS', 'SECRET CHATS', '> Hello', '30 days at most', '64 MiB', 'none is for an address']) {
      expect(read.said).toContain(words)
    }
    const nobody = await runCommand('disclose', '--data', join(dir, 'relay'), '--user', 'nobody_here')
    expect(nobody).toMatchObject({ code: 2, said: expect.stringContaining('nobody_here') })
    const nowhere = await runCommand('disclose', '--data', join(dir, 'empty'), '--user', 'alice')
    expect(nowhere.code).toBe(2)
  }, 60_000)
})

describe('bundles', () => {
  it('verify and show what the relay signed, and refuse what was changed', async () => {
    expect((await runCommand('bundle', 'verify', bundle)).code).toBe(0)
    const shown = await runCommand('bundle', 'show', bundle, '--json')
    expect(v.parse(Bundle, shown.json).version).toBe(1)
    const signed = v.parse(SignedBundle, JSON.parse(await readFile(bundle, 'utf8')))
    const changed = join(dir, 'changed.json')
    await writeFile(changed, JSON.stringify({ ...signed, payload: signed.payload.replace('"version":1', '"version":2') }))
    expect(await runCommand('bundle', 'verify', changed)).toMatchObject({ code: 1, said: expect.stringContaining('bad-signature') })
  }, 60_000)

  it('sign the next version with the relay’s own keys; an older one then no longer counts', async () => {
    const content = v.parse(Bundle, (await runCommand('bundle', 'show', bundle, '--json')).json)
    const [contentFile, next] = [join(dir, 'content.json'), join(dir, 'next.json')]
    await writeFile(contentFile, JSON.stringify({ ...content, version: content.version + 1 }))
    const key = join(dir, 'relay', 'keys.json')
    expect((await runCommand('bundle', 'sign', contentFile, '--key', key, '--out', next)).code).toBe(0)
    expect((await runCommand('bundle', 'verify', next, '--against', bundle)).code).toBe(0)
    expect(await runCommand('bundle', 'verify', bundle, '--against', next)).toMatchObject({ code: 1, said: expect.stringContaining('old') })
  }, 60_000)

  it('and shards go into one link, which holds wherever the bundle is held; a shard alone does not', async () => {
    const key = join(dir, 'relay', 'keys.json')
    const [content, shard, link] = [join(dir, 'shard-content.json'), join(dir, 'shard.json'), join(dir, 'link.txt')]
    const proxies = [{ id: 'quiet', kind: 'socks5', address: '240.32.0.7', port: 1080 }]
    await writeFile(content, JSON.stringify({ format: 1, shard: 'friends-7', version: 1, notBefore: 0, expires: 8e15, proxies }))
    expect((await runCommand('bundle', 'shard', content, '--key', key, '--out', shard)).code).toBe(0)
    const { json } = await runCommand('bundle', 'link', bundle, shard, '--json')
    await writeFile(link, `Try this:\n${v.parse(v.strictObject({ link: v.string() }), json).link}`)
    expect((await runCommand('bundle', 'verify', link, '--against', bundle)).code).toBe(0)
    expect((await runCommand('bundle', 'verify', shard)).code).toBe(2)
  }, 60_000)

  it('of another relay are not taken by a profile that has one, which stays as it was; the sentence says what to do', async () => {
    const chat = (file: string) => runCommand('chat', '--profile', join(dir, 'eve'), '--bundle', file, '--handle', 'eve')
    const first = await chat(bundle)
    expect(first, first.said).toMatchObject({ code: 0 })
    const content = v.parse(Bundle, (await runCommand('bundle', 'show', bundle, '--json')).json)
    const stranger = signingKeyFromSeed(new Uint8Array(32).fill(7))
    const foreign = join(dir, 'foreign.json')
    await writeFile(foreign, JSON.stringify(signBundle({ ...content, signers: [toBase64Url(stranger.publicKey)] }, stranger)))
    const refused = await chat(foreign)
    expect(refused).toMatchObject({
      code: 2,
      said: expect.stringMatching(/foreign\.json" is not from the relay .* name a new folder with --profile\.$/m),
    })
    expect(await chat(bundle)).toMatchObject({ code: 0 })
  }, 60_000)

  it('are not signed with a key that they do not name, nor with no key at all', async () => {
    const [key, contentFile] = [join(dir, 'stranger.key'), join(dir, 'content2.json')]
    await writeFile(contentFile, JSON.stringify((await runCommand('bundle', 'show', bundle, '--json')).json))
    await writeFile(key, 'A'.repeat(43))
    expect((await runCommand('bundle', 'sign', contentFile, '--key', key)).code).toBe(2)
    const secret = 'not-a-key-but-secret'
    await writeFile(key, secret)
    const refused = await runCommand('bundle', 'sign', contentFile, '--key', key)
    expect(refused.code).toBe(2)
    expect(refused.said).not.toContain(secret)
  }, 60_000)
})

describe('wrong usage', () => {
  it.each([
    [['nonsense']],
    [['probe']],
    [['probe', '--bundle', '/no/such/file']],
    [['probe', '--bundle', '/no/such/file', '--timeout', 'soon']],
    [['probe', '--bundle', '/no/such/file', '--planes', 'chat,calls']],
    [['connect', '--bundle', '/no/such/file', '--network', 'elsewhere']],
    [['relay', '--data', 'x', '--listen', 'nowhere']],
    [['lab', 'run', 'no-such-scenario', '--json']],
    [['lab', 'run']],
    [['lab', 'serve', '--map', 'x']],
    [['bundle', 'show', '/no/such/file']],
    [['lab', 'run', 'x', '--require', 'speed']],
  ])(
    '%j ends with 2 and one sentence',
    async (args) => {
      const { code, said } = await runCommand(...args)
      expect(code, said).toBe(2)
      const sentences = said.split('\n').filter((line) => line && !line.startsWith('{'))
      expect(sentences, said).toHaveLength(1)
      expect(said).not.toMatch(/\n\s+at /)
    },
    60_000,
  )
})

describe('lab list and lab serve', () => {
  it('list every scenario with its dates and places', async () => {
    const { code, json } = await runCommand('lab', 'list', '--json')
    expect(code).toBe(0)
    expect(json).toMatchObject({
      scenarios: expect.arrayContaining([{ id: 'france-2023', title: expect.any(String), dates: expect.any(String), vantages: ['fr-a'] }]),
    })
  }, 60_000)

  it('serve a simulated internet that other programs reach their relay through, until told to end', async () => {
    const lab = startCommand('lab', 'serve', '--json')
    await lab.says(/"ready":true/)
    const { lab: address, bundle } = v.parse(
      v.looseObject({ lab: v.string(), bundle: v.string() }),
      JSON.parse(/\{"ready".*\}/.exec(lab.said())?.[0] ?? ''),
    )
    const { code, json } = await runCommand('connect', '--bundle', bundle, '--network', 'lab:fr-a', '--lab', address, '--json')
    expect({ code, json }).toMatchObject({ code: 0, json: { connected: true, recipe: expect.stringContaining('240.') } })
    lab.signal('SIGTERM')
    expect(await lab.ended).toBe(0)
    expect(lab.family()).toEqual([])
  }, 90_000)
})

describe('a bridge for others', () => {
  it('prints a link by which a friend reaches the relay, keeps it over a restart, and needs to know where it is found', async () => {
    const start = async () => {
      const bridge = startCommand('bridge', '--bundle', bundle, '--data', join(dir, 'bridge'), '--listen', '127.0.0.1:0', '--json')
      await vi.waitFor(() => expect(bridge.said()).toContain('"link"'), { timeout: 60_000 })
      const { link } = v.parse(v.strictObject({ link: v.string() }), JSON.parse(bridge.said().trim()))
      return { bridge, link: new URL(link) }
    }
    const { bridge, link } = await start()
    expect(link.href).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/[A-Za-z0-9_-]{32}\?pin=[A-Za-z0-9_-]{43}$/)
    // Nothing but the link is ever said, whoever comes.
    const clock = systemClock
    const network = systemNetwork({ clock })
    const entry = parseProxyUrl(link.href)
    const dial = through(entry, network.connect, { clock, random: systemRandom, roots: [], transports: null })
    const known = v.parse(Bundle, JSON.parse(v.parse(SignedBundle, JSON.parse(await readFile(bundle, 'utf8'))).payload))
    const stream = await dial(entry, new AbortController().signal)
    const tls = await encrypt(stream, { host: '127.0.0.1', sni: null, roots: known.roots }, new AbortController().signal)
    tls.destroy()
    network.close()
    bridge.signal('SIGTERM')
    expect(await bridge.ended).toBe(0)
    expect(bridge.said().trim().split('\n')).toHaveLength(1)
    const again = await start()
    expect(again.link.pathname + again.link.search).toBe(link.pathname + link.search)
    again.bridge.signal('SIGTERM')
    expect(await again.bridge.ended).toBe(0)
    const nowhere = await runCommand('bridge', '--bundle', bundle, '--listen', '0.0.0.0:0')
    expect(nowhere).toMatchObject({ code: 2, said: expect.stringContaining('--advertise') })
  }, 60_000)
})
