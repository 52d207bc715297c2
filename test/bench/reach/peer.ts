/** A schedule that somebody published, replayed: constants only, over the kit's steps; and the figures of its own source that it must give first. */
import { type Dead, freeWorld } from './free-kit.ts'
import type { Kit } from './kit.ts'

export interface Installed {
  /** Resolves when the service has answered. What it learned stays for the next time. Rejects when it gives up; nothing is left open then. */
  connect(signal: AbortSignal): Promise<void>
}

export interface Known {
  /** What its source says of it. */
  readonly says: string
  readonly ms: number
  /** Where the source gives a bound only. */
  readonly atLeast?: boolean
  readonly dead: Dead
  /** The figure is of a second connect, under `dead`, after a first under this. */
  readonly after?: Dead
  readonly people?: People
}

/** What the people there have set up. */
export interface People {
  /** The ten proxies are in the list, and using them is switched on. */
  readonly useProxies: boolean
}

export interface Peer {
  readonly name: string
  install(kit: Kit, people: People): Installed
  /** When it takes a connection for dead that answers nothing while somebody writes, and what its source says of it. */
  readonly deadAfter?: { readonly ms: number; readonly says: string }
  /** At least one. Steps cost nothing there: what is measured are its own constants. */
  readonly known: readonly Known[]
}

export interface Calibration {
  readonly known: Known
  readonly ms: number
  readonly ok: boolean
}

/** Whether a replay gives the figures that its source has published, or derives from its constants. */
export async function calibrate({ install, known }: Peer): Promise<Calibration[]> {
  const checked: Calibration[] = []
  for (const one of known) {
    const world = freeWorld()
    const client = install(world.kit, one.people ?? { useProxies: false })
    if (one.after) {
      world.become(one.after)
      await world.time((signal) => client.connect(signal))
    }
    world.become(one.dead)
    const ms = await world.time((signal) => client.connect(signal))
    checked.push({ known: one, ms, ok: one.atLeast ? ms >= one.ms : ms === one.ms })
  }
  return checked
}
