import { expect, test } from 'vitest'
import { classify, httpHost } from '../../../lab/censor/payload.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { clientHello } from './hello.ts'

test('first bytes are told apart as the published rule does', async () => {
  expect(classify(await clientHello('a.test'))).toBe('tls')
  expect(classify(Buffer.from('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'))).toBe('http')
  expect(classify(Buffer.from('SSH-2.0-x\r\n'))).toBe('ssh')
  expect(classify(Buffer.from('hello there, anybody?'))).toBe('printable')
  expect(classify(seededRandom(3).bytes(400))).toBe('opaque')
  // The control group of the same study: as long, but all zero.
  expect(classify(new Uint8Array(400))).toBe('printable')
})

test('the Host of a plain request is read, and of nothing else', () => {
  expect(httpHost(Buffer.from('GET /x HTTP/1.1\r\nHost: TL.test:80\r\n\r\n'))).toBe('tl.test')
  expect(httpHost(Buffer.from('GET /x HTTP/1.1\r\nHost: TL.te'))).toBe(null)
  expect(httpHost(Buffer.from('Host: tl.test\r\n'))).toBe(null)
})
