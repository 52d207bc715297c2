/**
 * What both protocols keep of a message, in the product's own encrypted store and in the same statements: the state of the
 * session, the row, and the packet where it is to go; one transaction, on the disk when it returns.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '../../../electron/core/store/store.ts'
import type { TextItem } from './ends.ts'

export interface Kept {
  readonly store: Store
  /** `null`: no session yet. */
  state(): Uint8Array<ArrayBuffer> | null
  begin(state: Uint8Array): void
  sent(state: Uint8Array, packet: Uint8Array, item: TextItem | null): void
  received(state: Uint8Array, items: readonly TextItem[]): void
}

const CHAT = 'secret:peer'

/** Stores in a folder of their own, gone with `end`. */
export function storesHere(): { open(name: string): Store; end(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'))
  const stores: Store[] = []
  return {
    open(name) {
      const store = openStore({ path: join(folder, `${name}.db`), key: new Uint8Array(randomBytes(32)) })
      stores.push(store)
      return store
    },
    end() {
      for (const store of stores) store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export function keptIn(store: Store): Kept {
  store.run("INSERT INTO contact (handle, key, source) VALUES ('peer', 'key', 'card')")
  store.run("INSERT INTO secret_chat (id, peer, state, since) VALUES (?, 'peer', 'secured', 0)", [CHAT])
  let cid = 0
  const advance = (state: Uint8Array) => store.run("UPDATE secret_session SET state = ? WHERE sid = 'one'", [new Uint8Array(state)])
  const insert = (mine: 0 | 1, { id, text, ttl, cap }: TextItem) =>
    store.run("INSERT INTO secret_message (id, chat_id, mine, kind, text, at, ttl, cap) VALUES (?, ?, ?, 'text', ?, ?, ?, ?)", [
      id,
      CHAT,
      mine,
      text,
      Date.now(),
      ttl,
      cap,
    ])
  return {
    store,
    state: () => store.get<{ state: Uint8Array<ArrayBuffer> }>("SELECT state FROM secret_session WHERE sid = 'one'")?.state ?? null,
    begin(state) {
      store.run('DELETE FROM secret_session')
      store.run("INSERT INTO secret_session (sid, chat_id, device, role, state, at) VALUES ('one', ?, 'device', 'active', ?, 0)", [
        CHAT,
        new Uint8Array(state),
      ])
    },
    sent(state, packet, item) {
      store.transaction(() => {
        advance(state)
        store.run("INSERT INTO secret_packet (cid, chat_id, device, packet, messages) VALUES (?, ?, 'device', ?, '[]')", [
          ++cid,
          CHAT,
          new Uint8Array(packet),
        ])
        if (item) insert(1, item)
      })
    },
    received(state, items) {
      store.transaction(() => {
        advance(state)
        for (const item of items) insert(0, item)
      })
    },
  }
}
