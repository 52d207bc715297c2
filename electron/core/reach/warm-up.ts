/**
 * What a program does for the first time takes many times longer than later, for its code and tables are then made ready. This
 * makes ready what a login needs while the first connection is on its way and there is nothing else to do: nine milliseconds of
 * a first connect of 355, where the round trips alone take 320. Nothing leaves this computer, and nothing depends on it.
 */
import { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Clock } from '../../../shared/util/clock.ts'
import { sign, verify } from '../../../shared/util/signing.ts'
import { type LoginOptions, openSession } from './login.ts'

/** No purpose that a relay would accept. */
const PURPOSE = 'throughline warm-up'

/** Soon, not now: what is under way goes first. */
export function warmUp(clock: Clock, options: LoginOptions): void {
  clock.after(0, () => {
    const { key } = options.identity
    verify(PURPOSE, [], sign(PURPOSE, [], key), key.publicKey)
    const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const tls = new TLSSocket(nowhere)
    tls.on('error', () => {})
    const end = new AbortController()
    openSession(tls, options, end.signal).catch(() => nowhere.destroy())
    // The request is written before the next timer.
    clock.after(0, () => end.abort())
  })
}
