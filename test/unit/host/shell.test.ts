/** The shell as a whole, over programs that only answer: order of starting and ending, users, one lab state for all windows. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startShell } from '../../../electron/host/shell.ts'
import type { Windows } from '../../../electron/host/users-group.ts'
import { contract, type EventPayload } from '../../../shared/contract/api.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import { memoryPortPair } from '../../../shared/contract/memory-port.ts'
import { connect } from '../../../shared/contract/port.ts'
import { type Bundle, signBundle } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { cardOf, createFakePrograms, idleGateway, idlePath } from '../../support/fake-programs.ts'

const key = signingKeyFromSeed(new Uint8Array(32).fill(3))
const bundle: Bundle = {
  format: 1,
  version: 1,
  notBefore: 0,
  expires: 8e15,
  relayKey: toBase64Url(key.publicKey),
  signers: [toBase64Url(key.publicKey)],
  roots: [],
  endpoints: [{ id: 'chat', plane: 'chat', host: 'chat.test', port: 443, addresses: ['240.0.0.1'], provider: 'p' }],
  proxies: [],
  doh: [],
  controls: [],
  bogons: [],
}
const noWindows: Windows = { open: async (handle) => `http://open/${handle}`, has: () => false, onChanged: () => () => {} }
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'throughline-shell-'))
  await writeFile(join(dataDir, 'bundle.json'), JSON.stringify(signBundle(bundle, key)))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

async function setUp({ bundleFile = null as string | null, accountFile = null as string | null, handles = ['alice', 'bob'] } = {}) {
  const programs = createFakePrograms({ bundlePath: join(dataDir, 'bundle.json') })
  const options = {
    kind: 'web' as const,
    build: '1',
    clock: systemClock,
    dataDir,
    handles,
    bundleFile,
    accountFile,
    windows: noWindows,
    onBug: () => {},
  }
  const shell = await startShell({ ...options, spawn: programs.spawn })
  const open = (handle: string) => {
    const [page, far] = memoryPortPair()
    expect(shell.join(handle, far)).toBe(true)
    return connect(contract, page)
  }
  return { programs, shell, open }
}

describe('a shell in a rehearsal', () => {
  it('starts the lab, gives its offer to the relay, tells the lab where the relay listens and what lies at its mirrors, then starts the users', async () => {
    const { programs, shell } = await setUp()
    expect(programs.log.slice(0, 3)).toEqual(['lab.start', 'relay.start', 'lab.service {"host":"127.0.0.1","port":7777}'])
    expect(programs.log[3]).toContain('lab.publish {"files":[{"host":"files.test","path":"/b"')
    // Both at once: whichever folder was there first.
    expect(programs.log.slice(4).toSorted()).toEqual(['core.start alice', 'core.start bob'])
    await shell.stop()
  })

  it('makes the users contacts of each other by their cards, and may do so again at every start', async () => {
    const { programs, shell } = await setUp({ handles: ['alice', 'bob', 'carol'] })
    const names = (handle: string) => programs.cores.get(handle)?.contacts.map((contact) => contact.handle)
    expect([names('alice'), names('bob'), names('carol')]).toEqual([
      ['bob', 'carol'],
      ['alice', 'carol'],
      ['alice', 'bob'],
    ])
    await shell.stop()
  })

  it('gives each engine the gateway and its own name, a practice store, and nothing of any scenario', async () => {
    const { programs, shell } = await setUp()
    expect(programs.cores.get('bob')?.start).toMatchObject({
      network: { kind: 'lab', address: '127.0.0.1:9', client: 'bob', vantage: null },
      storeKey: null,
      profileDir: join(dataDir, 'users', 'bob'),
    })
    await shell.stop()
  })

  it('hands the move of the service on to the relay', async () => {
    const { programs, shell } = await setUp()
    programs.moveService()
    await expect.poll(() => programs.offers.length).toBe(2)
    expect(programs.offers[1]).toMatchObject({ bogons: ['240.0.0.0/4'] })
    // And the bundle that came of it on to the mirrors.
    await expect.poll(() => programs.log.filter((line) => line.startsWith('lab.publish')).length).toBe(2)
    await shell.stop()
  })

  it('gives a user a new computer: the old profile is put aside, the account comes along', async () => {
    const { programs, shell, open } = await setUp()
    await mkdir(join(dataDir, 'users', 'bob'), { recursive: true })
    await writeFile(join(dataDir, 'users', 'bob', 'store.db'), 'the old profile')
    const bob = open('bob')
    await bob.call('users.move', { handle: 'bob' })
    const { profileDir, account } = programs.cores.get('bob')?.start ?? {}
    expect(profileDir).toBe(join(dataDir, 'users', 'bob'))
    expect(account?.text).toBe('account of bob')
    expect(await readdir(join(dataDir, 'users', 'bob'))).toEqual([])
    expect(await readFile(join(dataDir, 'users', 'bob.old-1', 'store.db'), 'utf8')).toBe('the old profile')
    await expect(bob.call('users.move', { handle: 'carol' })).rejects.toMatchObject({ code: 'no-such-contact' })
    await shell.stop()

    const second = await setUp()
    expect(second.shell.users.list().map((user) => user.handle)).toEqual(['alice', 'bob'])
    await second.shell.stop()
  })

  it('adds a user from a window, tells every window, and finds that user again at the next start', async () => {
    const first = await setUp()
    const [alice, bob] = [first.open('alice'), first.open('bob')]
    const heard = new Promise<EventPayload<'users.changed'>>((resolve) => bob.on('users.changed', resolve))
    expect(await alice.call('users.add', { handle: 'carol' })).toEqual({ card: cardOf('carol') })
    expect(await heard).toContainEqual({ handle: 'carol', card: cardOf('carol'), hasWindow: false })
    await expect(alice.call('users.add', { handle: 'carol' })).rejects.toMatchObject({ code: 'name-taken' })
    expect(await alice.call('users.open', { handle: 'carol' })).toEqual({ url: 'http://open/carol' })
    await first.shell.stop()

    const second = await setUp()
    expect(second.shell.users.list().map((user) => user.handle)).toContain('carol')
    await second.shell.stop()
  })

  it('leaves files that are no profiles alone', async () => {
    await mkdir(join(dataDir, 'users', '..not a handle'), { recursive: true })
    const { shell } = await setUp()
    expect(shell.users.list().map((user) => user.handle)).toEqual(['alice', 'bob'])
    await shell.stop()
  })

  it('shows one lab state to all windows, with whose window changed it and what the app did', async () => {
    const { programs, shell, open } = await setUp()
    const [alice, bob] = [open('alice'), open('bob')]
    let bobSees: EventPayload<'lab.changed'> | null = null
    bob.on('lab.changed', (state) => {
      bobSees = state
    })
    await alice.call('lab.play', { scenario: 'story', client: 'alice' })
    const running = {
      scenario: 'story',
      client: 'alice',
      startedAt: Date.now(),
      story: '2018',
      step: 1,
      steps: 3,
      finished: false,
      speed: 1,
      rate: 1,
      atMs: 0,
      lastsMs: 40_000,
      moveTimes: [0, 8000, 26_000],
    }
    const censor = { atMs: 0, side: 'censor' as const, text: 'drops an address', effect: '1 address dropped' }
    programs.setGateway({ ...idleGateway, running, moves: [censor] })
    await settle()
    const verdict = {
      plane: 'chat' as const,
      kind: 'interference' as const,
      mechanisms: ['ip_drop' as const],
      confidence: 0.8,
      word: 'likely' as const,
      place: 'way' as const,
      evidence: [],
      actions: [],
      exposure: [],
      at: 1,
      since: 1,
    }
    const route = { recipe: 'tcp:240.0.0.2', endpoint: 'chat', kind: 'address' as const, connectMs: 412.4, since: 1 }
    programs.cores.get('alice')?.events.emit('path.changed', { ...idlePath, status: 'connected', route, verdicts: [verdict] })
    // Bob is not the one the scenario happens to: what his app does is no move of this run.
    programs.cores.get('bob')?.events.emit('path.changed', { ...idlePath, status: 'connected', route })
    await expect.poll(() => bobSees?.moves.length).toBe(3)
    const state = await alice.call('lab.get', {})
    expect(state.changedBy).toBe('alice')
    expect(state.moves.map(({ side, code, facts, who }) => ({ side, code, facts, who }))).toEqual([
      { side: 'censor', code: undefined, facts: undefined, who: undefined },
      { side: 'app', code: 'route-changed', facts: { kind: 'address', ms: 412 }, who: 'alice' },
      {
        side: 'app',
        code: 'finding-changed',
        facts: { plane: 'chat', kind: 'interference', mechanisms: 'ip_drop', word: 'likely' },
        who: 'alice',
      },
    ])
    expect(state.truth).toEqual([
      { atMs: 0, did: '1 address dropped', said: { plane: 'chat', kind: 'interference', mechanisms: ['ip_drop'], word: 'likely' } },
    ])
    const then = await alice.call('lab.at', { atMs: 30_000 })
    expect({ moves: then.moves, truth: then.truth }).toEqual({ moves: state.moves, truth: state.truth })
    expect(await alice.call('lab.at', { atMs: -1 })).toMatchObject({ moves: [], truth: [] })
    // Stopped, the record is still there to be read, both sides of it; the next story begins a new one.
    programs.setGateway({ ...idleGateway, running: null, moves: [censor] })
    await settle()
    expect((await alice.call('lab.get', {})).moves.map(({ side }) => side)).toEqual(['censor', 'app', 'app'])
    programs.setGateway({ ...idleGateway, running: { ...running, startedAt: running.startedAt + 1 }, moves: [] })
    await settle()
    expect((await alice.call('lab.get', {})).moves.filter(({ side }) => side === 'app')).toEqual([])
    await shell.stop()
  })

  it('passes the refusals of the lab on with their meaning', async () => {
    const { programs, shell, open } = await setUp()
    programs.refusals.set('lab.play {"scenario":"none","client":"alice"}', new BackendError('no-such-scenario'))
    await expect(open('alice').call('lab.play', { scenario: 'none', client: 'alice' })).rejects.toMatchObject({ code: 'no-such-scenario' })
    await shell.stop()
  })

  it('begins afresh with a greeting when a crashed engine has come back', async () => {
    const { programs, shell } = await setUp()
    const [page, far] = memoryPortPair()
    const names: string[] = []
    page.onFrame((raw) => names.push((raw as { name: string }).name))
    shell.join('alice', far)
    programs.cores.get('alice')?.crash()
    await expect.poll(() => names).toEqual(['hello', 'engine.lost', 'hello'])
    await shell.stop()
  })

  it('says that it is broken when relay or lab end by themselves', async () => {
    const { programs, shell } = await setUp()
    ;[...programs.alive][1]?.kill()
    await expect(shell.broken).resolves.toBe('the relay ended unexpectedly')
    await shell.stop()
  })

  it.each(['lab.start', 'relay.start', 'core.start bob'])('leaves nothing running when %s fails', async (name) => {
    const programs = createFakePrograms({ bundlePath: join(dataDir, 'bundle.json') })
    programs.refusals.set(name, new BackendError('refused'))
    const options = {
      kind: 'web' as const,
      build: '1',
      clock: systemClock,
      dataDir,
      handles: ['alice', 'bob'],
      bundleFile: null,
      accountFile: null,
    }
    await expect(startShell({ ...options, windows: noWindows, onBug: () => {}, spawn: programs.spawn })).rejects.toThrow()
    await settle()
    expect(programs.alive.size).toBe(0)
  })

  it('ends engines first, then the relay, and leaves nothing running', async () => {
    const { programs, shell } = await setUp()
    await shell.stop()
    expect(programs.log.slice(-3).toSorted()).toEqual(['core.stop alice', 'core.stop bob', 'relay.stop'])
    expect(programs.log.at(-1)).toBe('relay.stop')
    expect(programs.alive.size).toBe(0)
  })
})

describe('a shell with a real relay', () => {
  it('uses the system network, starts no lab and offers no lab group', async () => {
    const { programs, shell, open } = await setUp({ bundleFile: '/some/bundle.json' })
    expect(programs.started).toEqual(['core', 'core'])
    expect(programs.cores.get('alice')?.start).toMatchObject({ network: { kind: 'system' }, bundlePath: '/some/bundle.json' })
    await expect(open('alice').call('lab.get', {})).rejects.toMatchObject({ code: 'absent' })
    await shell.stop()
  })

  it('brings an account from another computer for the first user, whose passphrase only the window asks for', async () => {
    const accountFile = join(dataDir, 'bob.throughline-account.json')
    await writeFile(accountFile, 'sealed')
    const { programs, shell, open } = await setUp({ bundleFile: '/some/bundle.json', accountFile, handles: ['bob', 'carol'] })
    expect(programs.cores.get('bob')?.start.account).toEqual({ text: 'sealed', passphrase: null })
    expect(programs.cores.get('carol')?.start.account).toBeUndefined()
    await expect(open('bob').call('users.move', { handle: 'bob' })).rejects.toMatchObject({ code: 'refused' })
    await shell.stop()
  })

  it('says which file is no account, is somebody else’s, or is not there', async () => {
    const accountFile = join(dataDir, 'account.json')
    await expect(setUp({ accountFile })).rejects.toThrow(/--account: ".*account\.json" is not there/)
    await writeFile(accountFile, 'sealed')
    for (const [detail, words] of [
      ['not an account file', /--account: ".*account\.json" is no account file/],
      ['of another handle', /--account: .* somebody else/],
    ] as const) {
      const programs = createFakePrograms()
      programs.refusals.set('core.start alice', new BackendError('bad-account', detail))
      const options = { kind: 'web' as const, build: '1', clock: systemClock, dataDir, handles: ['alice'], bundleFile: '/b', accountFile }
      const start = startShell({ ...options, windows: noWindows, onBug: () => {}, spawn: programs.spawn })
      await expect(start).rejects.toThrow(words)
    }
  })

  it('says what to do when the relay is not the one of the chats kept here', async () => {
    const programs = createFakePrograms()
    programs.refusals.set('core.start alice', new BackendError('bad-bundle', 'foreign'))
    const options = {
      kind: 'web' as const,
      build: '1',
      clock: systemClock,
      dataDir,
      handles: ['alice'],
      bundleFile: '/some/bundle.json',
      accountFile: null,
    }
    const start = startShell({ ...options, windows: noWindows, onBug: () => {}, spawn: programs.spawn })
    await expect(start).rejects.toThrow(/"\/some\/bundle\.json" is not from the relay.*--data.*--fresh/)
  })
})
