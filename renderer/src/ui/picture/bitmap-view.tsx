/** Pixels on the page: a canvas with the role and the name of a picture; without a name it is decoration. Its own width is `--picture-width`. */
import { useLayoutEffect, useRef } from 'react'

interface BitmapViewProps {
  bitmap: ImageBitmap
  label: string
  className?: string | undefined
}

export function BitmapView({ bitmap, label, className }: BitmapViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    const element = canvas.current
    if (!element) return
    element.width = bitmap.width
    element.height = bitmap.height
    element.style.setProperty('--picture-width', `${bitmap.width / window.devicePixelRatio}px`)
    element.getContext('2d')?.drawImage(bitmap, 0, 0)
    return () => {
      // Its memory goes now, not when it is collected.
      element.width = 0
      element.height = 0
    }
  }, [bitmap])
  return <canvas ref={canvas} className={className} {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })} />
}
