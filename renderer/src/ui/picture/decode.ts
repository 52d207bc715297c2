/**
 * Decodes a picture outside of this page: in a frame of an opaque origin that is made for this one picture and thrown away with
 * it. This page itself never gives received bytes to a decoder; its policy (`img-src 'self'`) would not let it.
 */
import { type DecodeAnswer, type DecodeRequest, MAX_SIDE } from '../../decoder/protocol.ts'

/** After this it is given up, and its frame is ended. */
export const DECODE_MS = 10_000
/** Frames at once. */
const MOST = 2

export type Refused = 'too-large' | 'damaged'
export type Decoded = ImageBitmap | Refused

let running = 0
const waiting: (() => void)[] = []

/** `bytes` are handed over and gone here. The caller closes the bitmap. Rejects only when `signal` aborts. */
export async function decodePicture(request: DecodeRequest, signal: AbortSignal): Promise<Decoded> {
  if (running >= MOST) await new Promise<void>((resolve) => waiting.push(resolve))
  running += 1
  try {
    signal.throwIfAborted()
    return await inFrame(request, signal)
  } finally {
    running -= 1
    waiting.shift()?.()
  }
}

function inFrame(request: DecodeRequest, signal: AbortSignal): Promise<Decoded> {
  return new Promise((resolve, reject) => {
    const { port1: port, port2: theirs } = new MessageChannel()
    const frame = document.createElement('iframe')
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
      port.close()
      frame.remove()
    }
    const settle = (decoded: Decoded) => {
      end()
      resolve(decoded)
    }
    const leave = () => {
      end()
      reject(signal.reason)
    }
    const timer = setTimeout(() => settle('damaged'), DECODE_MS)
    signal.addEventListener('abort', leave)
    port.onmessage = ({ data }: MessageEvent<unknown>) => settle(checked(data))
    frame.onload = () => {
      // Its origin is opaque: no name but * means it. Whatever else came to be there could only learn this one picture.
      frame.contentWindow?.postMessage(request, '*', [request.bytes, theirs])
    }
    frame.setAttribute('sandbox', 'allow-scripts')
    frame.hidden = true
    frame.title = ''
    frame.ariaHidden = 'true'
    frame.src = './decoder.html'
    document.body.append(frame)
  })
}

/** What comes out of the frame is trusted no more than what went in. */
function checked(data: unknown): Decoded {
  const answer: Partial<Record<keyof DecodeAnswer | 'bitmap' | 'refused', unknown>> = typeof data === 'object' && data !== null ? data : {}
  const { bitmap } = answer
  if (bitmap instanceof ImageBitmap) {
    if (bitmap.width > 0 && bitmap.height > 0 && bitmap.width <= MAX_SIDE && bitmap.height <= MAX_SIDE) return bitmap
    bitmap.close()
  }
  return answer.refused === 'too-large' ? 'too-large' : 'damaged'
}
