/** An engine as a process that the test kills: its screens and its relay are the parent, both over the control pipe. */
import { cursorSource } from '../../../electron/core/chats/stream.ts'
import { openIdentity, ownerOf } from '../../../electron/core/identity.ts'
import { createCore } from '../../../electron/core/index.ts'
import type { RelayLink } from '../../../electron/core/reach/relay-link.ts'
import { openStore } from '../../../electron/core/store/store.ts'
import { parentProcessPort } from '../../../shared/contract/process-port.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import type { Random } from '../../../shared/util/random.ts'
import { bundle, partsOver } from '../../unit/chats/profile.ts'
import type { FromChild, ToChild } from './kill-pipe.ts'

const random: Random = {
  fraction: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 / 2 ** 32,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
}
const [path = '', handle = ''] = process.argv.slice(2)
const store = openStore({ path, key: new Uint8Array(32).fill(9) })
const identity = openIdentity(store, handle, random)
const tell = (message: FromChild) => void process.send?.(message)

const waiting = new Map<number, (answer: unknown) => void>()
let lastId = 0
let isOnline = false
const online = createEvents<Parameters<Parameters<RelayLink['onOnline']>[0]>[0]>()
const items = createEvents<Parameters<Parameters<RelayLink['onItems']>[0]>[0]>()
const link: RelayLink = {
  get online() {
    return isOnline
  },
  onOnline: online.on,
  onOffline: () => () => {},
  onItems: items.on,
  onTyping: () => () => {},
  request: (name, input) =>
    new Promise((resolve) => {
      const id = ++lastId
      waiting.set(id, (answer) => resolve(answer as Awaited<ReturnType<typeof link.request<typeof name>>>))
      tell({ relay: 'request', id, name, input })
    }),
  sendTyping() {},
  http: () => Promise.reject(new Error('no files here')),
}

const core = createCore({
  store,
  identity,
  practice: true,
  clock: systemClock,
  random,
  log: { info() {}, warn() {} },
  bundle: () => bundle,
  parts: partsOver(link),
})

process.on('message', (message: ToChild | { t: string }) => {
  if (!('relay' in message)) return
  switch (message.relay) {
    case 'answer':
      waiting.get(message.id)?.(message.answer)
      waiting.delete(message.id)
      return
    case 'items':
      items.emit(message.items)
      return
    case 'online':
      isOnline = true
      online.emit({ items: message.items, more: message.more, relayNow: Date.now() })
      return
  }
})
core.serve(parentProcessPort(process))
core.start()
tell({ relay: 'login', who: ownerOf(identity), cursor: cursorSource(store.values).cursor() })
process.on('disconnect', () => process.exit(0))
