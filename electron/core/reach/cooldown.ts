/** What was blocked a moment ago is left alone for a while: boxes that saw a forbidden name punish whoever repeats it (60 to 180 s). */
import type { Clock } from '../../../shared/util/clock.ts'
import type { DialPhase, DialReason } from '../net/errors.ts'
import type { Candidate } from './candidates.ts'
import type { Start } from './plan.ts'

export const COOLDOWN_MS = 180_000
/** Freezes are seen after 16 to 20 kB on the wire, handshakes included; what was written into the silence counts here too. */
const FREEZE_FROM = 6_000
const FREEZE_TO = 64_000
const MAX_STALLS = 32

export interface Cooldown {
  failed(candidate: Candidate, phase: DialPhase, reason: DialReason): void
  /** A connection fell silent after so many bytes: where that is what a freezing network lets through, this address is for slices alone. */
  fellSilent(candidate: Candidate, carried: number): void
  /** Whether connections stall here as a rule. */
  freezes(): boolean
  /** Without what is cooling; if that is everything, only the way that has cooled longest. The first start is at 0 again. */
  sift(starts: readonly Start[]): Start[]
  /** Another network, or the user wants to know now. */
  clear(): void
}

export function createCooldown(clock: Clock, ms: number): Cooldown {
  const since = new Map<string, number>()
  const stalls: { readonly place: string; readonly at: number }[] = []
  const place = ({ recipe }: Candidate) => recipe.proxy?.address ?? recipe.address
  const recent = () => stalls.filter(({ at }) => clock.monotonic() - at < ms)
  /** One that stalls may have had bad luck; two look like a rule of the network. */
  const freezes = () => recent().length > 1
  const isFrozen = (candidate: Candidate) =>
    candidate.recipe.proxy?.kind !== 'slices' && freezes() && recent().some((stall) => stall.place === place(candidate))
  return {
    failed(candidate, phase, reason) {
      for (const shown of punishedWith(candidate, phase, reason)) since.set(shown, clock.monotonic())
    },
    fellSilent(candidate, carried) {
      if (carried >= FREEZE_FROM && carried <= FREEZE_TO) stalls.push({ place: place(candidate), at: clock.monotonic() })
      stalls.splice(0, stalls.length - MAX_STALLS)
    },
    freezes,
    sift(starts) {
      const at = ({ candidate }: Start) => Math.max(...waysShown(candidate).map((shown) => since.get(shown) ?? Number.NEGATIVE_INFINITY))
      const cool = starts.filter((start) => clock.monotonic() - at(start) >= ms && !isFrozen(start.candidate))
      // With nothing else left, to stay away for minutes would be worse than what is being avoided.
      const left = cool.length > 0 ? cool : [...starts].sort((a, b) => at(a) - at(b)).slice(0, 1)
      const first = left[0]?.atMs ?? 0
      return left.map((start) => ({ ...start, atMs: start.atMs - first }))
    },
    clear() {
      since.clear()
      stalls.length = 0
    },
  }
}

/** What a box on the way can tell a handshake with the relay by: where it goes, and the name it shows. */
export function shownBy({ recipe: { proxy, address, sni } }: Candidate): string {
  return `${proxy?.address ?? ''} ${address} ${sni}`
}

/** The same with how the name is cut, and what the hop shows where the way to it is TLS itself. */
function waysShown(candidate: Candidate): string[] {
  const { proxy, split } = candidate.recipe
  return [`${shownBy(candidate)} ${split}`, ...(proxy && 'sni' in proxy ? [` ${proxy.address} ${proxy.sni} null`] : [])]
}

/**
 * What of a way that failed so should not be shown again for a while. Silence, a reset or a close in answer to a name is what a box
 * does; a refusal comes from whoever listens there.
 */
export function punishedWith(candidate: Candidate, phase: DialPhase, reason: DialReason): readonly string[] {
  const [inner = '', ...outer] = waysShown(candidate)
  if (phase === 'encrypt' && (reason === 'reset' || reason === 'closed' || reason === 'timeout')) return [inner]
  return phase === 'reach' && (reason === 'reset' || reason === 'closed') ? outer : []
}

export function isPunished(candidate: Candidate, punished: ReadonlySet<string>): boolean {
  return waysShown(candidate).some((shown) => punished.has(shown))
}
