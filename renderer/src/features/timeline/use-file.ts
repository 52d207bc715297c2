/** Bytes of a file that is here: as a picture's address while it is on screen, or saved where the person wants. */
import { useCallback, useEffect, useState } from 'react'
import type { Backend } from '../../../../shared/contract/api.ts'
import { FILE_CHUNK_BYTES, type MessageId } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { useBackend, useDispatch } from '../../state/backend.ts'
import { saveAs } from '../../ui/save-as.ts'
import { safeFileName } from './file-name.ts'

/** The only types ever shown as pictures; the engine decides the type by content. SVG and HTML are not among them. */
export const pictureTypes: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

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

/** `null` until it can be shown, and when it cannot. */
export function usePicture(messageId: MessageId, type: string, wanted: boolean): string | null {
  const backend = useBackend()
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    if (!wanted || !pictureTypes.includes(type)) return
    const left = new AbortController()
    let made: string | null = null
    readFile(backend, messageId, left.signal).then(
      (parts) => {
        if (left.signal.aborted) return
        made = URL.createObjectURL(new Blob(parts, { type }))
        setUrl(made)
      },
      // The row under the picture's place says that the file is missing; there is nothing to add.
      () => {},
    )
    return () => {
      left.abort()
      if (made) URL.revokeObjectURL(made)
      setUrl(null)
    }
  }, [backend, messageId, type, wanted])
  return url
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
