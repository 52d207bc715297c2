/** What a bridge makes of the first words of a connection: nobody can guess its path piece by piece. */
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { opensBridge } from '../../../electron/host/bridge/first-words.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const path = '/abcdefghijklmnopqrstuvwxyz0123456789'
const rest =
  'Host: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'

/** Whether it opens, how long that took, and what is there to be read then. */
async function meet(pieces: readonly string[]): Promise<{ opens: boolean; afterMs: number; left: string }> {
  const clock = new VirtualClock()
  const stream = new PassThrough()
  const pending = opensBridge(stream, path, clock)
  let opens: boolean | null = null
  void pending.then((value) => {
    opens = value
  })
  for (const piece of pieces) {
    stream.write(piece)
    await new Promise(setImmediate)
  }
  for (let ms = 0; opens === null && ms < 20_000; ms += 1000) {
    clock.advance(1000)
    await new Promise(setImmediate)
  }
  return { opens: await pending, afterMs: clock.monotonic(), left: String(stream.read() ?? '') }
}

test('the right request opens it, in one piece or in many, and is there to be read again', async () => {
  const request = `GET ${path} HTTP/1.1\r\n${rest}`
  expect(await meet([request])).toEqual({ opens: true, afterMs: 0, left: request })
  expect(await meet([...request])).toEqual({ opens: true, afterMs: 0, left: request })
})

test('the beginning of the right path and that of a wrong one are met with the same patience', async () => {
  const right = await meet([`GET ${path.slice(0, 20)}`])
  const wrong = await meet([`GET ${path.slice(0, 19)}!`])
  expect(right).toMatchObject({ opens: false, afterMs: 10_000 })
  expect(wrong).toMatchObject({ opens: false, afterMs: right.afterMs })
})

test('a whole line with another path, and what is no request, go to the site at once', async () => {
  for (const words of ['GET / HTTP/1.1\r\n', `GET ${path.slice(0, -1)}x HTTP/1.1\r\n`, 'POST /', '\u0016\u0003\u0001'])
    expect(await meet([words])).toMatchObject({ opens: false, afterMs: 0, left: words })
})
