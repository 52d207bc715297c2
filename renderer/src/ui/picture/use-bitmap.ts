/** A picture decoded at the size of its place, for as long as that place is on the page. */
import { useEffect, useState } from 'react'
import { type Decoded, decodePicture, type Refused } from './decode.ts'

/** In CSS pixels. */
export interface Box {
  readonly width: number
  readonly height: number
}

export type Picture = { readonly bitmap: ImageBitmap } | { readonly refused: Refused | 'missing' }

/** `null` until it is there. `read` gives the bytes, anew for every decoding; keep it the same while the picture is. */
export function useBitmap(read: (signal: AbortSignal) => Promise<ArrayBuffer>, { width, height }: Box): Picture | null {
  const [picture, setPicture] = useState<Picture | null>(null)
  useEffect(() => {
    const left = new AbortController()
    let made: ImageBitmap | null = null
    const scale = window.devicePixelRatio
    const load = async (): Promise<Decoded> => {
      const bytes = await read(left.signal)
      return decodePicture({ bytes, width: width * scale, height: height * scale }, left.signal)
    }
    load().then(
      (decoded) => {
        if (typeof decoded === 'string') return left.signal.aborted || setPicture({ refused: decoded })
        made = decoded
        if (left.signal.aborted) decoded.close()
        else setPicture({ bitmap: decoded })
      },
      () => left.signal.aborted || setPicture({ refused: 'missing' }),
    )
    return () => {
      left.abort()
      // Its memory is a picture's, not that of a few bytes: not left to the collector.
      made?.close()
      setPicture(null)
    }
  }, [read, width, height])
  return picture
}
