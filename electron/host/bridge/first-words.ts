/** Whether a connection begins with the one request that opens a bridge: read without taking anything from it. */
import { timingSafeEqual } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../../shared/util/clock.ts'

const MAX_HEAD = 8_192
const WAIT_MS = 10_000
const METHOD = Buffer.from('GET /', 'latin1')

/**
 * Resolves with true once the whole head of a WebSocket upgrade on `path` is there, with false as soon as it cannot become one. The path is
 * looked at once its line is whole and not before: else somebody could guess it sign by sign, by how long we wait for the next. What
 * was read is put back, and the stream is left paused. False also for who says nothing for long: the site, too, would wait, and knows what to do then.
 */
export function opensBridge(stream: Duplex, path: string, clock: Clock): Promise<boolean> {
  const opening = Buffer.from(`GET ${path} HTTP/1.1`, 'latin1')
  let heard = Buffer.alloc(0)
  return new Promise((resolve) => {
    const settle = (opens: boolean) => {
      timer.cancel()
      stream.off('data', onData)
      stream.off('close', onEnd)
      stream.off('end', onEnd)
      stream.pause()
      if (heard.length > 0) stream.unshift(heard)
      resolve(opens)
    }
    const onData = (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes])
      const compared = Math.min(heard.length, METHOD.length)
      if (!heard.subarray(0, compared).equals(METHOD.subarray(0, compared)) || heard.length > MAX_HEAD) return settle(false)
      const line = heard.indexOf('\r\n')
      if (line < 0) return
      if (line !== opening.length || !timingSafeEqual(heard.subarray(0, line), opening)) return settle(false)
      if (heard.includes('\r\n\r\n')) settle(isUpgrade(heard.toString('latin1')))
    }
    const onEnd = () => settle(false)
    const timer = clock.after(WAIT_MS, onEnd)
    stream.on('data', onData)
    stream.on('close', onEnd)
    stream.on('end', onEnd)
  })
}

/** RFC 6455 section 4.2.1. */
function isUpgrade(head: string): boolean {
  const has = (line: RegExp) => line.test(head)
  return (
    has(/\r\nupgrade: *websocket *\r\n/i) &&
    has(/\r\nconnection:[^\r]*\bupgrade\b/i) &&
    has(/\r\nsec-websocket-version: *13 *\r\n/i) &&
    has(/\r\nsec-websocket-key: *[A-Za-z0-9+/]{22}== *\r\n/i)
  )
}
