/** What the page and its decoder say to each other, and the limits that the decoder keeps before it decodes anything. */

export const pictureTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const

/** As many bytes as a file may have at all. */
export const MAX_PICTURE_BYTES = 32 * 1024 * 1024
/** Decoded it takes four bytes a pixel: a quarter of a GiB. */
export const MAX_PIXELS = 64 * 1024 * 1024
/** No side of what goes back is longer, in device pixels. */
export const MAX_SIDE = 4096

export interface DecodeRequest {
  readonly bytes: ArrayBuffer
  /** The picture is made to fit into this, in device pixels; never made larger. */
  readonly width: number
  readonly height: number
}

export type DecodeAnswer = { readonly bitmap: ImageBitmap } | { readonly refused: 'too-large' | 'damaged' }
