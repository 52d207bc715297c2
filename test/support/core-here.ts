/** Engine processes without the process, over a relay in memory where bob lives; each test has a folder, a clock and a relay of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { cursorSource } from '../../electron/core/chats/stream.ts'
import { type CoreControl, serveCoreControl } from '../../electron/core/control.ts'
import { ownerOf } from '../../electron/core/identity.ts'
import { createCore } from '../../electron/core/index.ts'
import type { StartInput } from '../../electron/core/profile-door.ts'
import { systemRandom } from '../../electron/core/system-random.ts'
import { type CoreClient, coreApi } from '../../electron/host/engine.ts'
import { memoryPortPair } from '../../shared/contract/memory-port.ts'
import { connect } from '../../shared/contract/port.ts'
import { toBase64Url } from '../../shared/util/bytes.ts'
import { VirtualClock } from '../../shared/util/virtual-clock.ts'
import { FakeLink, FakeRelay } from '../unit/chats/fake-relay.ts'
import { bundle, partsOver } from '../unit/chats/profile.ts'

export const bobKey = toBase64Url(new Uint8Array(32).fill(2))

export interface CoreHere {
  readonly client: CoreClient
  readonly control: CoreControl
  /** Of each profile it opened, not yet connected. */
  readonly links: readonly FakeLink[]
}

/** To be called once in a test file; what it answers stands anew for each test. */
export function coresHere() {
  const here = {
    folder: '',
    clock: new VirtualClock(),
    relay: new FakeRelay(new VirtualClock()),
    /** What the engines wrote down, as JSON. */
    logged: [] as string[],
    input: (over: object = {}): StartInput => ({
      profileDir: join(here.folder, 'alice'),
      handle: 'alice',
      bundlePath: join(here.folder, 'bundle.json'),
      network: { kind: 'system' },
      storeKey: null,
      contacts: [`bob:${bobKey}`],
      ...over,
    }),
    startProcess(): CoreHere {
      const [shell, engine] = memoryPortPair()
      const links: FakeLink[] = []
      const note = (event: string, facts: object = {}) => void here.logged.push(JSON.stringify([event, facts]))
      const control = serveCoreControl(engine, {
        version: '0.0.0',
        clock: here.clock,
        random: systemRandom,
        log: { info: note, warn: note },
        createCore,
        connect: async (_input, { store, identity }) => {
          const link = new FakeLink(here.relay, ownerOf(identity), cursorSource(store.values).cursor, true)
          links.push(link)
          return { bundle: () => bundle, parts: partsOver(link), close() {} }
        },
      })
      running.push(control)
      return { client: connect(coreApi, shell), control, links }
    },
  }
  let running: CoreControl[] = []
  beforeEach(() => {
    here.folder = mkdtempSync(join(tmpdir(), 'throughline-core-'))
    writeFileSync(join(here.folder, 'bundle.json'), '{"anything":1}')
    here.clock = new VirtualClock(1_700_000_000_000)
    here.relay = new FakeRelay(here.clock)
    here.relay.register('bob', bobKey)
    here.logged = []
    running = []
  })
  afterEach(async () => {
    for (const control of running) await control.stop()
    rmSync(here.folder, { recursive: true })
  })
  return here
}
