/** A gateway just large enough to test the client's end of the uplink: each virtual destination behaves as a test says. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import {
  encodeUplink,
  INITIAL_CREDIT,
  type RefusedCode,
  UplinkDecoder,
  type UplinkFacts,
  type UplinkFrame,
} from '../../../shared/protocol/uplink.ts'

/** What is behind an address: a local port, a refusal, nothing at all, or a reset or silence once the client has spoken. */
export type Behind = { port: number; onFirst?: 'reset' | 'silence' | 'close' } | RefusedCode | 'silence'

export interface TinyGateway {
  readonly port: number
  /** Frames that clients sent, in order. */
  readonly seen: UplinkFrame[]
  /** How many flows are open at this end. */
  readonly openFlows: () => number
  facts: UplinkFacts
  behind: (address: string, port: number) => Behind
  /** Addresses whose open flows carry nothing any more, either way, without a word. */
  freeze(address: string): void
  /** What was held back goes on its way. */
  thaw(address: string): void
  /** Cuts every open flow to an address, as a reset by the way does. */
  cut(address: string): void
  datagram: (frame: Extract<UplinkFrame, { t: 'datagram' }>, reply: (bytes: Uint8Array, address?: string) => void) => void
  sendFacts(): void
  /** Sends any frame to every client, for hostile tests. */
  send(frame: UplinkFrame): void
  sendRaw(bytes: Uint8Array): void
  dropUplinks(): void
  close(): Promise<void>
}

export async function tinyGateway(): Promise<TinyGateway> {
  const clients = new Set<Socket>()
  const flows = new Map<string, Socket | null>()
  const homes = new Map<string, string>()
  const frozen = new Map<string, (() => void)[]>()
  /** Now, or once the address is no longer frozen. */
  const pass = (address: string, go: () => void) => {
    const held = frozen.get(address)
    if (held) held.push(go)
    else go()
  }
  const cuts = new Map<string, Set<() => void>>()
  const gateway: TinyGateway = {
    port: 0,
    seen: [],
    openFlows: () => flows.size,
    facts: { id: 'home', up: true, gateway: '240.0.0.1', resolvers: [{ address: '240.0.0.53', port: 53 }], v6: false },
    behind: () => 'ECONNREFUSED',
    freeze: (address) => void frozen.set(address, []),
    thaw: (address) => {
      const held = frozen.get(address) ?? []
      frozen.delete(address)
      for (const go of held) go()
    },
    cut: (address) => {
      for (const cut of cuts.get(address) ?? []) cut()
    },
    datagram: () => {},
    sendFacts: () => gateway.send({ t: 'facts', facts: gateway.facts }),
    send: (frame) => gateway.sendRaw(encodeUplink(frame)),
    sendRaw: (bytes) => {
      for (const client of clients) client.write(bytes)
    },
    dropUplinks: () => {
      for (const client of clients) client.destroy()
    },
    close: () =>
      new Promise((resolve) => {
        for (const local of flows.values()) local?.destroy()
        gateway.dropUplinks()
        server.close(() => resolve())
      }),
  }
  let names = 0
  const server: Server = createServer((client) => {
    const name = names++
    clients.add(client)
    const decoder = new UplinkDecoder()
    const send = (frame: UplinkFrame) => void client.write(encodeUplink(frame))
    client.on('error', () => {})
    client.on('close', () => clients.delete(client))
    client.on('data', (bytes) => {
      for (const frame of decoder.push(bytes)) {
        gateway.seen.push(frame)
        if (frame.t === 'hello') send({ t: 'facts', facts: gateway.facts })
        if (frame.t === 'datagram') {
          gateway.datagram(frame, (reply, address = frame.address) => send({ ...frame, address, bytes: reply }))
        }
        if (frame.t === 'open') open(frame, `${name}/${frame.flow}`, send)
        if (!('flow' in frame)) continue
        const key = `${name}/${frame.flow}`
        const local = flows.get(key)
        if (frame.t === 'segment') {
          pass(homes.get(key) ?? '', () => {
            local?.emit('first')
            local?.write(frame.bytes)
            send({ t: 'credit', flow: frame.flow, bytes: frame.bytes.length })
          })
        }
        if (frame.t === 'credit') local?.emit('credit', frame.bytes)
        if (frame.t === 'fin') local?.end()
        if (frame.t === 'reset') {
          local?.destroy()
          flows.delete(key)
        }
      }
    })
  })
  const open = (frame: Extract<UplinkFrame, { t: 'open' }>, key: string, send: (frame: UplinkFrame) => void) => {
    const { flow } = frame
    const behind = gateway.behind(frame.address, frame.port)
    if (behind === 'silence') {
      flows.set(key, null)
      return
    }
    if (typeof behind === 'string') {
      send({ t: 'refused', flow, code: behind })
      return
    }
    const local = connect(behind.port, '127.0.0.1')
    let muted = false
    homes.set(key, frame.address)
    const cut = () => {
      send({ t: 'reset', flow })
      local.destroy()
    }
    cuts.set(frame.address, (cuts.get(frame.address) ?? new Set()).add(cut))
    local.on('close', () => cuts.get(frame.address)?.delete(cut))
    let opened = false
    let window = INITIAL_CREDIT
    flows.set(key, local)
    local.on('connect', () => {
      opened = true
      send({ t: 'opened', flow })
    })
    local.on('credit', (bytes: number) => {
      window += bytes
      drain()
    })
    local.once('first', () => {
      muted = behind.onFirst !== undefined
      if (behind.onFirst === 'reset') {
        send({ t: 'reset', flow })
        local.destroy()
      }
      if (behind.onFirst === 'close') send({ t: 'fin', flow })
    })
    const queue: Uint8Array[] = []
    let ended = false
    const drain = () => {
      for (let piece = queue[0]; piece && piece.length <= window; piece = queue[0]) {
        queue.shift()
        window -= piece.length
        send({ t: 'segment', flow, bytes: piece })
      }
      if (queue.length > 0) local.pause()
      else if (ended) send({ t: 'fin', flow })
      else local.resume()
    }
    local.on('data', (bytes) => {
      if (muted) return
      pass(frame.address, () => {
        for (let at = 0; at < bytes.length; at += 16_384) queue.push(bytes.subarray(at, at + 16_384))
        drain()
      })
    })
    local.on('end', () => {
      if (muted) return
      ended = true
      if (queue.length === 0) send({ t: 'fin', flow })
    })
    local.on('error', () => {
      if (!muted) send(!opened ? { t: 'refused', flow, code: 'ECONNREFUSED' } : { t: 'reset', flow })
    })
    local.on('close', () => flows.delete(key))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return Object.assign(gateway, { port: typeof address === 'object' && address ? address.port : 0 })
}
