/** What is done over a way, and what is measured of it. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Way } from './ways.ts'

const MEGABYTE = 1e6
const PIECE = Buffer.alloc(65_536, 7)

/** Megabytes a second of one flow that brings so many bytes. */
export async function download(way: Way, bytes: number): Promise<number> {
  const stream = await way.open()
  const began = performance.now()
  let got = 0
  stream.on('data', (chunk: Buffer) => {
    got += chunk.length
  })
  stream.write(order('D', bytes))
  await once(stream, 'end')
  if (got !== bytes) throw new Error(`${way.name}: ${got} of ${bytes} bytes came`)
  stream.destroy()
  return bytes / MEGABYTE / ((performance.now() - began) / 1000)
}

/** As `download`, the other way; counted until the server says that it has all. */
export async function upload(way: Way, bytes: number): Promise<number> {
  const stream = await way.open()
  const began = performance.now()
  const taken = once(stream, 'data')
  stream.write(order('U', bytes))
  for (let left = bytes; left > 0; left -= PIECE.length) {
    if (!stream.write(PIECE.subarray(0, left))) await once(stream, 'drain')
  }
  await taken
  const rate = bytes / MEGABYTE / ((performance.now() - began) / 1000)
  stream.destroy()
  return rate
}

/** Milliseconds until a new flow has had an answer. */
export async function firstAnswer(way: Way, words: Uint8Array): Promise<number> {
  const began = performance.now()
  const stream = await way.open()
  await exchange(stream, words)
  const ms = performance.now() - began
  await close(stream)
  return ms
}

export interface Rate {
  readonly perSecond: number
  /** CPU of what stands between, for one flow. */
  readonly cpuMicros: number
}

/** Opens so many flows, so many at a time; each says something, has it back, and closes. */
export async function newFlows(way: Way, words: Uint8Array, flows: number, atOnce: number): Promise<Rate> {
  const before = await way.between?.usage('cpu')
  const began = performance.now()
  let left = flows
  const worker = async () => {
    while (left-- > 0) await oneFlow(way, words)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const seconds = (performance.now() - began) / 1000
  const after = await way.between?.usage('cpu')
  return { perSecond: flows / seconds, cpuMicros: before && after ? ((after.cpuMs - before.cpuMs) * 1000) / flows : Number.NaN }
}

export interface Pace {
  /** Milliseconds from when a flow should have begun until it was over. */
  readonly late: readonly number[]
  /** Cores' worth of work between, and of this process. */
  readonly cores: number
  readonly ownCores: number
}

/** More than this are not open at once: what is due then is late. */
const MOST_OPEN = 3000

/** So many new flows a second, whether or not those before are over. */
export async function pace(way: Way, words: Uint8Array, perSecond: number, seconds: number): Promise<Pace> {
  const before = await way.between?.usage('cpu')
  const own = process.cpuUsage()
  const began = performance.now()
  const late: number[] = []
  const running: Promise<unknown>[] = []
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (
        const due = ((performance.now() - began) * perSecond) / 1000;
        running.length < due && running.length - late.length < MOST_OPEN;
      ) {
        const at = began + (running.length / perSecond) * 1000
        running.push(oneFlow(way, words).then(() => late.push(performance.now() - at)))
        if (running.length === perSecond * seconds) {
          clearInterval(timer)
          resolve()
          return
        }
      }
    }, 1)
  })
  await Promise.all(running)
  const ms = performance.now() - began
  const after = await way.between?.usage('cpu')
  const { user, system } = process.cpuUsage(own)
  return { late, cores: before && after ? (after.cpuMs - before.cpuMs) / ms : Number.NaN, ownCores: (user + system) / 1000 / ms }
}

async function oneFlow(way: Way, words: Uint8Array): Promise<void> {
  const stream = await way.open()
  await exchange(stream, words)
  await close(stream)
}

/** Says it and waits until as much came back. */
export function exchange(stream: Duplex, words: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    let due = words.length
    const onData = (chunk: Buffer) => {
      due -= chunk.length
      if (due > 0) return
      stream.off('data', onData)
      stream.off('error', reject)
      resolve()
    }
    stream.on('data', onData)
    stream.once('error', reject)
    stream.write(words)
  })
}

async function close(stream: Duplex): Promise<void> {
  const closed = once(stream, 'close')
  stream.resume()
  stream.end()
  await closed
}

function order(what: 'D' | 'U', bytes: number): Buffer {
  const message = Buffer.alloc(5)
  message.write(what, 'latin1')
  message.writeUInt32BE(bytes, 1)
  return message
}
