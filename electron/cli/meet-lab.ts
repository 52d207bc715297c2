/** Whether a lab runs where it is said to, and has the place that is asked for: to an engine both would look like a network that is down. */

import { UplinkDecoder, uplinkWriter } from '../../shared/protocol/uplink.ts'
import type { Clock } from '../../shared/util/clock.ts'
import { connectTcp } from '../host/connect-tcp.ts'
import { UsageError } from '../host/usage-error.ts'

const ANSWER_MS = 10_000

interface At {
  readonly address: string
  readonly client: string
  readonly vantage: string | null
}

/** Puts the client there, as it would itself. Throws when nothing answers, `UsageError` when there is no such place. */
export async function meetLab({ address, client, vantage }: At, clock: Clock): Promise<void> {
  const stream = await connectTcp(address).catch(() => {
    throw new Error(`--lab: no lab answers at ${address}. Start one with "lab serve".`)
  })
  const decoder = new UplinkDecoder()
  const timer = clock.after(ANSWER_MS, () => stream.destroy())
  try {
    // The gateway tells the network of a place that there is, and hangs up on whoever asks for another.
    const isThere = await new Promise<boolean>((resolve) => {
      stream.on('data', (bytes: Buffer) => {
        try {
          if (decoder.push(bytes).some(({ t }) => t === 'facts')) resolve(true)
        } catch {
          resolve(false)
        }
      })
      stream.on('error', () => resolve(false))
      stream.on('close', () => resolve(false))
      stream.on('end', () => resolve(false))
      uplinkWriter(stream)({ t: 'hello', client, vantage })
    })
    if (!isThere) throw new UsageError(`--network: the lab at ${address} has no place "${vantage ?? ''}".`)
  } finally {
    timer.cancel()
    stream.destroy()
  }
}
