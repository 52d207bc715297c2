/**
 * What stands behind the box, on the addresses that the lab's world gives it: the real relay, strangers' sites, a DoH server and the
 * authority of all names. The resolvers and proxies beside it are Debian's own programs.
 */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer as createWeb } from 'node:http'
import { createServer as createSecureWeb } from 'node:https'
import { connect, createServer, type Server } from 'node:net'
import { pipeline } from 'node:stream'
import * as v from 'valibot'
import { answerTo, questionOf } from '../../lab/engine/dns-message.ts'
import { DEFAULT_RATE } from '../../relay/rate-limit.ts'
import { startRelay } from '../../relay/relay.ts'
import { listen } from '../../relay/server.ts'
import { openStore } from '../../relay/store/store.ts'
import { Offer } from '../../shared/protocol/processes.ts'
import { systemClock } from '../../shared/util/clock.ts'

const Certificate = v.object({ cert: v.string(), key: v.string() })
export interface Setting {
  readonly dataDir: string
  readonly offer: Offer
  readonly certificate: v.InferOutput<typeof Certificate>
  readonly names: Readonly<Record<string, readonly string[]>>
  readonly sites: readonly { readonly address: string; readonly certificate: v.InferOutput<typeof Certificate> }[]
  readonly authority: string
  readonly falsePage: string
  readonly bulk: { readonly address: string; readonly port: number; readonly bytes: number }
}
const Setting: v.GenericSchema<unknown, Setting> = v.object({
  dataDir: v.string(),
  offer: Offer,
  certificate: Certificate,
  names: v.record(v.string(), v.array(v.string())),
  sites: v.array(v.object({ address: v.string(), certificate: Certificate })),
  authority: v.string(),
  falsePage: v.string(),
  bulk: v.object({ address: v.string(), port: v.number(), bytes: v.number() }),
})

/** An authority is further away than whoever forges its answers. */
const AUTHORITY_MS = 30

const setting = v.parse(Setting, JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))
const listening = (server: Server, address: string, port: number) => new Promise<void>((done) => server.listen(port, address, () => done()))
const silent = { info() {}, warn() {}, error() {} }

const relay = await startRelay(
  {
    dataDir: setting.dataDir,
    host: '127.0.0.1',
    port: 0,
    certificate: setting.certificate,
    offer: setting.offer,
    rate: DEFAULT_RATE,
  },
  { openStore, listen, clock: systemClock, log: silent },
)
for (const address of new Set(setting.offer.endpoints.flatMap((endpoint) => endpoint.addresses))) {
  const forwarder = createServer({ allowHalfOpen: true, noDelay: true }, (outer) => {
    const inner = connect({ host: '127.0.0.1', port: relay.port, allowHalfOpen: true, noDelay: true })
    pipeline(outer, inner, (error) => void (error && inner.destroy()))
    pipeline(inner, outer, (error) => void (error && outer.destroy()))
  })
  await listening(forwarder, address, 443)
}

const answer = (query: Uint8Array): Uint8Array | null => {
  const question = questionOf(query)
  if (!question) return null
  const addresses = setting.names[question.name]
  return answerTo(query, { addresses: addresses ?? [], ttl: 60, exists: addresses !== undefined, soa: true })
}
for (const { address, certificate } of setting.sites) {
  const site = createSecureWeb(certificate, (request, response) => {
    // RFC 8484 section 4.1; a site that is no resolver is never asked.
    const message = new URL(request.url ?? '/', 'https://site').searchParams.get('dns')
    const reply = message === null ? null : answer(Buffer.from(message, 'base64url'))
    response.writeHead(200, { 'Content-Type': reply ? 'application/dns-message' : 'text/plain' }).end(reply ?? 'well\n')
  })
  await listening(site, address, 443)
}

const authority = createSocket('udp4')
authority.on('message', (query, from) => {
  const reply = answer(query)
  if (reply) setTimeout(() => authority.send(reply, from.port, from.address), AUTHORITY_MS)
})
await new Promise<void>((done) => authority.bind(53, setting.authority, done))

await listening(
  createWeb((_request, response) => response.end('false')),
  setting.falsePage,
  80,
)
const bulk = createServer((socket) => {
  socket.on('error', () => {})
  socket.resume()
  socket.end(Buffer.alloc(setting.bulk.bytes))
})
await listening(bulk, setting.bulk.address, setting.bulk.port)
process.stdout.write('ready\n')
