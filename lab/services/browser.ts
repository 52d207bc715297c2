/** People of the lab with an ordinary browser: ask the network's own lookup, go where it says, load what the page asks for. */
import type { Duplex } from 'node:stream'
import packet from 'dns-packet'
import { ask, dial } from '../engine/dial.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import { deadline } from './deadline.ts'

const PATIENCE_MS = 4000
const MAX_PAGE = 65_536

/** Follows `http://name/` as a browser with an empty cookie jar would. Never rejects: what fails is simply not seen. */
export async function visit(engine: Engine, from: Origin, resolver: string, name: string): Promise<void> {
  const limit = deadline(engine.clock, PATIENCE_MS)
  try {
    const address = await addressOf(engine, from, resolver, name, limit.signal)
    if (address === null) return
    await load(engine, from, address, name, limit.signal)
  } catch {
    // Nobody is there, or not in time: the visit ends as it would for a person.
  } finally {
    limit.cancel()
  }
}

/** A page over plain HTTP with all that it asks for, and the page at an address that it sends people to. Rejects as its connections do. */
export async function load(engine: Engine, from: Origin, address: string, name: string, signal: AbortSignal): Promise<void> {
  const first = await get(engine, from, address, name, '/', '', signal)
  const elsewhere = /\r\nlocation: http:\/\/([0-9.]+)\/\r\n/i.exec(first)?.[1]
  if (elsewhere !== undefined && elsewhere !== address) return load(engine, from, elsewhere, elsewhere, signal)
  const cookie = /\r\nset-cookie: *([^;\r\n]+)/i.exec(first)?.[1] ?? ''
  for (const [, path = ''] of first.matchAll(/<(?:script|img) src="(\/[^"]*)"/g)) {
    await get(engine, from, address, name, path, cookie, signal)
  }
}

/** Asks once. Never rejects. */
export async function lookUp(engine: Engine, from: Origin, resolver: string, name: string): Promise<void> {
  const limit = deadline(engine.clock, PATIENCE_MS)
  await addressOf(engine, from, resolver, name, limit.signal).catch(() => null)
  limit.cancel()
}

async function addressOf(engine: Engine, from: Origin, resolver: string, name: string, signal: AbortSignal): Promise<string | null> {
  const id = Math.floor(engine.random.fraction() * 65_536)
  const query = packet.encode({ type: 'query', id, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name }] })
  const { bytes } = await ask(engine, from, { address: resolver, port: 53 }, query, signal)
  for (const answer of packet.decode(Buffer.from(bytes)).answers ?? []) if (answer.type === 'A') return answer.data
  return null
}

async function get(
  engine: Engine,
  from: Origin,
  address: string,
  host: string,
  path: string,
  cookie: string,
  signal: AbortSignal,
): Promise<string> {
  const stream = await dial(engine, from, { address, port: 80 }, signal)
  const jar = cookie === '' ? '' : `Cookie: ${cookie}\r\n`
  stream.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: browser\r\n${jar}Connection: close\r\n\r\n`)
  try {
    return await readAll(stream, signal)
  } finally {
    stream.destroy()
  }
}

function readAll(stream: Duplex, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    stream.on('data', (chunk: Buffer) => {
      if (text.length < MAX_PAGE) text += chunk.toString('latin1')
    })
    stream.once('end', () => resolve(text))
    stream.once('error', reject)
  })
}
