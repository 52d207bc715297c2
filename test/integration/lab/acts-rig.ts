/** A client in Moscow and a TLS server behind the service's address, under a virtual clock, for meeting one act of a censor after the other. */
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket, connect as tlsConnect } from 'node:tls'
import packet from 'dns-packet'
import * as v from 'valibot'
import type { Network } from '../../../electron/core/net/network.ts'
import { Rule, type RuleInput } from '../../../lab/censor/rule.ts'
import { type MemoryRig, memoryRig } from './memory-rig.ts'

export const SERVICE = { address: '240.149.167.50', port: 443 }
export const NAME = 'chat.throughline.test'
export const RTT = 80
export const never = new AbortController().signal

export interface Client extends MemoryRig {
  readonly alice: Network
  impose(rule: Omit<RuleInput, 'id' | 'label'>, id?: string): void
}

/** A TLS server that sends back what it gets, behind the service's address; a client in Moscow. */
export async function tlsRig(): Promise<Client> {
  const rig = await memoryRig()
  const { lab } = rig
  const secureContext = createSecureContext(lab.certificate)
  lab.setService(() => {
    const [outer, inner] = lab.pair()
    inner.on('error', () => {})
    const tls = new TLSSocket(inner, { isServer: true, secureContext })
    tls.on('error', () => {})
    tls.on('data', (bytes: Buffer) => tls.write(bytes))
    return outer
  })
  const alice = await rig.network('alice', 'ru-moscow-a')
  return { ...rig, alice, impose: (rule, id = 'r') => lab.engine.judge.add(v.parse(Rule, { id, label: id, ...rule }), 'scenario') }
}

type Outcome =
  | { t: 'secure'; ms: number; issuer: string }
  | { t: 'error'; ms: number; code: string; syscall: string | undefined }
  | { t: 'silence' }

export async function tcp(rig: Client, to = SERVICE): Promise<Duplex> {
  const dialling = rig.alice.connect(to, never)
  await rig.lab.run(200)
  return dialling
}

/** What a TLS client that names `servername` meets within `waitMs`. */
export async function handshake(
  rig: Client,
  stream: Duplex,
  servername = NAME,
  waitMs = 3000,
): Promise<{ outcome: Outcome; socket: TLSSocket }> {
  const began = rig.clock.monotonic()
  let outcome: Outcome = { t: 'silence' }
  const socket = tlsConnect({ socket: stream, servername, ca: [...rig.lab.offer.roots] })
  socket.once('secureConnect', () => {
    outcome = { t: 'secure', ms: rig.clock.monotonic() - began, issuer: String(socket.getPeerCertificate().issuer.CN) }
  })
  socket.once('error', (error: NodeJS.ErrnoException) => {
    if (outcome.t === 'silence') {
      outcome = { t: 'error', ms: rig.clock.monotonic() - began, code: error.code ?? '', syscall: error.syscall }
    }
  })
  await rig.lab.run(waitMs)
  return { outcome, socket }
}

/** Every answer to one question that comes within `waitMs`, on the socket that asked it. */
export async function ask(
  rig: Client,
  name: string,
  resolver: string,
  { waitMs = 2000, type = 'A' }: { waitMs?: number; type?: 'A' | 'AAAA' } = {},
) {
  const controller = new AbortController()
  const began = rig.clock.monotonic()
  const answers: { ms: number; addresses: unknown[]; rcode: string; soa: boolean }[] = []
  const query = packet.encode({ type: 'query', id: 9, flags: packet.RECURSION_DESIRED, questions: [{ type, name }] })
  const done = (async () => {
    for await (const { bytes } of rig.alice.exchange({ address: resolver, port: 53 }, query, controller.signal)) {
      const message = packet.decode(Buffer.from(bytes))
      answers.push({
        ms: rig.clock.monotonic() - began,
        addresses: message.answers?.map((answer) => ('data' in answer ? answer.data : null)) ?? [],
        // The typings leave out what dns-packet adds on decoding.
        rcode: 'rcode' in message ? String(message.rcode) : '',
        soa: message.authorities?.some((record) => record.type === 'SOA') ?? false,
      })
    }
  })()
  await rig.lab.run(waitMs)
  controller.abort()
  await done
  return answers
}

/** How an attempt to connect ended within `waitMs`, and after how long. */
export async function dial(rig: Client, to = SERVICE, waitMs = 400): Promise<{ end: string; ms: number; stream: Duplex | null }> {
  const began = rig.clock.monotonic()
  let found: { end: string; ms: number; stream: Duplex | null } = { end: 'silence', ms: waitMs, stream: null }
  rig.alice.connect(to, never).then(
    (stream) => {
      stream.on('error', () => {})
      found = { end: 'open', ms: rig.clock.monotonic() - began, stream }
    },
    (error: NodeJS.ErrnoException) => {
      found = { end: error.code ?? '', ms: rig.clock.monotonic() - began, stream: null }
    },
  )
  await rig.lab.run(waitMs)
  return found
}
