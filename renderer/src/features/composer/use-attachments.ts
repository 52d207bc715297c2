/** Files chosen to be sent: looked at and removed before sending, then handed to the engine piece by piece, with progress. */
import { useCallback, useRef, useState } from 'react'
import type { Backend } from '../../../../shared/contract/api.ts'
import { type ChatId, FILE_CHUNK_BYTES, type FileId, MAX_FILE_BYTES } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { pictureTypes } from '../../decoder/protocol.ts'
import { useBackend, useDispatch } from '../../state/backend.ts'

export interface Attachment {
  readonly id: string
  readonly file: File
  readonly isPicture: boolean
  /** 0 to 1 while handed over; `null` before. */
  readonly progress: number | null
  /** A picture that the other side can open once. */
  readonly once: boolean
}

const MAX_NAME = 255

export interface Attachments {
  readonly list: readonly Attachment[]
  add(files: readonly File[]): void
  /** Before sending: takes it away. While it is handed over: stops that. */
  remove(id: string): void
  setOnce(id: string, once: boolean): void
  /** Hands over what is in the list, in order. */
  send(): Promise<void>
}

export function useAttachments(chatId: ChatId): Attachments {
  const backend = useBackend()
  const dispatch = useDispatch()
  const [list, setList] = useState<readonly Attachment[]>([])
  const running = useRef(new Map<string, AbortController>())
  const shown = useRef(list)
  shown.current = list

  const drop = useCallback((id: string) => setList((attachments) => attachments.filter((attachment) => attachment.id !== id)), [])

  const add = useCallback(
    (files: readonly File[]) => {
      const fits = files.filter(({ size }) => size > 0 && size <= MAX_FILE_BYTES)
      if (fits.length < files.length)
        dispatch({ type: 'failure.shown', code: files.some(({ size }) => size > 0) ? 'file-too-large' : 'bad-input' })
      const added = fits.map((file) => ({
        id: crypto.randomUUID(),
        file,
        isPicture: pictureTypes.some((type) => type === file.type),
        progress: null,
        once: false,
      }))
      setList((attachments) => [...attachments, ...added])
    },
    [dispatch],
  )

  const remove = useCallback(
    (id: string) => {
      running.current.get(id)?.abort()
      drop(id)
    },
    [drop],
  )

  const setOnce = useCallback(
    (id: string, once: boolean) =>
      setList((attachments) => attachments.map((one) => (one.id === id && one.isPicture ? { ...one, once } : one))),
    [],
  )

  const send = useCallback(async () => {
    for (const { id, file, progress, once } of shown.current) {
      if (progress !== null) continue
      const stop = new AbortController()
      running.current.set(id, stop)
      const tell = (done: number) =>
        setList((attachments) => attachments.map((one) => (one.id === id ? { ...one, progress: done / file.size } : one)))
      tell(0)
      try {
        await handOver(backend, { chatId, messageId: id, once }, file, tell, stop.signal)
        drop(id)
      } catch (error) {
        if (!stop.signal.aborted) {
          dispatch({ type: 'failure.shown', code: error instanceof BackendError ? error.code : 'no-such-file' })
          setList((attachments) => attachments.map((one) => (one.id === id ? { ...one, progress: null } : one)))
        }
      } finally {
        running.current.delete(id)
      }
    }
  }, [backend, chatId, dispatch, drop])

  return { list, add, remove, setOnce, send }
}

async function handOver(
  backend: Backend,
  { chatId, messageId, once }: { chatId: ChatId; messageId: string; once: boolean },
  file: File,
  tell: (done: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { fileId } = await backend.call('file.begin', {
    chatId,
    messageId,
    name: shortened(file.name),
    size: file.size,
    ...(once && { once }),
  })
  try {
    for (let offset = 0; offset < file.size; offset += FILE_CHUNK_BYTES) {
      signal.throwIfAborted()
      const bytes = new Uint8Array(await file.slice(offset, offset + FILE_CHUNK_BYTES).arrayBuffer())
      await backend.call('file.append', { fileId, offset, bytes })
      tell(offset + bytes.length)
    }
    signal.throwIfAborted()
    await backend.call('file.finish', { fileId })
  } catch (error) {
    await cancelled(backend, fileId)
    throw error
  }
}

/** The engine forgets what came so far. Where it has already forgotten, that is as good. */
async function cancelled(backend: Backend, fileId: FileId): Promise<void> {
  try {
    await backend.call('file.cancel', { fileId })
  } catch {
    // Nothing is kept of it either way.
  }
}

/** Keeps the ending, by which people know what it is. */
function shortened(name: string): string {
  if (name.length <= MAX_NAME) return name || 'file'
  const ending = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? ''
  return name.slice(0, MAX_NAME - ending.length) + ending
}
