import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { BackendError } from '../../../shared/contract/errors.ts'
import { memoryPortPair } from '../../../shared/contract/memory-port.ts'
import { connect, type Port, serve } from '../../../shared/contract/port.ts'

const api = {
  calls: {
    'number.double': { input: v.strictObject({ n: v.number() }), output: v.strictObject({ n: v.number() }) },
    'number.absent': { input: v.strictObject({}), output: v.strictObject({}) },
  },
  events: { 'number.changed': v.number() },
} as const

function pair() {
  const [near, far] = memoryPortPair()
  const bugs: string[] = []
  const handlers = {
    'number.double': async ({ n }: { n: number }) => {
      if (n === 13) throw new BackendError('refused', 'not that one')
      if (n === 666) throw new Error('a secret path')
      return { n: n * 2 }
    },
  }
  const served = serve(api, far, handlers, (name) => bugs.push(name))
  return { near, far, served, bugs, client: connect(api, near) }
}

describe('calls over a port', () => {
  test('a good one is answered, an event arrives', async () => {
    const { client, served } = pair()
    const heard = new Promise((resolve) => client.on('number.changed', resolve))
    expect(await client.call('number.double', { n: 21 })).toEqual({ n: 42 })
    served.emit('number.changed', 5)
    expect(await heard).toBe(5)
  })

  test('a refusal crosses with its code, a bug without its text', async () => {
    const { client, bugs } = pair()
    await expect(client.call('number.double', { n: 13 })).rejects.toMatchObject({ code: 'refused', detail: 'not that one' })
    await expect(client.call('number.double', { n: 666 })).rejects.toMatchObject({ code: 'internal', detail: '' })
    expect(bugs).toEqual(['number.double'])
    await expect(client.call('number.absent', {})).rejects.toMatchObject({ code: 'absent' })
  })

  test('what is pending when the other side goes is rejected, and so is all that comes later', async () => {
    const { client, near } = pair()
    const pending = client.call('number.double', { n: 1 })
    near.close()
    await expect(pending).rejects.toMatchObject({ code: 'closed' })
    await expect(client.call('number.double', { n: 1 })).rejects.toMatchObject({ code: 'closed' })
  })

  test('no frame, however hostile, disturbs the calls that follow', async () => {
    const name = fc.oneof(fc.constantFrom('number.double', 'constructor', '__proto__', 'toString', 'number.absent'), fc.string())
    const frame = fc.oneof(
      fc.anything(),
      fc.record({ t: fc.constant('call'), id: fc.nat(), name, input: fc.anything() }),
      fc.record({ t: fc.constantFrom('ok', 'fail', 'event'), id: fc.integer(), name, value: fc.anything(), payload: fc.anything() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 8 }), async (frames) => {
        let receive: (raw: unknown) => void = () => {}
        const sent: unknown[] = []
        const raw: Port = {
          send: (out) => void sent.push(out),
          onFrame: (listener) => (receive = listener),
          onClose: () => {},
          close: () => {},
        }
        serve(api, raw, { 'number.double': async ({ n }) => ({ n: n * 2 }) }, () => {})
        for (const hostile of frames) receive(hostile)
        receive({ t: 'call', id: 123_456_789, name: 'number.double', input: { n: 4 } })
        await new Promise((resolve) => setImmediate(resolve))
        expect(sent).toContainEqual({ t: 'ok', id: 123_456_789, value: { n: 8 } })
      }),
      { numRuns: 60 },
    )
  })
})
