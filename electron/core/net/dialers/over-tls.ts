/**
 * TLS as a dialer, for hops that are reached over it.
 * Defends against: boxes that read what is said to a proxy; with a name of somebody else's, or none, also those that read names.
 * Does not: hide the address. Whoever ends this TLS sees what is inside, which is why TLS to the relay runs inside again.
 * Cost: one round trip, about 3 kB.
 */
import type { TLSSocket } from 'node:tls'
import type { Dialer } from '../dialer.ts'
import { encrypt, type TlsTarget } from '../tls.ts'

/** Rejects as `encrypt` does. */
export function overTls(target: TlsTarget, dial: Dialer): Dialer<TLSSocket> {
  return async (to, signal) => encrypt(await dial(to, signal), target, signal)
}
