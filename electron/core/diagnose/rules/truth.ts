/** What a name honestly leads to: what the bundle and lookups past this network say, and where the site proves who it is. Not a majority. */
import { CONTROL_WINDOW_MS, type Scene } from '../scene.ts'

export interface Truth {
  readonly addresses: ReadonlySet<string>
  /** Whether one of them has proven itself. */
  readonly proven: boolean
  /** What an authenticated lookup says by itself: `null` when none has answered. */
  readonly elsewhere: readonly string[] | 'no-such-name' | null
}

export function truthFor(scene: Scene, name: string): Truth {
  const bundled = scene.context.endpoints.filter((endpoint) => endpoint.host === name).flatMap((endpoint) => endpoint.addresses)
  const authenticated = scene.dns.map(({ last }) => last).filter((o) => o.name === name && o.resolver === 'doh')
  const answers = authenticated.flatMap(({ outcome }) => (outcome.kind === 'answer' ? outcome.addresses : []))
  const isGone = authenticated.some(({ outcome }) => outcome.kind === 'nxdomain')
  const addresses = new Set([...bundled, ...answers])
  return {
    addresses,
    proven: [...addresses].some((address) => isProven(scene, address, name)),
    elsewhere: answers.length > 0 ? answers : isGone ? 'no-such-name' : null,
  }
}

export function isProven(scene: Scene, address: string, name: string): boolean {
  return scene.tls.some(({ last }) => last.address === address && last.sni === name && last.outcome.kind === 'established')
}

/** The answer's addresses have been tried, and none is the site. */
export function answerFails(scene: Scene, addresses: readonly string[], name: string): boolean {
  const failed = (address: string) =>
    scene.tls.some(({ last }) => last.address === address && last.sni === name && last.outcome.kind !== 'established') ||
    scene.tcp.some(({ last }) => last.address === address && last.outcome.kind !== 'connected')
  return addresses.length > 0 && addresses.every(failed)
}

/** What the same resolver said of unrelated names at about the same time: `null` if it was not asked. */
export function answersOthers(scene: Scene, at: number): boolean | null {
  const asked = scene.dns
    .map(({ last }) => last)
    .filter((o) => o.role === 'control' && o.resolver === 'system' && !o.madeUp && Math.abs(o.at - at) < CONTROL_WINDOW_MS)
  return asked.length === 0 ? null : asked.some(({ outcome }) => outcome.kind === 'answer')
}

/** What this network's resolver says of a name that nobody has. */
export function madeUpAnswer(scene: Scene, at: number) {
  return scene.dns.map(({ last }) => last).find((o) => o.madeUp && Math.abs(o.at - at) < CONTROL_WINDOW_MS)?.outcome ?? null
}
