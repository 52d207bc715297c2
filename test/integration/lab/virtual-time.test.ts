import { Agent, createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { type MemoryRig, memoryRig } from './memory-rig.ts'

const RTT = 80

/** A socket.io server behind the service's address, in memory, with the service's own certificate. */
function socketService({ lab }: MemoryRig) {
  const { cert, key } = lab.certificate
  const web = createServer({ cert, key })
  const server = new Server(web, { transports: ['websocket'] })
  onTestFinished(() => void server.close())
  lab.setService(() => {
    const [outer, inner] = lab.pair()
    web.emit('connection', inner)
    return outer
  })
  return server
}

class OneSocketAgent extends Agent {
  readonly #socket: Duplex
  constructor(socket: Duplex) {
    super()
    this.#socket = socket
  }
  override createConnection(): Duplex {
    return this.#socket
  }
}

test('real TLS 1.3 and real socket.io connect in exactly four round trips of virtual time', async () => {
  const rig = await memoryRig()
  const { lab, clock } = rig
  socketService(rig).on('connection', (socket) => socket.on('ask', (text: string, reply: (text: string) => void) => reply(text)))
  const network = await rig.network('alice', 'nl-a')
  const began = clock.monotonic()
  const took = { tcp: 0, tls: 0, connect: 0 }

  const dialling = network.connect({ address: '240.149.167.50', port: 443 }, new AbortController().signal)
  await lab.run(RTT)
  const tcp = await dialling
  took.tcp = clock.monotonic() - began
  const socket = tlsConnect({ socket: tcp, servername: 'chat.throughline.test', ca: [...lab.offer.roots] })
  socket.once('secureConnect', () => {
    took.tls = clock.monotonic() - began
  })
  const client = io('https://chat.throughline.test', {
    transports: ['websocket'],
    // The typings know browsers' agents only as `string | boolean`.
    agent: new OneSocketAgent(socket) as never,
    reconnection: false,
  })
  onTestFinished(() => void client.close())
  client.once('connect', () => {
    took.connect = clock.monotonic() - began
  })
  await lab.run(RTT * 5)
  expect(socket.getProtocol()).toBe('TLSv1.3')
  expect(took).toEqual({ tcp: RTT, tls: RTT * 2, connect: RTT * 4 })

  let answeredAt = 0
  const asked = clock.monotonic()
  client.emit('ask', 'still there?', () => {
    answeredAt = clock.monotonic()
  })
  await lab.run(RTT * 2)
  expect(answeredAt - asked).toBe(RTT)
})
