/** The RelayLink that chats hold on to, whichever session is behind it. Exactly one session delivers at any time. */
import { BackendError } from '../../../shared/contract/errors.ts'
import type { StreamItem } from '../../../shared/protocol/relay.ts'
import type { SealedPacket } from '../../../shared/protocol/secret.ts'
import { createEvents } from '../../../shared/util/events.ts'
import type { Missed, RelayLink } from './relay-link.ts'
import type { Session, SessionListener } from './session.ts'

/** What the owner of the link hears of the session in use; what is for chats goes past it. */
export type SessionWatch = Omit<SessionListener, 'items' | 'sealed' | 'typing'>

export interface Link {
  readonly link: RelayLink
  readonly session: Session | null
  /** Switches to `session` in one step; the one before is closed without a word. */
  adopt(session: Session, watch: SessionWatch): void
  /** There is no session any more. */
  drop(): void
}

export function createLink(http: RelayLink['http']): Link {
  const online = createEvents<Missed>()
  const offline = createEvents<void>()
  const items = createEvents<readonly StreamItem[]>()
  const sealed = createEvents<readonly SealedPacket[]>()
  const typing = createEvents<string>()
  let current: Session | null = null

  return {
    get session() {
      return current
    },
    adopt(session, watch) {
      const before = current
      current = session
      before?.close()
      const { hello } = session
      online.emit({ items: hello.items, more: hello.more, sealed: hello.sealed, relayNow: session.relayNow() })
      const ifCurrent =
        <A extends unknown[]>(act: (...args: A) => void) =>
        (...args: A) => {
          if (current === session) act(...args)
        }
      session.attach({
        items: ifCurrent(items.emit),
        sealed: ifCurrent(sealed.emit),
        typing: ifCurrent(typing.emit),
        bundle: watch.bundle,
        suspect: ifCurrent(watch.suspect),
        recovered: ifCurrent(watch.recovered),
        echoed: ifCurrent(watch.echoed),
        closed: ifCurrent(watch.closed),
      })
    },
    drop() {
      if (!current) return
      current.close()
      current = null
      offline.emit()
    },
    link: {
      get online() {
        return current !== null
      },
      onOnline: online.on,
      onOffline: offline.on,
      onItems: items.on,
      onSealed: sealed.on,
      onTyping: typing.on,
      request: (name, input, signal) =>
        current ? current.request(name, input, signal) : Promise.reject(new BackendError('not-connected')),
      sendTyping: (to) => current?.sendTyping(to),
      http,
    },
  }
}
