/** Bytes of a file that is here: as a picture while it is on screen, or saved where the person wants. */
import { useCallback } from 'react'
import type { Backend } from '../../../../shared/contract/api.ts'
import { FILE_CHUNK_BYTES, type MessageId } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { pictureTypes } from '../../decoder/protocol.ts'
import { useBackend, useDispatch } from '../../state/backend.ts'
import { type Box, type Picture, useBitmap } from '../../ui/picture/use-bitmap.ts'
import { saveAs } from '../../ui/save-as.ts'
import { safeFileName } from './file-name.ts'

/** The only types ever shown as pictures; the engine decides the type by content. SVG and HTML are not among them. */
export const isPictureType = (type: string) => pictureTypes.some((one) => one === type)

async function readFile(backend: Backend, messageId: MessageId, signal: AbortSignal | null): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  for (;;) {
    signal?.throwIfAborted()
    const { bytes, total } = await backend.call('file.read', { messageId, offset, length: FILE_CHUNK_BYTES })
    parts.push(new Uint8Array(bytes))
    offset += bytes.length
    if (offset >= total) return parts
    if (bytes.length === 0) throw new BackendError('no-such-file')
  }
}

/** The picture of a message, decoded to fit `box`; `null` until it is. */
export function usePicture(messageId: MessageId, box: Box): Picture | null {
  const backend = useBackend()
  const read = useCallback(
    async (signal: AbortSignal) => new Blob(await readFile(backend, messageId, signal)).arrayBuffer(),
    [backend, messageId],
  )
  return useBitmap(read, box)
}

export function useSaveFile(): (messageId: MessageId, name: string) => Promise<void> {
  const backend = useBackend()
  const dispatch = useDispatch()
  return useCallback(
    async (messageId, name) => {
      try {
        // Never its own type: what is saved is not opened by the browser.
        saveAs(new Blob(await readFile(backend, messageId, null), { type: 'application/octet-stream' }), safeFileName(name))
      } catch (error) {
        dispatch({ type: 'failure.shown', code: error instanceof BackendError ? error.code : 'internal' })
      }
    },
    [backend, dispatch],
  )
}
