/** The composition root of the relay: store, keys, certificate, planes. One call starts it, one stops it. */
import { join } from 'node:path'
import type { Endpoint, SignedBundle } from '../shared/protocol/bundle.ts'
import type { Offer } from '../shared/protocol/processes.ts'
import type { Clock, Timer } from '../shared/util/clock.ts'
import { createBundleKeeper } from './bundle-keeper.ts'
import { type Certificate, ownCertificate, rootsOf } from './certificate.ts'
import { createChat } from './chat.ts'
import { createCommitQueue } from './commit-queue.ts'
import { createGathering } from './gathering.ts'
import { loadKeys } from './keys.ts'
import { errorFacts, type Log } from './log.ts'
import { announceSealed } from './mail.ts'
import { createMedia } from './media.ts'
import { createPresence } from './presence.ts'
import { type RateLimit, RateLimiter } from './rate-limit.ts'
import { createRequests } from './requests.ts'
import { createTlsServer, type Listen, servePlanes } from './server.ts'
import type { Entry, Written } from './store/journal.ts'
import type { MailEntry, MailWritten } from './store/mailbox.ts'
import type { Store, StoreOptions } from './store/store.ts'
import { startSweeping } from './sweeping.ts'
import { createTunnels } from './tunnel.ts'

export interface RelayOptions {
  readonly dataDir: string
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  /** `null`: the relay makes its own, and the bundle pins it. */
  readonly certificate: Certificate | null
  /** Without endpoints: every plane, at the very address it listens on. */
  readonly offer: Offer
  readonly rate: RateLimit
}

export interface RelayParts {
  readonly openStore: (options: StoreOptions) => Store
  readonly listen: Listen
  readonly clock: Clock
  readonly log: Log
}

export interface Relay {
  readonly port: number
  readonly bundlePath: string
  readonly bundle: SignedBundle
  readonly store: Store
  /** Signs the next bundle and pushes it to everybody connected. Rejects if the offer breaks the schema; then nothing changes. */
  offer(offer: Offer): Promise<SignedBundle>
  /** Resolves when every accepted message is on disk and acknowledged, and nothing is open any more. */
  stop(): Promise<void>
}

const DAY = 24 * 60 * 60_000

export async function startRelay(options: RelayOptions, { openStore, listen, clock, log }: RelayParts): Promise<Relay> {
  const { dataDir } = options
  const store = openStore({ dataDir, onNotice: (code) => log.warn({ code }, 'notice from the database') })
  try {
    return await serve()
  } catch (error) {
    store.close()
    throw error
  }

  async function serve(): Promise<Relay> {
    const keys = loadKeys(dataDir)
    const certify = async (hosts: readonly string[]) => {
      if (options.certificate) return { leaf: options.certificate, roots: rootsOf(options.certificate.cert) }
      const { leaf, root } = await ownCertificate(dataDir, hosts, clock.now())
      return { leaf, roots: [root] }
    }
    let certificate = await certify(hostsOf(options))
    const server = createTlsServer(certificate.leaf)
    const port = await listen(server, options.host, options.port)
    const complete = (offer: Offer): Offer => ({
      ...offer,
      endpoints: offer.endpoints.length > 0 ? offer.endpoints : ownEndpoints(options.host, port),
      roots: offer.roots.length > 0 ? offer.roots : certificate.roots,
    })

    const bundles = createBundleKeeper(dataDir, keys, complete(options.offer), clock.now())
    const presence = createPresence(store.accounts.deviceName)
    const limiter = new RateLimiter(options.rate)
    const gathering = createGathering()
    const queue = createCommitQueue<Entry, Written>({
      commit: (entries) => store.journal.commit(entries, clock.now()),
      onCommitted: (entries, written) => presence.announce(entries, written),
      onFailed: (error) => log.error(errorFacts(error), 'commit failed; nothing of it was acknowledged'),
      deliver: gathering.run,
      schedule: (flush) => void setImmediate(flush),
    })
    const mail = createCommitQueue<MailEntry, MailWritten>({
      commit: (entries) => store.mailboxes.commit(entries, clock.now()),
      onCommitted: (entries, written) => announceSealed(presence, store.accounts, entries, written),
      onFailed: (error) => log.error(errorFacts(error), 'commit of sealed packets failed; nothing of it was acknowledged'),
      deliver: gathering.run,
      schedule: (flush) => void setImmediate(flush),
    })
    const requests = createRequests({
      store,
      queue,
      mail,
      limiter,
      clock,
      onBug: (request, error) => log.error({ request, ...errorFacts(error) }, 'request failed'),
    })
    const chat = createChat({ store, presence, requests, limiter, bundles, gathering, relayKey: keys.relay, clock, log })
    const media = createMedia({ directory: join(dataDir, 'media'), records: store.media, clock, log })
    const onFailed = (error: unknown) => log.error(errorFacts(error), 'sweeping failed')
    const sweeping = startSweeping([store.mailboxes, media], clock, onFailed)
    const tunnels = createTunnels((stream) => void server.emit('connection', stream), clock)
    servePlanes(server, { chat, media, tunnels, pages: store.pages, current: () => bundles.current })

    let lastOffer = options.offer
    const apply = async (offer: Offer): Promise<SignedBundle> => {
      certificate = await certify(hostsOf({ offer, host: options.host }))
      const { version } = bundles.current.bundle
      const signed = bundles.offer(complete(offer), clock.now())
      server.setSecureContext({ ...certificate.leaf, minVersion: 'TLSv1.3' })
      lastOffer = offer
      if (bundles.current.bundle.version > version) chat.pushBundle(signed)
      return signed
    }
    let renewal: Timer
    const renewDaily = () => {
      renewal = clock.after(DAY, () => {
        apply(lastOffer).catch((error: unknown) => log.error(errorFacts(error), 'renewal failed'))
        renewDaily()
      })
    }
    renewDaily()
    log.info({ port, version: bundles.current.bundle.version }, 'relay is ready')

    return {
      port,
      store,
      bundlePath: bundles.path,
      get bundle() {
        return bundles.current.signed
      },
      offer: apply,
      async stop() {
        renewal.cancel()
        sweeping.stop()
        chat.drain()
        const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
        queue.flush()
        mail.flush()
        await chat.close()
        tunnels.close()
        server.closeAllConnections()
        await closed
        queue.flush()
        mail.flush()
        store.close()
        log.info({}, 'relay has stopped')
      },
    }
  }
}

function hostsOf({ offer, host }: { readonly offer: Offer; readonly host: string }): string[] {
  return offer.endpoints.length > 0 ? [...new Set(offer.endpoints.map((endpoint) => endpoint.host))] : [reachableAt(host)]
}

function ownEndpoints(host: string, port: number): Endpoint[] {
  const address = reachableAt(host)
  const planes = ['bootstrap', 'chat', 'media', 'links', 'web'] as const
  return planes.map((plane) => ({ id: plane, plane, host: address, port, addresses: [address], provider: 'own' }))
}

/** "All addresses" is no address: what listens there is at least reachable from the same machine. */
function reachableAt(host: string): string {
  return host === '0.0.0.0' || host === '::' || host === 'localhost' ? '127.0.0.1' : host
}
