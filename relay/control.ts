/** Speaks relayControl with the shell that started this process: start, offer, disclose, stop. */
import * as v from 'valibot'
import { BackendError } from '../shared/contract/errors.ts'
import { type Port, serve } from '../shared/contract/port.ts'
import { relayControl } from '../shared/protocol/processes.ts'
import { errorFacts } from './log.ts'
import { DEFAULT_RATE } from './rate-limit.ts'
import { type Relay, type RelayParts, startRelay } from './relay.ts'
import { DamagedStore } from './store/database.ts'

export interface RelayControl {
  /** Stops the relay if it runs. */
  stop(): Promise<void>
}

export function serveRelayControl(port: Port, parts: RelayParts): RelayControl {
  let running: Relay | null = null
  let isStarting = false
  const relay = (): Relay => {
    if (!running) throw new BackendError('not-connected', 'the relay is not running')
    return running
  }
  const stop = async () => {
    const stopping = running
    running = null
    await stopping?.stop()
  }

  serve(
    relayControl,
    port,
    {
      'relay.start': async ({ dataDir, host, port: wanted, certificate, offer }) => {
        if (running || isStarting) throw new BackendError('already-there', 'the relay is running')
        isStarting = true
        try {
          running = await startRelay({ dataDir, host, port: wanted, certificate, offer, rate: DEFAULT_RATE }, parts).catch(explain)
        } finally {
          isStarting = false
        }
        const shownHost = host.includes(':') ? `[${host}]` : host
        return { url: `https://${shownHost}:${running.port}`, port: running.port, bundlePath: running.bundlePath, bundle: running.bundle }
      },
      'relay.offer': async (offer) => ({ bundle: await relay().offer(offer).catch(explain) }),
      'relay.certificate': async (certificate) => {
        await relay().certify(certificate).catch(explain)
        return {}
      },
      'relay.disclose': async ({ handle, dataDir }) => {
        if (running || dataDir === undefined) return disclose(relay().store, handle, parts)
        const store = parts.openStore({ dataDir, onNotice: (code) => parts.log.warn({ code }, 'notice from the database') })
        try {
          return disclose(store, handle, parts)
        } finally {
          store.close()
        }
      },
      'relay.stop': async () => {
        await stop()
        return {}
      },
    },
    (name, error) => parts.log.error({ call: name, ...errorFacts(error) }, 'control call failed'),
  )
  return { stop }
}

function disclose(store: Relay['store'], handle: string, { clock }: RelayParts): unknown {
  const account = store.accounts.byHandle(handle)
  if (!account) throw new BackendError('no-such-contact', 'nobody has this handle')
  return { handle: account.handle, key: account.key, ...store.disclosure.everything(account, clock.now()) }
}

/** Errors the operator can act on keep their meaning across the pipe. */
function explain(error: unknown): never {
  if (error instanceof DamagedStore) throw new BackendError('store-damaged', error.message)
  if (v.isValiError(error)) throw new BackendError('bad-bundle', v.getDotPath(error.issues[0]) ?? '')
  if (error instanceof Error && 'syscall' in error && error.syscall === 'listen' && 'code' in error) {
    throw new BackendError('refused', `cannot listen: ${error.code}`)
  }
  throw error
}
