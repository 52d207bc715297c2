/** Packets that must be refused: noise, and a true packet with one bit changed. */
import { randomBytes } from 'node:crypto'
import { shortText } from './ends.ts'
import { openOurs, ourStates } from './ours.ts'
import { signalTalk } from './signal.ts'

const NOISE_BYTES = 420

interface Case {
  readonly name: string
  work(): unknown
}

const lastBitFlipped = (packet: Uint8Array) => packet.with(packet.length - 1, (packet.at(-1) ?? 0) ^ 1)

export function ourGarbage(): Case[] {
  const { state, packet } = ourStates()
  const altered = lastBitFlipped(packet)
  const noise = new Uint8Array(randomBytes(NOISE_BYTES))
  noise.set([1, 2])
  return [
    { name: 'ours: noise', work: () => openOurs(state, noise) },
    { name: 'ours: a true packet, altered', work: () => openOurs(state, altered) },
  ]
}

export async function signalGarbage(): Promise<Case[]> {
  const { ends } = await signalTalk()
  const altered = lastBitFlipped(await ends[0].write(shortText()))
  const noise = new Uint8Array(randomBytes(NOISE_BYTES))
  const refused = (packet: Uint8Array) => async () => {
    const isOpen = await Promise.resolve(ends[1].read(packet)).then(
      () => true,
      () => false,
    )
    if (isOpen) throw new Error('garbage was opened')
  }
  return [
    { name: 'libsignal: noise', work: refused(noise) },
    { name: 'libsignal: a true packet, altered', work: refused(altered) },
  ]
}
