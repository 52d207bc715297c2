/**
 * The least that physics asks for, in ms, by what stands in the way. Two floors each: for who dials everything there is at once, which no
 * evidence can make faster; and for who dials nobody without a reason, which shows a censor no list of ways. Derivation at each line. Pure.
 */

export interface Distances {
  /** Round trip to the service, whichever entrance, and by way of a proxy. */
  readonly rttMs: number
  /** Round trip to the box that answers in the service's name; never more than to the service. */
  readonly boxMs: number
  /** Round trip to a proxy on that way. */
  readonly proxyMs: number
}

/** TLS 1.3, WebSocket upgrade and namespace CONNECT take one round trip each; the open packet of engine.io comes with the upgrade. */
const TRIPS_AFTER_TCP = 3
/** What would have answered in one round trip is not silent before that is over, and a fifth more: less, and slow is taken for silent. */
const LEAST_SILENCE = 1.2

/** TCP, then those: four round trips. With a known address no look-up gates it, so lies and silence in DNS cost nothing. */
export function plainFloor({ rttMs }: Distances): number {
  return (1 + TRIPS_AFTER_TCP) * rttMs
}

/** SOCKS5 takes TCP and the greeting to the proxy; its CONNECT goes on to the service, as the other three trips do. */
export function proxyFloor({ rttMs, proxyMs }: Distances): number {
  return 2 * proxyMs + (1 + TRIPS_AFTER_TCP) * rttMs
}

/** A SYN that is dropped tells nothing but silence. */
function silence({ rttMs }: Distances): number {
  return LEAST_SILENCE * rttMs
}

/** Own addresses silent; then another entrance. */
export function synDroppedInTurn(distances: Distances): number {
  return silence(distances) + plainFloor(distances)
}

/** The box must see the ClientHello, which leaves after one round trip, and answers from where it stands; then another entrance. */
export function nameResetInTurn(distances: Distances): number {
  return distances.rttMs + distances.boxMs + plainFloor(distances)
}

/** As with a reset, but what tells is that the ClientHello was not answered. */
export function nameDroppedInTurn(distances: Distances): number {
  return distances.rttMs + silence(distances) + plainFloor(distances)
}

/** Everything direct is silent; then all proxies, for nothing tells them apart. */
export function oneProxyInTurn(distances: Distances): number {
  return silence(distances) + proxyFloor(distances)
}

/** From the cut of a live path, while somebody writes: an answer is overdue; then a connect by another way. */
export function cutFloor(distances: Distances): number {
  return silence(distances) + plainFloor(distances)
}

/** With another session open: an answer is overdue; then one round trip by the other. */
export function cutWithStandbyFloor(distances: Distances): number {
  return silence(distances) + distances.rttMs
}
