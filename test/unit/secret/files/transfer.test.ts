/** Files of secret chats on their way: whole or not at all, and nothing about them for the relay. */
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { sealedLength } from '../../../../electron/core/secret/crypto/attachment.ts'
import { MAX_FILE_BYTES } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { utf8 } from '../../../../shared/util/bytes.ts'
import { seededRandom } from '../../../../shared/util/random.ts'
import { hillside } from '../../../support/picture.ts'
import type { FakeRelay } from '../../chats/fake-relay.ts'
import { settle } from '../../chats/profile.ts'
import { acquainted, pass, secured, stateOf, words, write } from '../engine/pair.ts'
import { fileOf, handOver, nextId, readAll, until } from './sending.ts'

const photo = hillside(120, 80)
const film = seededRandom(3).bytes(5_000_000)

/** Changes what the relay keeps. */
const alter = (relay: FakeRelay, change: (bytes: Uint8Array) => Uint8Array) => {
  for (const [id, bytes] of relay.media) relay.media.set(id, change(bytes.slice()))
}

describe('a file in a secret chat', () => {
  it('goes from one to the other, byte for byte: a photo by itself, a large file when asked for', async () => {
    const { clock, alice, bob } = await secured()
    await handOver(alice, 'bob', 'holiday.png', photo)
    const there = await until(clock, bob, 'alice', 'ready')
    expect(there).toMatchObject({ name: 'holiday.png', type: 'image/png', size: photo.length, transfer: { state: 'ready' } })
    expect((await readAll(bob, there?.id ?? '')).equals(photo)).toBe(true)
    expect((await fileOf(alice, 'bob'))?.delivery?.state).toBe('delivered')

    await handOver(alice, 'bob', 'film.bin', film)
    const remote = await until(clock, bob, 'alice', 'remote')
    expect(remote).toMatchObject({ name: 'film.bin', size: film.length, transfer: { state: 'remote', done: 0 } })
    await expect(readAll(bob, remote?.id ?? '')).rejects.toMatchObject({ code: 'no-such-file' })
    await bob.core.handlers['file.fetch']({ messageId: remote?.id ?? '' })
    await until(clock, bob, 'alice', 'ready')
    expect((await readAll(bob, remote?.id ?? '')).equals(film)).toBe(true)
    const states = alice.told('message.changed').flatMap(({ body }) => (body.kind === 'file' ? [body.transfer] : []))
    expect(states.map(({ state }) => state)).toContain('uploading')
    expect(states.every(({ done, total }) => done <= total)).toBe(true)
  })

  it('tells the relay nothing: no byte, name, type or size of it is in anything that is sent there', async () => {
    const { clock, relay, alice, bob } = await secured()
    const bytes = new Uint8Array(70_001).fill(0x41)
    await handOver(alice, 'bob', 'unmistakable-name.gpx', bytes)
    const there = await until(clock, bob, 'alice', 'remote')
    const [sealed] = relay.media.values()
    expect(sealed?.length).toBe(sealedLength(70_001))
    expect(Buffer.from(sealed ?? []).includes('AAAA')).toBe(false)
    await bob.core.handlers['file.fetch']({ messageId: there?.id ?? '' })
    await until(clock, bob, 'alice', 'ready')
    const asked = JSON.stringify(relay.asked)
    const marks = ['unmistakable', 'octet-stream', '70001', 'AAAAAAAAAA', 'QUFBQUFB']
    expect(marks.filter((mark) => asked.includes(mark))).toEqual([])
    expect(relay.asked.filter(({ name }) => name === 'media.grant').map(({ input }) => input)).toEqual([
      { size: sealedLength(70_001), sealed: true },
    ])
  })

  it('that the relay changed, cut, mixed up or lengthened has failed, and not one byte of it is shown', async () => {
    const others: ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.with(100_000, (bytes[100_000] ?? 0) ^ 1),
      (bytes) => bytes.subarray(0, -1),
      (bytes) => bytes.subarray(0, 24 + 65_553),
      (bytes) => new Uint8Array(Buffer.concat([bytes, Buffer.alloc(17)])),
      (bytes) =>
        new Uint8Array(
          Buffer.concat([bytes.subarray(0, 24), bytes.subarray(65_577, 131_130), bytes.subarray(24, 65_577), bytes.subarray(131_130)]),
        ),
      (bytes) => seededRandom(1).bytes(bytes.length),
    ]
    const { clock, relay, alice, bob } = await secured()
    await handOver(alice, 'bob', 'a.bin', film.subarray(0, 200_000))
    const { id = '' } = (await until(clock, bob, 'alice', 'remote')) ?? {}
    const kept = new Map(relay.media)
    for (const change of others) {
      alter(relay, change)
      await bob.core.handlers['file.fetch']({ messageId: id })
      const failed = await until(clock, bob, 'alice', 'failed')
      expect(failed?.transfer).toEqual({ state: 'failed', done: 0, total: 200_000 })
      await expect(readAll(bob, id)).rejects.toMatchObject({ code: 'no-such-file' })
      expect(bob.store.get('SELECT count(*) AS count FROM secret_piece')).toEqual({ count: 0 })
      for (const [media, bytes] of kept) relay.media.set(media, bytes)
    }
    // It was the relay's doing alone: asked for again, it comes.
    await bob.core.handlers['file.fetch']({ messageId: id })
    await until(clock, bob, 'alice', 'ready')
    expect((await readAll(bob, id)).equals(film.subarray(0, 200_000))).toBe(true)
  })

  it('is not taken for another of the same chat and size', async () => {
    const { clock, relay, alice, bob } = await secured()
    await handOver(alice, 'bob', 'one.bin', film.subarray(0, 1000))
    await until(clock, bob, 'alice', 'remote')
    await handOver(alice, 'bob', 'two.bin', film.subarray(1000, 2000))
    await until(clock, alice, 'bob', 'ready')
    const [one, two] = [...relay.media]
    if (one && two) relay.media.set(two[0], one[1])
    const second = await fileOf(bob, 'alice')
    await bob.core.handlers['file.fetch']({ messageId: second?.id ?? '' })
    expect((await until(clock, bob, 'alice', 'failed'))?.name).toBe('two.bin')
  })

  it('comes on from where the download broke off, also after a crash', async () => {
    const { clock, alice, bob } = await secured()
    const bytes = film.subarray(0, 900_000)
    await handOver(alice, 'bob', 'a.bin', bytes)
    const { id = '' } = (await until(clock, bob, 'alice', 'remote')) ?? {}
    const asked: (string | undefined)[] = []
    const { http } = bob.link
    bob.link.http = async (request, signal) => {
      asked.push(request.headers.range)
      const response = await http(request, signal)
      const half = async function* () {
        for await (const chunk of response.body) yield (chunk as Uint8Array).subarray(0, 500_000)
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      }
      return { ...response, body: Readable.from(half(), { objectMode: false }) }
    }
    await bob.core.handlers['file.fetch']({ messageId: id })
    await settle(20)
    await bob.crash()
    expect((await fileOf(bob, 'alice'))?.transfer).toEqual({ state: 'remote', done: 500_000, total: 900_000 })
    const again = bob.link.http
    bob.link.http = async (request, signal) => {
      if (request.method === 'GET') asked.push(request.headers.range)
      return again(request, signal)
    }
    bob.link.connect()
    await until(clock, bob, 'alice', 'ready')
    expect(asked).toEqual([undefined, 'bytes=500000-'])
    expect((await readAll(bob, id)).equals(bytes)).toBe(true)
  })

  it('is opened when a crash came between its last byte and the opening, and is not asked for again', async () => {
    const { clock, relay, alice, bob } = await secured()
    await handOver(alice, 'bob', 'a.bin', film.subarray(0, 1000))
    await until(clock, bob, 'alice', 'remote')
    const sealed = new Uint8Array([...relay.media.values()][0] ?? [])
    bob.store.run('INSERT INTO secret_sealed_piece (file_id, start, bytes) SELECT id, 0, ? FROM secret_file', [sealed])
    bob.store.run('UPDATE secret_file SET sealed_have = ?, wanted = 1', [sealed.length])
    await bob.crash()
    bob.link.http = () => Promise.reject(new Error('asked for again'))
    bob.link.connect()
    expect((await until(clock, bob, 'alice', 'ready'))?.transfer.state).toBe('ready')
  })

  it('survives a crash during the upload: it goes once, whole, and under another key', async () => {
    const { clock, relay, alice, bob } = await secured()
    const sent: Buffer[] = []
    alice.link.http = async ({ body }, signal) => {
      if (!(body instanceof Uint8Array)) throw new Error('a piece is bytes')
      sent.push(Buffer.from(body))
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    await handOver(alice, 'bob', 'a.bin', film.subarray(0, 300_000))
    await settle(10)
    expect((await fileOf(alice, 'bob'))?.transfer.state).toBe('uploading')
    await alice.crash()
    expect((await fileOf(alice, 'bob'))?.transfer.state).toBe('waiting')
    alice.link.connect()
    await until(clock, bob, 'alice', 'remote')
    const { id = '' } = (await fileOf(bob, 'alice')) ?? {}
    await bob.core.handlers['file.fetch']({ messageId: id })
    expect(relay.media.size).toBe(1)
    const [whole] = relay.media.values()
    await until(clock, bob, 'alice', 'ready')
    expect((await readAll(bob, id)).equals(film.subarray(0, 300_000))).toBe(true)
    expect(sent[0]?.subarray(0, 1000).equals(Buffer.from(whole ?? []).subarray(0, 1000))).toBe(false)
  })

  it('is forgotten by the relay when it is safely here, and not a moment before: not when a crash comes in between', async () => {
    const { clock, relay, alice, bob } = await secured()
    const bytes = film.subarray(0, 300_000)
    await handOver(alice, 'bob', 'a.bin', bytes)
    const { id = '' } = (await until(clock, bob, 'alice', 'remote')) ?? {}
    const seen: string[] = []
    const watched = ({ link }: typeof bob, fails: boolean) => {
      const { http } = link
      link.http = async (request, signal) => {
        if (request.method !== 'DELETE') return http(request, signal)
        seen.push((await fileOf(bob, 'alice'))?.transfer.state ?? '')
        if (fails) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
        return http(request, signal)
      }
    }
    watched(bob, true)
    await bob.core.handlers['file.fetch']({ messageId: id })
    await until(clock, bob, 'alice', 'ready')
    await settle()
    expect([seen, relay.media.size]).toEqual([['ready'], 1])
    await bob.crash()
    watched(bob, false)
    bob.link.connect()
    await settle(10)
    expect([seen, relay.media.size]).toEqual([['ready', 'ready'], 0])
    expect((await readAll(bob, id)).equals(bytes)).toBe(true)
    await pass(clock, 60_000)
    expect(seen).toHaveLength(2)
    // Neither what could not be opened is forgotten, nor by the one who sent it.
    await handOver(alice, 'bob', 'b.bin', bytes)
    await until(clock, bob, 'alice', 'remote')
    alter(relay, (sealed) => sealed.with(5000, (sealed[5000] ?? 0) ^ 1))
    await bob.core.handlers['file.fetch']({ messageId: (await fileOf(bob, 'alice'))?.id ?? '' })
    await until(clock, bob, 'alice', 'failed')
    await pass(clock, 60_000)
    expect([seen.length, relay.media.size]).toEqual([2, 1])
  })

  it('is tried again when the upload breaks off, while what is written behind it goes ahead', async () => {
    const { clock, alice, bob } = await secured()
    let tries = 0
    const { http } = alice.link
    alice.link.http = async (request, signal) => {
      if (++tries < 3) throw new BackendError('not-connected')
      return http(request, signal)
    }
    await handOver(alice, 'bob', 'a.png', photo)
    await write(alice, 'bob', 'behind it')
    expect(await words(bob, 'alice')).toEqual(['behind it'])
    expect(await fileOf(bob, 'alice')).toBeUndefined()
    await pass(clock, 20_000)
    expect((await until(clock, bob, 'alice', 'ready'))?.name).toBe('a.png')
  })

  it('waits for the other side to accept, and stays hidden from whoever has not', async () => {
    const { clock, relay, alice, bob } = await acquainted()
    await alice.core.handlers['secret.start']({ handle: 'bob' })
    await handOver(alice, 'bob', 'a.png', photo)
    await settle()
    expect((await fileOf(alice, 'bob'))?.transfer.state).toBe('waiting')
    expect(relay.media.size).toBe(0)
    await bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
    expect((await until(clock, bob, 'alice', 'ready'))?.name).toBe('a.png')
  })

  it('of somebody who only asks is neither shown nor fetched before the user accepts', async () => {
    const { alice, bob } = await secured()
    bob.link.disconnect()
    // As if alice had sent it with her request, which an honest app does not.
    bob.store.run("UPDATE secret_chat SET state = 'asked'")
    await handOver(alice, 'bob', 'a.png', photo)
    await settle(20)
    const fetched: string[] = []
    bob.link.http = async ({ path }) => {
      fetched.push(path)
      throw new BackendError('not-connected')
    }
    bob.link.connect()
    await settle(20)
    const { message_id: messageId = '' } = bob.store.get<{ message_id: string }>('SELECT message_id FROM secret_file') ?? {}
    expect(messageId).not.toBe('')
    expect(await fileOf(bob, 'alice')).toBeUndefined()
    await expect(bob.core.handlers['file.fetch']({ messageId })).rejects.toMatchObject({ code: 'no-such-message' })
    expect(fetched).toEqual([])
  })

  it('that was still to go has failed when the chat ends, and goes again in the next one', async () => {
    const { clock, alice, bob } = await secured()
    alice.link.disconnect()
    await handOver(alice, 'bob', 'a.png', photo)
    await alice.core.handlers['secret.end']({ chatId: 'secret:bob' })
    const failed = await fileOf(alice, 'bob')
    expect(failed).toMatchObject({ delivery: { state: 'failed' }, transfer: { state: 'failed' } })
    alice.link.connect()
    await settle()
    await alice.core.handlers['secret.start']({ handle: 'bob' })
    await settle()
    await bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
    await settle()
    expect((await stateOf(alice, 'bob'))?.state).toBe('secured')
    await alice.core.handlers['message.retry']({ id: failed?.id ?? '' })
    expect((await until(clock, bob, 'alice', 'ready'))?.name).toBe('a.png')
  })

  it('that is too large for the relay once sealed is refused at the beginning, and one the relay refuses has failed', async () => {
    const { alice, relay } = await secured()
    const begin = (size: number) => alice.core.handlers['file.begin']({ chatId: 'secret:bob', messageId: nextId(), name: 'f', size })
    await expect(begin(MAX_FILE_BYTES)).rejects.toMatchObject({ code: 'file-too-large' })
    await begin(31 * 1024 * 1024)
    relay.refuse = (name) => (name === 'media.grant' ? { code: 'too-large' } : null)
    await handOver(alice, 'bob', 'a.png', photo)
    await settle()
    expect((await fileOf(alice, 'bob'))?.delivery).toEqual({ state: 'failed', reason: 'too-large' })
  })

  it('that is a page or a drawing under a picture name is plain bytes', async () => {
    const { clock, alice, bob } = await secured()
    for (const page of ['<!DOCTYPE html><script>alert(1)</script>', '<svg xmlns="http://www.w3.org/2000/svg"></svg>']) {
      await handOver(alice, 'bob', 'photo.png', utf8(page))
      const { id = '', type } = (await until(clock, bob, 'alice', 'remote')) ?? {}
      expect(type).toBe('application/octet-stream')
      await bob.core.handlers['file.fetch']({ messageId: id })
      expect(await until(clock, bob, 'alice', 'ready')).toMatchObject({ type: 'application/octet-stream', name: 'photo.png' })
    }
  })

  it('does not mislead by its name, whoever wrote it', async () => {
    const { clock, alice, bob } = await secured()
    await handOver(alice, 'bob', 'annual\u202Egpj.exe', film.subarray(0, 10))
    expect((await until(clock, bob, 'alice', 'remote'))?.name).toBe('annualgpj.exe')
  })
})
