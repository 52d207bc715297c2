/**
 * How poor the line itself is, from what strangers and whoever was let in saw of it. Silence is what a lossy line gives too: how often it
 * must come again before it means something follows from how often packets are lost here.
 */
import { AGAIN_MS, TRIES } from '../net/dns/udp.ts'
import type { TcpObservation } from './observation.ts'
import type { Scene } from './scene.ts'

/** RFC 6298 section 2.1: a SYN is sent again after a second; whoever waited about that long lost one. */
const RESENT_MS = 900
/** No usual system waits for less before it sends a packet again. */
const LEAST_WAIT_MS = 300
/** A line stays as it is for longer than a block takes to come. */
const WINDOW_MS = 5 * 60_000
/** What is thought of a line before anything was seen of it: one packet lost of ten. */
const PRIOR = { troubled: 0.25, tries: 2.5 } as const
/** The chance that is left to accident. A fortieth of five in a row against five controls (detection.md 5.3), for five planes are looked at again and again. */
const ACCIDENT = 0.0001
/** However poor the line: more tries than this nobody makes. */
const MOST_NEEDED = 8

/**
 * Tries that neither a block nor a crowd explains: where nothing is `suspected`, all of strangers, and of ours those that came about.
 * How many there were, and in how many a first packet was lost.
 */
function triesOn(
  { tcp, context }: Scene,
  suspected: (o: TcpObservation) => boolean,
): { tries: number; troubled: number; quickest: number } {
  const tries = tcp
    .flatMap(({ all }) => all)
    .filter((o) => o.source !== 'proxy' && context.now - o.at < WINDOW_MS)
    .filter((o) => !suspected(o) && (o.outcome.kind === 'connected' || (o.role === 'control' && isTold(o))))
  const quickest = Math.min(...tries.filter(({ outcome }) => outcome.kind === 'connected').map(({ ms }) => ms))
  const troubled = tries.filter(({ outcome, ms }) => outcome.kind === 'timeout' || ms >= quickest + RESENT_MS)
  return { tries: tries.length, troubled: troubled.length, quickest }
}

/** Whether any connection that came about had to be asked for twice. */
export function isPoor(scene: Scene): boolean {
  return triesOn(scene, ({ outcome }) => outcome.kind !== 'connected').troubled > 0
}

function isTold({ outcome }: TcpObservation): boolean {
  return outcome.kind === 'connected' || outcome.kind === 'timeout'
}

/**
 * How often a silence of `ms` must have come in a row. Once is enough only where a handshake was sent again so often that this line
 * loses no such row by accident. `rttMs`: to the place that was silent, if it ever answered.
 */
export function silencesNeeded(
  scene: Scene,
  suspected: (o: TcpObservation) => boolean,
  { layer, ms, rttMs }: { layer: string; ms: number; rttMs?: number | null },
): number {
  const { tries, troubled, quickest } = triesOn(scene, suspected)
  const loss = (PRIOR.troubled + troubled) / (PRIOR.tries + tries)
  const packets =
    layer === 'tls' ? handshakesLost(ms, rttMs ?? quickest) : layer === 'dns' ? asked(ms, quickest) : ms < RESENT_MS + quickest ? 1 : 2
  return Math.min(MOST_NEEDED, Math.max(1, Math.ceil(Math.log(ACCIDENT) / (packets * Math.log(loss)))))
}

/** So often a question was sent early enough for an answer (core/net/dns/udp.ts). */
function asked(ms: number, rttMs: number): number {
  const early = 1 + Math.floor((ms - (Number.isFinite(rttMs) ? rttMs : AGAIN_MS)) / AGAIN_MS)
  return Math.max(1, Math.min(TRIES, early))
}

/** Each was sent, and an answer to it could be there. After one sample the wait is three round trips (RFC 6298 section 2.2), and it doubles (5.5). */
function handshakesLost(ms: number, rttMs: number): number {
  if (!Number.isFinite(rttMs)) return 1
  const again = Math.max(LEAST_WAIT_MS, 3 * rttMs)
  return Math.max(1, Math.floor(Math.log2(1 + Math.max(0, ms - rttMs) / again)) + 1)
}
