/** Real clients of DNS, HTTP and TLS who meet what holds in the world though nobody censors. */
import { connect as tlsConnect } from 'node:tls'
import * as v from 'valibot'
import { Condition, type ConditionInput } from '../../../lab/engine/condition.ts'
import { type Client, never, SERVICE, tlsRig } from './acts-rig.ts'

export interface ConditionRig extends Client {
  /** Begins; the returned function ends it. */
  hold(condition: Unnamed): () => void
}

// A union stays one only when each of its members is cut by itself.
type Unnamed = ConditionInput extends infer Each ? (Each extends unknown ? Omit<Each, 'id' | 'label'> : never) : never

export async function conditionRig(): Promise<ConditionRig> {
  const rig = await tlsRig()
  return {
    ...rig,
    hold(condition) {
      rig.lab.conditions.start(v.parse(Condition, { id: 'c', label: 'c', ...condition }))
      return () => void rig.lab.conditions.end('c')
    },
  }
}

/** What became of something within `waitMs` of virtual time; `null`: nothing yet. */
export async function within<T>(rig: Client, waitMs: number, asked: Promise<T>): Promise<T | null> {
  let found: T | null = null
  asked.then(
    (value) => {
      found = value
    },
    () => {},
  )
  await rig.lab.run(waitMs)
  return found
}

export interface Seen {
  /** `secure`, or Node's code. */
  readonly tls: string
  readonly issuer: string
  /** Head and body of what was answered; empty without an answer. */
  readonly text: string
  readonly ms: number
}

interface Asking {
  readonly waitMs?: number
  readonly path?: string
  /** Authorities it trusts beside the lab's. */
  readonly roots?: readonly string[]
  readonly headers?: string
}

/** TLS as programs do it, and one request, unless the certificate is refused. */
export async function visitSecurely(
  rig: Client,
  address: string,
  name: string,
  { waitMs = 3000, path = '/', roots = [], headers = 'Connection: close\r\n' }: Asking = {},
): Promise<Seen | null> {
  const began = rig.clock.monotonic()
  const visit = async (): Promise<Seen> => {
    const socket = await rig.alice.connect({ address, port: SERVICE.port }, never)
    socket.on('error', () => {})
    return new Promise((resolve) => {
      let text = ''
      let issuer = ''
      const tls = tlsConnect({ socket, servername: name, ca: [...rig.lab.offer.roots, ...roots], rejectUnauthorized: false })
      const done = (code: string) => {
        tls.destroy()
        resolve({ tls: code, issuer, text, ms: rig.clock.monotonic() - began })
      }
      tls.once('secureConnect', () => {
        issuer = String(tls.getPeerCertificate().issuer.CN)
        if (tls.authorized) tls.write(`GET ${path} HTTP/1.1\r\nHost: ${name}\r\n${headers}\r\n`)
        else done(String(tls.authorizationError))
      })
      tls.on('data', (bytes: Buffer) => {
        text += bytes.toString('latin1')
      })
      tls.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? ''))
      tls.once('end', () => done('secure'))
    })
  }
  return within(rig, waitMs, visit())
}

/** One plain request; the answer with its head, or Node's code. */
export async function visitPlainly(rig: Client, address: string, host: string, { waitMs = 1000, method = 'GET', path = '/' } = {}) {
  const visit = async (): Promise<string> => {
    const stream = await rig.alice.connect({ address, port: 80 }, never)
    return new Promise((resolve) => {
      let text = ''
      stream.on('data', (bytes: Buffer) => {
        text += bytes.toString('latin1')
      })
      stream.once('end', () => resolve(text))
      stream.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      stream.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    })
  }
  return within(
    rig,
    waitMs,
    visit().catch((error: NodeJS.ErrnoException) => error.code ?? ''),
  )
}
