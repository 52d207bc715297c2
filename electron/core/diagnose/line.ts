/**
 * How poor the line itself is, from what strangers and whoever was let in saw of it. Silence is what a lossy line gives too: how often it
 * must come again before it means something follows from how often packets are lost here.
 */
import type { TcpObservation } from './observation.ts'
import type { Scene } from './scene.ts'

/** RFC 6298 section 2.1: a SYN is sent again after a second; whoever waited about that long lost one. */
const RESENT_MS = 900
/** A line stays as it is for longer than a block takes to come. */
const WINDOW_MS = 5 * 60_000
/** One may be two lost packets on any line. */
export const LEAST_NEEDED = 2
/** What is thought of a line before anything was seen of it: one packet lost of ten. */
const PRIOR = { troubled: 0.25, tries: 2.5 } as const
/** The chance that is left to accident. An eighth of five in a row against five controls (detection.md 5.3), for five planes are looked at again and again. */
const ACCIDENT = 0.0005
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

/** How often a silence of `ms` must have come in a row: each is two packets lost, or one where no answer to a second could be there yet. */
export function silencesNeeded(scene: Scene, suspected: (o: TcpObservation) => boolean, ms: number): number {
  const { tries, troubled, quickest } = triesOn(scene, suspected)
  const packets = Number.isFinite(quickest) && ms < RESENT_MS + quickest ? 1 : 2
  const loss = (PRIOR.troubled + troubled) / (PRIOR.tries + tries)
  return Math.min(MOST_NEEDED, Math.max(LEAST_NEEDED, Math.ceil(Math.log(ACCIDENT) / (packets * Math.log(loss)))))
}
