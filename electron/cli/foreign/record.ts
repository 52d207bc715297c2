/** What somebody else's client met in the lab, one JSON object a line, as that client could have seen it itself. */
import { createWriteStream } from 'node:fs'
import * as v from 'valibot'

const When = {
  /** Epoch ms at its end, and how long it took. */
  at: v.number(),
  ms: v.number(),
}

export const Seen = v.variant('t', [
  v.strictObject({
    t: v.literal('lookup'),
    ...When,
    /** By the DNS port, or by name through SOCKS. */
    by: v.picklist(['dns', 'socks']),
    name: v.string(),
    type: v.string(),
    /** `timeout`: no answer within five seconds. */
    outcome: v.picklist(['answer', 'nxdomain', 'error', 'timeout']),
    addresses: v.array(v.string()),
    /** Not the first answer to this question: somebody else had been quicker. */
    late: v.boolean(),
  }),
  v.strictObject({
    t: v.literal('flow'),
    ...When,
    /** `null`: the client asked for the address itself. */
    name: v.nullable(v.string()),
    /** `null`: the name led to none. */
    address: v.nullable(v.string()),
    port: v.number(),
    /**
     * `no-address`, `refused`, `unreachable` and `timeout` before it stood (`timeout` later too: two minutes without a byte); `reset`;
     * `closed` by the far end; `left` by the client, who was done or had given up.
     */
    outcome: v.picklist(['no-address', 'refused', 'unreachable', 'timeout', 'reset', 'closed', 'left']),
    /** Bytes of the client and to the client; and how long nothing had come when it ended, ms. */
    sent: v.number(),
    received: v.number(),
    quietMs: v.number(),
  }),
])
export type Seen = v.InferOutput<typeof Seen>

/** A record that nobody reads must not fill the disk. */
const MOST_BYTES = 32 * 1024 * 1024

export interface Recorder {
  note(seen: Seen): void
  /** Resolves once everything is in the file. */
  close(): Promise<void>
}

/** Adds to `path`; `null` keeps nothing. Rejects when the file cannot be opened. `onFull` is called once, after the last line that fits. */
export async function openRecorder(path: string | null, onFull: () => void): Promise<Recorder> {
  if (path === null) return { note() {}, close: () => Promise.resolve() }
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 })
  await new Promise<void>((resolve, reject) => {
    file.once('open', () => resolve())
    file.once('error', reject)
  })
  file.on('error', onFull)
  let left = MOST_BYTES
  return {
    note(seen) {
      const line = `${JSON.stringify(seen)}\n`
      const before = left
      left -= Buffer.byteLength(line)
      if (left >= 0) file.write(line)
      else if (before >= 0) onFull()
    },
    close: () => new Promise((resolve) => file.end(() => resolve())),
  }
}
