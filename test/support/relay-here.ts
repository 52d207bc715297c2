/** A real relay in the test's own process, on loopback, in a fresh directory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Facts, Log } from '../../relay/log.ts'
import { DEFAULT_RATE } from '../../relay/rate-limit.ts'
import { type Relay, type RelayOptions, type RelayParts, startRelay } from '../../relay/relay.ts'
import { listen } from '../../relay/server.ts'
import { openStore } from '../../relay/store/store.ts'
import { type Bundle, openBundle } from '../../shared/protocol/bundle.ts'
import type { Offer } from '../../shared/protocol/processes.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { chatAddress, type RelayAddress } from './relay-client.ts'

export const emptyOffer: Offer = { endpoints: [], proxies: [], doh: [], controls: [], bogons: [], roots: [] }

export interface RelayHere {
  readonly relay: Relay
  readonly dataDir: string
  readonly bundle: Bundle
  readonly chat: RelayAddress
  readonly logged: { readonly level: string; readonly facts: Facts; readonly message: string }[]
  /** Stops it and removes its directory, unless `keep`. */
  end(keep?: boolean): Promise<void>
}

export function freshDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'throughline-relay-'))
}

export async function relayHere(options: Partial<RelayOptions> = {}, parts: Partial<RelayParts> = {}): Promise<RelayHere> {
  const dataDir = options.dataDir ?? freshDirectory()
  const logged: { level: string; facts: Facts; message: string }[] = []
  const record = (level: string) => (facts: Facts, message: string) => void logged.push({ level, facts, message })
  const log: Log = { info: record('info'), warn: record('warn'), error: record('error') }
  const relay = await startRelay(
    { dataDir, host: '127.0.0.1', port: 0, certificate: null, offer: emptyOffer, rate: DEFAULT_RATE, ...options },
    { openStore, listen, clock: systemClock, log, ...parts },
  )
  const opened = openBundle(relay.bundle, { signers: null, version: 0, now: Date.now() })
  if (!opened.ok) throw new Error(`the relay signed a bad bundle: ${opened.reason}`)
  return {
    relay,
    dataDir,
    logged,
    bundle: opened.bundle,
    chat: chatAddress(opened.bundle, relay.port),
    async end(keep = false) {
      await relay.stop()
      if (!keep) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
