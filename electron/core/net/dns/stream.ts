/** DNS messages over a byte stream (RFC 7766): each behind its length, questions pipelined, answers in any order. For TCP and for TLS. */
import { Buffer } from 'node:buffer'
import type { Duplex } from 'node:stream'
import type { Random } from '../../../../shared/util/random.ts'
import { classify, DialError } from '../errors.ts'
import { join } from './doh.ts'
import type { Question } from './resolver.ts'
import type { DnsOutcome } from './udp.ts'
import { decodeReply, encodeQuery } from './wire.ts'

/** Addresses of one name fit in far less; who announces more is not waited for. */
const MAX_MESSAGE = 16_384

/**
 * Asks for all types at once and joins what comes. Takes over the stream and destroys it. Rejects only with the signal's reason,
 * unless that is a deadline: then, and when the other side ends or breaks the form, the outcome says so.
 */
export async function askOverStream(stream: Duplex, { name, types }: Question, random: Random, signal: AbortSignal): Promise<DnsOutcome> {
  // Ids tell the answers apart, and differ from one to the next though nobody can slip one into a stream.
  const [high = 0, low = 0] = random.bytes(2)
  const queries = types.map((type, i) => ({ id: (high * 256 + low + i) % 65_536, name, type }))
  const outcomes: (DnsOutcome | undefined)[] = queries.map(() => undefined)
  try {
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      let held = Buffer.alloc(0)
      stream.on('data', (chunk: Buffer) => {
        held = Buffer.concat([held, chunk])
        while (held.length >= 2) {
          const length = held.readUInt16BE(0)
          if (length > MAX_MESSAGE) return reject(new DialError('failed', 'oversized'))
          if (held.length < 2 + length) return
          const message = held.subarray(2, 2 + length)
          held = held.subarray(2 + length)
          // What answers none of our questions is passed over.
          for (const [i, query] of queries.entries()) {
            const reply = outcomes[i] ? null : decodeReply(message, query)
            if (reply) outcomes[i] = reply.kind === 'answer' ? { ...reply, late: [] } : reply
          }
        }
        if (outcomes.every((outcome) => outcome !== undefined)) resolve()
      })
      stream.on('error', reject)
      stream.on('close', () => reject(new DialError('closed')))
      stream.on('end', () => reject(new DialError('closed')))
      stream.write(Buffer.concat(queries.map((query) => framed(encodeQuery(query)))))
    })
  } catch (error) {
    signalUnlessTimeout(signal)
    // What one question got before the stream ended still counts.
    const got = outcomes.filter((outcome) => outcome !== undefined)
    return got.some(({ kind }) => kind === 'answer') ? join(got) : failure(error)
  } finally {
    stream.on('error', () => {})
    stream.destroy()
  }
  return join(outcomes.filter((outcome) => outcome !== undefined))
}

/** Rejections of dialing and TLS as outcomes; throws the signal's reason where somebody gave up. */
export function outcomeOf(error: unknown, signal: AbortSignal): DnsOutcome {
  signalUnlessTimeout(signal)
  return failure(signal.aborted ? signal.reason : error)
}

function signalUnlessTimeout(signal: AbortSignal): void {
  if (signal.aborted && classify(signal.reason).reason !== 'timeout') throw signal.reason
}

function failure(error: unknown): DnsOutcome {
  const { reason, code } = classify(error)
  return reason === 'timeout' ? { kind: 'timeout' } : { kind: 'failed', reason: reason === 'failed' ? code : reason }
}

function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
