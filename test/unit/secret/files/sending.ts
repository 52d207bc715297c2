/** Files in a secret chat between two whole engines: handing over, waiting, reading back. */
import { FILE_CHUNK_BYTES } from '../../../../shared/contract/chat.ts'
import type { VirtualClock } from '../../../../shared/util/virtual-clock.ts'
import { type Profile, settle } from '../../chats/profile.ts'
import { rows } from '../engine/pair.ts'

let count = 0
export const nextId = () => `11111111-0000-4000-8000-${String(++count).padStart(12, '0')}`

export async function handOver(from: Profile, peer: string, name: string, bytes: Uint8Array, more: { once?: boolean } = {}) {
  const { handlers } = from.core
  const begun = await handlers['file.begin']({ chatId: `secret:${peer}`, messageId: nextId(), name, size: bytes.length, ...more })
  const { fileId } = begun
  for (let offset = 0; offset < bytes.length; offset += FILE_CHUNK_BYTES) {
    await handlers['file.append']({ fileId, offset, bytes: bytes.slice(offset, offset + FILE_CHUNK_BYTES) })
  }
  return handlers['file.finish']({ fileId })
}

/** Until this person has a file in that state, or a fair time has passed. */
export async function until(clock: VirtualClock, profile: Profile, peer: string, state: string) {
  for (let i = 0; i < 60 && (await fileOf(profile, peer))?.transfer.state !== state; i++) {
    await settle(4)
    clock.advance(50)
  }
  return fileOf(profile, peer)
}

/** The newest file. */
export async function fileOf(profile: Profile, peer: string) {
  const message = (await rows(profile, peer)).findLast(({ body }) => body.kind === 'file')
  if (message?.body.kind !== 'file') return undefined
  return { id: message.id, delivery: message.delivery, vanish: message.vanish, ...message.body }
}

export async function readAll(profile: Profile, messageId: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for (let offset = 0; ; ) {
    const { bytes, total } = await profile.core.handlers['file.read']({ messageId, offset, length: 150_001 })
    parts.push(bytes)
    offset += bytes.length
    if (offset >= total) return Buffer.concat(parts)
  }
}
