/** A person as censor: each of the four moves has its effect at that place, and one undo lifts them all. */
import { connect as tlsConnect } from 'node:tls'
import packet from 'dns-packet'
import { expect, onTestFinished, test } from 'vitest'
import type { Network } from '../../../electron/core/net/network.ts'
import type { Bead, CensorMove } from '../../../shared/contract/lab.ts'
import { type MemoryRig, memoryRig } from './memory-rig.ts'

const CHAT = '240.149.167.50'
const SIBLING = '240.185.4.10'

async function opens(rig: MemoryRig, network: Network, address: string): Promise<boolean> {
  let opened = false
  const controller = new AbortController()
  network.connect({ address, port: 443 }, controller.signal).then(
    (stream) => {
      opened = true
      stream.on('error', () => {}).destroy()
    },
    () => {},
  )
  await rig.lab.run(1500)
  controller.abort()
  return opened
}

/** The handshake gets as far as an answer of any kind, or is reset. */
async function greets(rig: MemoryRig, network: Network, servername: string): Promise<string> {
  let outcome = 'silence'
  const dialling = network.connect({ address: CHAT, port: 443 }, new AbortController().signal)
  await rig.lab.run(200)
  const socket = tlsConnect({ socket: await dialling, servername, ca: [...rig.lab.offer.roots] })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    outcome = error.code ?? 'error'
  })
  await rig.lab.run(500)
  socket.destroy()
  return outcome
}

async function lookUp(rig: MemoryRig, network: Network, name: string): Promise<unknown[]> {
  const controller = new AbortController()
  const found: unknown[] = []
  const query = packet.encode({ type: 'query', id: 2, questions: [{ type: 'A', name }] })
  const resolver = network.facts().resolvers[0] ?? { address: '', port: 53 }
  const done = (async () => {
    for await (const { bytes } of network.exchange(resolver, query, controller.signal)) {
      for (const answer of packet.decode(Buffer.from(bytes)).answers ?? []) if ('data' in answer) found.push(answer.data)
    }
  })()
  await rig.lab.run(500)
  controller.abort()
  await done
  return found
}

async function rig() {
  const made = await memoryRig()
  made.lab.setService(() => {
    const [outer, inner] = made.lab.pair()
    inner.on('error', () => {}).resume()
    return outer
  })
  const alice = await made.network('alice', 'ru-moscow-a')
  const bob = await made.network('bob', 'nl-a')
  return { made, alice, bob, censor: (move: CensorMove) => made.player.censor(move, 'ru-moscow-a') }
}

test('a lie in name lookup is told at that place alone', async () => {
  const { made, alice, bob, censor } = await rig()
  censor('dns_lie')
  expect(await lookUp(made, alice, 'chat.throughline.test')).toEqual(['240.77.252.152'])
  expect(await lookUp(made, alice, 'tl.test')).toEqual(['240.77.252.152'])
  expect(await lookUp(made, bob, 'tl.test')).toEqual(['240.149.167.99'])
})

test('dropping its addresses leaves the second relay; dropping its whole cloud takes what the client uses now', async () => {
  const { made, alice, bob, censor } = await rig()
  censor('ip_drop')
  expect([await opens(made, alice, CHAT), await opens(made, alice, SIBLING), await opens(made, bob, CHAT)]).toEqual([false, true, true])

  const dialling = alice.connect({ address: SIBLING, port: 443 }, new AbortController().signal)
  await made.lab.run(200)
  const live = await dialling
  onTestFinished(() => void live.on('error', () => {}).destroy())
  live.write('something')
  await made.lab.run(200)
  censor('prefix_block')
  expect(made.player.state().gates.map((gate) => gate.label)).toEqual(['Drops its addresses', 'Drops all of Harbour Hosting'])
  expect(await opens(made, alice, SIBLING)).toBe(false)
})

test('cutting by name resets what names the relay and nothing else', async () => {
  const { made, alice, bob, censor } = await rig()
  censor('sni_reset')
  expect(await greets(made, alice, 'chat.throughline.test')).toBe('ECONNRESET')
  expect(await greets(made, alice, 'media.throughline.test')).toBe('silence')
  expect(await greets(made, bob, 'chat.throughline.test')).toBe('silence')
})

test('one undo lifts them all, and both are on the record', async () => {
  const { made, alice, censor } = await rig()
  censor('ip_drop')
  censor('dns_lie')
  await made.lab.run(1000)
  made.player.undo()
  expect(made.player.state().gates).toEqual([])
  expect(await opens(made, alice, CHAT)).toBe(true)
  expect(made.player.state().moves.map((move) => [move.side, move.text])).toEqual([
    ['censor', 'Drops its addresses'],
    ['censor', 'Lies in name lookup'],
    ['censor', 'Lifts every rule of yours'],
  ])
})

test('beads come from packets alone: none at rest, at most 30 a second in a flood, ending at the gate that took them', async () => {
  const { made, alice, censor } = await rig()
  const beads: (Bead & { at: number })[] = []
  made.player.beads.on((list) => beads.push(...list.map((bead) => ({ ...bead, at: made.clock.monotonic() }))))
  await made.lab.run(3000)
  expect(beads).toEqual([])
  censor('ip_drop')
  const controller = new AbortController()
  for (let i = 0; i < 200; i++) alice.connect({ address: CHAT, port: 443 }, controller.signal).catch(() => {})
  await made.lab.run(900)
  controller.abort()
  expect(beads.length).toBeGreaterThan(5)
  expect(beads.length).toBeLessThanOrEqual(30)
  expect(beads.find((bead) => bead.who === 'alice')).toMatchObject({ from: 'place:ru-moscow-a', to: 'net:ru-a', fate: 'dropped' })
})
