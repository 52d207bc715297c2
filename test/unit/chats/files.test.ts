import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cleanName } from '../../../electron/core/chats/files/name.ts'
import { sniffType } from '../../../electron/core/chats/files/sniff.ts'
import { FILE_CHUNK_BYTES } from '../../../shared/contract/chat.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import { utf8 } from '../../../shared/util/bytes.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { FakeRelay } from './fake-relay.ts'
import { introduce, Profile, settle, uuid } from './profile.ts'

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const picture = (size: number) => {
  const bytes = seededRandom(size).bytes(size)
  bytes.set(png)
  return bytes
}

let clock: VirtualClock
let relay: FakeRelay
let alice: Profile
let bob: Profile

beforeEach(async () => {
  clock = new VirtualClock(1_700_000_000_000)
  relay = new FakeRelay(clock)
  alice = new Profile({ relay, clock, handle: 'alice' })
  bob = new Profile({ relay, clock, handle: 'bob' })
  await introduce(alice, bob)
})
afterEach(async () => {
  await alice.end()
  await bob.end()
})

async function handOver(from: Profile, name: string, bytes: Uint8Array, messageId = uuid(name)) {
  const { handlers } = from.core
  const { fileId } = await handlers['file.begin']({
    chatId: from === alice ? 'cloud:bob' : 'cloud:alice',
    messageId,
    name,
    size: bytes.length,
  })
  for (let offset = 0; offset < bytes.length; offset += FILE_CHUNK_BYTES) {
    await handlers['file.append']({ fileId, offset, bytes: bytes.slice(offset, offset + FILE_CHUNK_BYTES) })
  }
  return handlers['file.finish']({ fileId })
}

async function readAll(profile: Profile, messageId: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let offset = 0; ; ) {
    const { bytes, total } = await profile.core.handlers['file.read']({ messageId, offset, length: 100_001 })
    parts.push(bytes)
    offset += bytes.length
    if (offset >= total) return Buffer.concat(parts)
  }
}

const fileOf = async (profile: Profile, peer: string) => {
  const message = (await profile.messages(peer)).at(-1)
  if (message?.body.kind !== 'file') throw new Error('no file')
  return { id: message.id, ...message.body, delivery: message.delivery }
}

describe('a file', () => {
  it('goes from one to the other, byte for byte, with progress and ticks', async () => {
    const bytes = picture(1_000_000)
    alice.link.connect()
    bob.link.connect()
    await handOver(alice, 'holiday.png', bytes)
    for (let i = 0; i < 20; i++) {
      await settle()
      clock.advance(100)
    }
    const there = await fileOf(bob, 'alice')
    expect(there).toMatchObject({ name: 'holiday.png', type: 'image/png', size: 1_000_000, transfer: { state: 'ready', done: 1_000_000 } })
    expect(Buffer.from(bytes).equals(await readAll(bob, there.id))).toBe(true)
    expect((await fileOf(alice, 'bob')).delivery?.state).toBe('delivered')
    const uploading = alice.told('message.changed').map(({ body }) => (body.kind === 'file' ? body.transfer.state : ''))
    expect(uploading).toContain('uploading')
    expect(uploading.at(-1)).toBe('ready')
  })

  it('waits for a connection, survives a crash, and keeps its place among the texts', async () => {
    await alice.send('bob', 'before')
    await handOver(alice, 'a.bin', picture(300_000))
    await alice.send('bob', 'after')
    expect((await alice.messages('bob'))[1]?.body).toMatchObject({ transfer: { state: 'waiting' } })
    await alice.crash()
    alice.link.connect()
    await settle(40)
    expect(relay.messagesTo('bob').map(({ body }) => (body.kind === 'text' ? body.text : body.name))).toEqual(['before', 'a.bin', 'after'])
  })

  it('is uploaded again when that broke off, and never sent before it is there', async () => {
    let tries = 0
    const { http } = alice.link
    alice.link.http = async (request, signal) => {
      if (++tries < 3) throw new BackendError('not-connected')
      return http(request, signal)
    }
    alice.link.connect()
    await handOver(alice, 'a.bin', picture(300_000))
    await settle()
    expect(relay.asked.some(({ name }) => name === 'message.send')).toBe(false)
    for (let i = 0; i < 10; i++) {
      clock.advance(5000)
      await settle()
    }
    expect((await fileOf(alice, 'bob')).delivery?.state).toBe('sent')
  })

  it('is uploaded again when the relay has lost it meanwhile, but not for ever', async () => {
    alice.link.connect()
    relay.refuse = (name) => (name === 'message.send' ? { code: 'not-found' } : null)
    await handOver(alice, 'a.bin', picture(1000))
    for (let i = 0; i < 10; i++) {
      await settle()
      clock.advance(40_000)
    }
    expect((await fileOf(alice, 'bob')).delivery).toEqual({ state: 'failed', reason: 'file-lost' })
    expect(relay.media.size).toBe(3)
  })

  it('comes on from where the download broke off, also after a restart', async () => {
    const bytes = picture(900_000)
    bob.link.connect()
    await handOver(bob, 'a.png', bytes)
    await settle(20)
    const asked: (string | undefined)[] = []
    const { http } = alice.link
    alice.link.http = async (request, signal) => {
      asked.push(request.headers.range)
      const response = await http(request, signal)
      const half = async function* () {
        yield bytes.slice(0, 500_000)
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      }
      return { ...response, body: Readable.from(half(), { objectMode: false }) }
    }
    alice.link.connect()
    await settle(20)
    expect((await fileOf(alice, 'bob')).transfer).toEqual({ state: 'remote', done: 500_000, total: 900_000 })
    await alice.restart()
    const again = alice.link.http
    alice.link.http = async (request, signal) => {
      asked.push(request.headers.range)
      return again(request, signal)
    }
    alice.link.connect()
    await settle(20)
    expect(asked).toEqual([undefined, 'bytes=500000-'])
    const { id } = await fileOf(alice, 'bob')
    expect(Buffer.from(bytes).equals(await readAll(alice, id))).toBe(true)
  })

  it('is fetched without asking only if it calls itself a picture and is small', async () => {
    bob.link.connect()
    await handOver(bob, 'large.png', picture(2 * 1024 * 1024 + 1))
    await settle(30)
    alice.link.connect()
    await settle(30)
    const { id, transfer } = await fileOf(alice, 'bob')
    expect(transfer.state).toBe('remote')
    await expect(alice.core.handlers['file.read']({ messageId: id, offset: 0, length: 1 })).rejects.toMatchObject({ code: 'no-such-file' })
    expect((await alice.core.handlers['file.fetch']({ messageId: id })).body).toMatchObject({ transfer: { state: 'downloading' } })
    await settle(60)
    expect((await fileOf(alice, 'bob')).transfer.state).toBe('ready')
  })

  it('that the relay no longer has is said to be no longer there, and may be asked for again', async () => {
    bob.link.connect()
    await handOver(bob, 'a.png', picture(1000))
    await settle()
    const kept = new Map(relay.media)
    relay.media.clear()
    alice.link.connect()
    await settle()
    const { id, transfer } = await fileOf(alice, 'bob')
    expect(transfer.state).toBe('missing')
    for (const [name, bytes] of kept) relay.media.set(name, bytes)
    await alice.core.handlers['file.fetch']({ messageId: id })
    await settle()
    expect((await fileOf(alice, 'bob')).transfer.state).toBe('ready')
  })

  it('with more bytes than its message announced is refused', async () => {
    bob.link.connect()
    await handOver(bob, 'a.png', picture(1000))
    await settle()
    for (const name of relay.media.keys()) relay.media.set(name, picture(5000))
    alice.link.connect()
    await settle()
    expect((await fileOf(alice, 'bob')).transfer.state).toBe('failed')
  })

  it('of which the relay has only a part has failed, whether it was begun or not', async () => {
    bob.link.connect()
    await handOver(bob, 'a.png', picture(400_000))
    await settle(20)
    const kept = new Map(relay.media)
    for (const name of relay.media.keys()) relay.media.set(name, picture(400_000).subarray(0, 300_000))
    alice.link.connect()
    await settle(20)
    expect((await fileOf(alice, 'bob')).transfer).toEqual({ state: 'failed', done: 0, total: 400_000 })
    for (const [name, bytes] of kept) relay.media.set(name, bytes)
    const { http } = alice.link
    alice.link.http = async (request, signal) => {
      const response = await http(request, signal)
      for (const name of relay.media.keys()) relay.media.set(name, picture(400_000).subarray(0, 300_000))
      const part = async function* () {
        yield picture(400_000).subarray(0, 200_000)
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      }
      return request.headers.range ? response : { ...response, body: Readable.from(part(), { objectMode: false }) }
    }
    const { id } = await fileOf(alice, 'bob')
    await alice.core.handlers['file.fetch']({ messageId: id })
    await settle(20)
    expect((await fileOf(alice, 'bob')).transfer).toMatchObject({ state: 'remote', done: 200_000 })
    clock.advance(2000)
    await settle(20)
    expect((await fileOf(alice, 'bob')).transfer.state).toBe('failed')
  })

  it('that is a page or a drawing under a picture name is plain bytes', async () => {
    alice.link.connect()
    bob.link.connect()
    const page = utf8('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    await handOver(alice, 'cat.png', page)
    await settle()
    const { id, transfer } = await fileOf(bob, 'alice')
    if (transfer.state !== 'ready') await bob.core.handlers['file.fetch']({ messageId: id })
    await settle()
    expect(await fileOf(bob, 'alice')).toMatchObject({ type: 'application/octet-stream', transfer: { state: 'ready' } })
  })
})

describe('handing over', () => {
  const begin = (size: number) => alice.core.handlers['file.begin']({ chatId: 'cloud:bob', messageId: uuid('f'), name: 'f', size })

  it('takes pieces in order without gaps, repeats in silence, and nothing beyond the size', async () => {
    const { fileId } = await begin(10)
    const { handlers } = alice.core
    await handlers['file.append']({ fileId, offset: 0, bytes: new Uint8Array(6) })
    await handlers['file.append']({ fileId, offset: 0, bytes: new Uint8Array(6) })
    await expect(handlers['file.append']({ fileId, offset: 7, bytes: new Uint8Array(1) })).rejects.toMatchObject({ code: 'bad-input' })
    await expect(handlers['file.finish']({ fileId })).rejects.toMatchObject({ code: 'bad-input' })
    await expect(handlers['file.append']({ fileId, offset: 6, bytes: new Uint8Array(5) })).rejects.toMatchObject({ code: 'file-too-large' })
    await handlers['file.append']({ fileId, offset: 6, bytes: new Uint8Array(4) })
    const first = await handlers['file.finish']({ fileId })
    expect((await handlers['file.finish']({ fileId })).order).toBe(first.order)
    await expect(begin(3)).rejects.toMatchObject({ code: 'already-there' })
  })

  it('can be given up, and ends with the process that took it', async () => {
    const { fileId } = await begin(10)
    await alice.core.handlers['file.cancel']({ fileId })
    await expect(alice.core.handlers['file.finish']({ fileId })).rejects.toMatchObject({ code: 'no-such-file' })
    const second = await begin(10)
    await alice.restart()
    await expect(alice.core.handlers['file.finish']({ fileId: second.fileId })).rejects.toMatchObject({ code: 'no-such-file' })
    expect(await alice.messages('bob')).toEqual([])
  })
})

describe('names of files', () => {
  it.each([
    ['annual\u202Egpj.exe', 'annualgpj.exe'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\windows\\a.png', 'C__windows_a.png'],
    ['a\0b\n.txt', 'ab.txt'],
    ['.bashrc', 'bashrc'],
    ['con.txt', '_con.txt'],
    ['   ', 'file'],
    ['…', '…'],
    ['سلام.png', 'سلام.png'],
  ])('%j becomes %j', (raw, clean) => expect(cleanName(raw)).toBe(clean))

  it('are never a path, never empty, never too long, and cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (raw) => {
        const name = cleanName(raw)
        expect(name).not.toMatch(/[/\\\0\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
        expect(name.length).toBeGreaterThan(0)
        expect(name.length).toBeLessThanOrEqual(255)
        expect(name.startsWith('.')).toBe(false)
        expect(cleanName(name)).toBe(name)
      }),
    )
  })

  it('keep their ending when they are shortened', () => expect(cleanName(`${'x'.repeat(300)}.jpeg`)).toMatch(/^x+\.jpeg$/))
})

it('knows four kinds of picture by their first bytes, and nothing else', () => {
  expect(sniffType(png)).toBe('image/png')
  expect(sniffType(Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]))).toBe('image/jpeg')
  expect(sniffType(utf8('GIF89a..'))).toBe('image/gif')
  expect(sniffType(utf8('RIFF\x10\x00\x00\x00WEBPVP8 '))).toBe('image/webp')
  for (const other of ['', '<html>', '<?xml', 'RIFF....WAVE', '%PDF-1.7']) expect(sniffType(utf8(other))).toBe('application/octet-stream')
})
