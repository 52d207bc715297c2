/** What a name honestly leads to: what the bundle and lookups past this network say, and where the site proves who it is. Not a majority. */
import { CONTROL_WINDOW_MS, endOf, isMeanwhile, PATIENCE_MS, type Row, type Scene } from '../scene.ts'

export interface Truth {
  readonly addresses: ReadonlySet<string>
  /** Whether one of them has proven itself. */
  readonly proven: boolean
  /** What an authenticated lookup says by itself: `null` when none has answered. */
  readonly elsewhere: readonly string[] | 'no-such-name' | null
  /** Whether one said of late that there is no such name: an honest resolver may still say so when it is back (RFC 2308). */
  readonly wasGone: boolean
  /** Whether one may still answer. */
  readonly isPending: boolean
}

/** `row`: in which the answer in question was met. */
export function truthFor(scene: Scene, name: string, row: Row): Truth {
  const bundled = scene.context.endpoints.filter((endpoint) => endpoint.host === name).flatMap((endpoint) => endpoint.addresses)
  const authenticated = scene.dns.filter(({ last }) => last.name === name && last.resolver === 'doh')
  // What was true a moment ago may still be told: nobody hears of a change at once.
  const told = authenticated.flatMap(({ last, all }) => all.filter((o) => o === last || isMeanwhile(o, row)))
  const answers = told.flatMap(({ outcome }) => (outcome.kind === 'answer' ? outcome.addresses : []))
  const isGone = authenticated.some(({ last }) => last.outcome.kind === 'nxdomain')
  const isHere = authenticated.some(({ last }) => last.outcome.kind === 'answer')
  const addresses = new Set([...bundled, ...answers])
  return {
    addresses,
    proven: [...addresses].some((address) => isProven(scene, address, name)),
    elsewhere: isHere || (answers.length > 0 && !isGone) ? answers : isGone ? 'no-such-name' : null,
    wasGone: told.some(({ outcome }) => outcome.kind === 'nxdomain'),
    isPending: !authenticated.some(({ last }) => endOf(last) >= row.since) && scene.context.now - row.since < PATIENCE_MS,
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

/** What the same resolver said of unrelated names meanwhile: `null` if it was not asked. */
export function answersOthers(scene: Scene, row: Row): boolean | null {
  const asked = scene.dns
    .filter(({ last }) => last.role === 'control' && last.resolver === 'system' && !last.madeUp)
    .flatMap(({ all }) => all.filter((o) => isMeanwhile(o, row)))
  return asked.length === 0 ? null : asked.some(({ outcome }) => outcome.kind === 'answer')
}

/** Whether this network's resolver led a name that nobody has to one of these meanwhile. */
export function givesToAnyName({ dns }: Scene, addresses: readonly string[], row: Row): boolean {
  const made = dns.flatMap(({ all }) => all.filter((o) => o.madeUp && isMeanwhile(o, row)))
  return made.some(({ outcome }) => outcome.kind === 'answer' && outcome.addresses.some((address) => addresses.includes(address)))
}

/** What this network's resolver says of a name that nobody has. */
export function madeUpAnswer(scene: Scene, at: number) {
  return scene.dns.map(({ last }) => last).find((o) => o.madeUp && Math.abs(o.at - at) < CONTROL_WINDOW_MS)?.outcome ?? null
}
