/** Two people writing, and an honest count: what is lost, doubled or out of order shows. */
import { describe, expect, it } from 'vitest'
import { coreApi } from '../../../electron/host/engine.ts'
import { startTraffic } from '../../../electron/host/lab-run/traffic.ts'
import type { Message } from '../../../shared/contract/chat.ts'
import { memoryPortPair } from '../../../shared/contract/memory-port.ts'
import { connect, serve } from '../../../shared/contract/port.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** A person whose messages reach `inbox` of the other, or whatever `carry` makes of that. */
function createPerson(name: string, carry: (text: string, deliver: (text: string) => void) => void) {
  const [near, far] = memoryPortPair()
  const history: Message[] = []
  let peer: ((text: string) => void) | null = null
  const served = serve(
    coreApi,
    far,
    {
      'message.send': async ({ id, chatId, text }) => {
        carry(text, (carried) => peer?.(carried))
        return {
          id,
          chatId,
          from: name,
          mine: true,
          body: { kind: 'text' as const, text },
          at: 0,
          order: 0,
          delivery: { state: 'queued' as const },
        }
      },
      'message.list': async ({ before, limit }) => {
        const older = history.filter((message) => before === undefined || message.order < before)
        return { messages: older.slice(-limit), hasOlder: older.length > limit }
      },
    },
    () => {},
  )
  return {
    name,
    core: connect(coreApi, near),
    sendTo: (receive: (text: string) => void) => {
      peer = receive
    },
    receive: (from: string) => (text: string) => {
      const order = history.length + 1
      const message: Message = {
        id: uuid(order),
        chatId: `cloud:${from}`,
        from,
        mine: false,
        body: { kind: 'text', text },
        at: 0,
        order,
        delivery: null,
      }
      history.push(message)
      served.emit('message.changed', message)
    },
  }
}

async function write(carry: (text: string, deliver: (text: string) => void) => void, seconds: number) {
  const clock = new VirtualClock()
  const alice = createPerson('alice', carry)
  const bob = createPerson('bob', (text, deliver) => deliver(text))
  alice.sendTo(bob.receive('alice'))
  bob.sendTo(alice.receive('bob'))
  const traffic = startTraffic([alice, bob], 100, clock)
  await clock.run(seconds * 1000, settle)
  const done = traffic.finish(1000)
  await clock.run(5000, settle)
  return done
}

describe('traffic', () => {
  it('is ok when everything written both ways is there once and in order', async () => {
    expect(await write((text, deliver) => deliver(text), 40)).toMatchObject({
      ok: true,
      sent: 802,
      delivered: 802,
      lost: 0,
      duplicated: 0,
      ordered: true,
      maxGapMs: 100,
    })
  })

  it('counts what never arrived, after waiting for it', async () => {
    expect(await write((text, deliver) => !text.endsWith('7') && deliver(text), 40)).toMatchObject({ ok: false, lost: 40, duplicated: 0 })
  })

  it('counts what arrived twice', async () => {
    const twice = (text: string, deliver: (text: string) => void) => {
      deliver(text)
      if (text.endsWith('00')) deliver(text)
    }
    expect(await write(twice, 40)).toMatchObject({ ok: false, lost: 0, duplicated: 4 })
  })

  it('notices what came out of order', async () => {
    let held: string | null = null
    const swapped = (text: string, deliver: (text: string) => void) => {
      if (text.endsWith('0005')) held = text
      else {
        deliver(text)
        if (held) deliver(held)
        held = null
      }
    }
    expect(await write(swapped, 40)).toMatchObject({ ok: false, lost: 0, ordered: false })
  })

  it('measures the longest wait of a reader', async () => {
    const held: string[] = []
    const paused = (text: string, deliver: (text: string) => void) => {
      held.push(text)
      const n = Number(text.slice(-6))
      if (n < 100 || n >= 120) for (const one of held.splice(0)) deliver(one)
    }
    expect(await write(paused, 40)).toMatchObject({ ok: true, maxGapMs: 2100 })
  })

  it('is not ok with too few messages to mean anything', async () => {
    expect(await write((text, deliver) => deliver(text), 5)).toMatchObject({ ok: false, lost: 0 })
  })
})
