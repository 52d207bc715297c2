/** Everybody whose schedule is replayed. */
import type { Peer } from '../peer.ts'
import { outline } from './outline.ts'
import { psiphon } from './psiphon.ts'
import { signal } from './signal.ts'
import { telegram } from './telegram.ts'
import { tor } from './tor.ts'

export const peers: readonly Peer[] = [signal, outline, psiphon, telegram, tor]
