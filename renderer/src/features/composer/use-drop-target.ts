/** The whole window takes dropped files while a chat is open. A file dropped elsewhere would make the browser leave the page. */
import { useEffect, useRef, useState } from 'react'

export function useDropTarget(onFiles: (files: readonly File[]) => void): boolean {
  const [dropping, setDropping] = useState(false)
  const newest = useRef(onFiles)
  newest.current = onFiles

  useEffect(() => {
    // Entering a child fires before leaving its parent.
    let depth = 0
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const count = (by: number) => {
      depth = Math.max(0, depth + by)
      setDropping(depth > 0)
    }
    const enter = (event: DragEvent) => hasFiles(event) && count(1)
    const leave = (event: DragEvent) => hasFiles(event) && count(-1)
    const over = (event: DragEvent) => hasFiles(event) && event.preventDefault()
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      depth = 0
      setDropping(false)
      newest.current([...(event.dataTransfer?.files ?? [])])
    }
    const listeners = { dragenter: enter, dragleave: leave, dragover: over, drop } as const
    for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name as keyof typeof listeners, listener)
    return () => {
      for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name as keyof typeof listeners, listener)
    }
  }, [])
  return dropping
}
