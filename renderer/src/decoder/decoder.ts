/**
 * The whole program of the frame that decodes pictures, and all that it can do: take bytes, give pixels. It runs in an opaque
 * origin, without network, storage or a view of the page; each frame decodes one picture and is then thrown away.
 */
import { dimensionsOf } from './dimensions.ts'
import { type DecodeAnswer, type DecodeRequest, MAX_PICTURE_BYTES, MAX_PIXELS, MAX_SIDE } from './protocol.ts'

addEventListener(
  'message',
  ({ source, data, ports }: MessageEvent<DecodeRequest>) => {
    const [port] = ports
    if (source !== parent || !port) return
    decode(data).then(
      (answer) => port.postMessage(answer, 'bitmap' in answer ? [answer.bitmap] : []),
      () => port.postMessage({ refused: 'damaged' } satisfies DecodeAnswer),
    )
  },
  { once: true },
)

async function decode({ bytes, width, height }: DecodeRequest): Promise<DecodeAnswer> {
  if (bytes.byteLength > MAX_PICTURE_BYTES) return { refused: 'too-large' }
  const said = dimensionsOf(new Uint8Array(bytes))
  if (!said || said.width === 0 || said.height === 0) return { refused: 'damaged' }
  if (said.width * said.height > MAX_PIXELS) return { refused: 'too-large' }
  // Of an animation this is the first frame.
  const whole = await createImageBitmap(new Blob([bytes], { type: said.type }))
  const scale = Math.min(1, width / whole.width, height / whole.height, MAX_SIDE / whole.width, MAX_SIDE / whole.height)
  if (scale === 1) return { bitmap: whole }
  const fitted = {
    resizeWidth: Math.max(1, Math.round(whole.width * scale)),
    resizeHeight: Math.max(1, Math.round(whole.height * scale)),
    resizeQuality: 'medium',
  } as const
  const bitmap = await createImageBitmap(whole, fitted)
  whole.close()
  return { bitmap }
}
