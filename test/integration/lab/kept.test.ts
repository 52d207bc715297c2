/** What is kept of a run for others to read: events as JSON lines, packets as a capture file with the real bytes in it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as tlsConnect } from 'node:tls'
import packet from 'dns-packet'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { createRecording } from '../../../lab/player/pcap.ts'
import { type ReadPacket, readPcap } from '../../support/pcap-reader.ts'
import { skipLoudly } from '../../support/skip.ts'
import { memoryRig } from './memory-rig.ts'

/** Of Debian's package of the same name. */
const TSHARK = 'tshark'
const STORY = 'russia-2018-day-one'
const CHAT = '240.149.167.50'
const NAME = 'chat.throughline.test'

/** Plays the first of a story while a client looks a name up and greets the service. */
async function played() {
  const rig = await memoryRig()
  rig.lab.setService(() => {
    const [outer, inner] = rig.lab.pair()
    inner.on('error', () => {}).resume()
    return outer
  })
  const network = await rig.network('alice', null)
  rig.player.record.keepBytes(true)
  rig.player.play(STORY, 'alice')
  const controller = new AbortController()
  const [resolver] = network.facts().resolvers
  const query = packet.encode({ type: 'query', id: 7, questions: [{ type: 'A', name: NAME }] })
  const asking = (async () => {
    for await (const _ of network.exchange(resolver ?? { address: '', port: 53 }, query, controller.signal)) break
  })().catch(() => {})
  const dialling = network.connect({ address: CHAT, port: 443 }, controller.signal)
  await rig.lab.run(400)
  const socket = tlsConnect({ socket: await dialling, servername: NAME, ca: [...rig.lab.offer.roots] })
  socket.on('error', () => {})
  await rig.lab.run(3000)
  socket.destroy()
  controller.abort()
  await asking
  return { ...rig, capture: rig.player.record.capture() }
}

function streamsOf(packets: readonly ReadPacket[]): ReadPacket[][] {
  const streams = new Map<string, ReadPacket[]>()
  for (const one of packets.filter(({ protocol }) => protocol === 'tcp')) {
    const key = [`${one.from} ${one.ports[0]}`, `${one.to} ${one.ports[1]}`].sort().join('|')
    streams.set(key, [...(streams.get(key) ?? []), one])
  }
  return [...streams.values()]
}

test('the capture holds the real question and the real greeting, with right sums, in simulated addresses only', async () => {
  const { capture } = await played()
  const packets = readPcap(Buffer.from(capture?.file ?? []))
  expect(packets.length).toBe(capture?.packets)
  expect(packets.length).toBeGreaterThan(20)
  for (const { from, to } of packets) for (const address of [from, to]) expect(address).toMatch(/^(24\d|25\d)\.|^2001:db8:/)
  const questions = packets.filter(({ protocol, ports }) => protocol === 'udp' && ports[1] === 53)
  expect(questions.flatMap(({ payload }) => packet.decode(payload).questions?.map(({ name }) => name) ?? [])).toContain(NAME)
  const answers = packets.filter(({ protocol, ports }) => protocol === 'udp' && ports[0] === 53)
  expect(answers.length).toBeGreaterThan(0)
  const greeting = packets.find(({ to, payload }) => to === CHAT && payload[0] === 0x16 && payload[5] === 1)
  expect(greeting?.payload.toString('latin1')).toContain(NAME)
})

test('sequence numbers rise without a hole, and time never runs backwards', async () => {
  const { capture } = await played()
  const packets = readPcap(Buffer.from(capture?.file ?? []))
  expect(packets.map(({ at }) => at)).toEqual(packets.map(({ at }) => at).toSorted((a, b) => a - b))
  const streams = streamsOf(packets)
  expect(streams.some((stream) => stream.some(({ flags }) => flags === 'SA'))).toBe(true)
  for (const stream of streams) {
    expect(stream[0]?.flags).toBe('S')
    const next = new Map<string, number>()
    for (const { from, flags, seq, payload } of stream) {
      const due = next.get(from)
      // What was lost is sent again: never ahead of what is due.
      if (due !== undefined) expect((due - seq) >>> 0).toBeLessThan(2 ** 24)
      const length = payload.length + (flags.includes('S') || flags.includes('F') ? 1 : 0)
      next.set(from, Math.max(due ?? 0, (seq + length) >>> 0))
    }
  }
})

test('any bytes in any order make a file that reads back, and never more of it than allowed', () => {
  const arbitrary = fc.record({
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    flow: fc.nat(5),
    direction: fc.constantFrom('up' as const, 'down' as const),
    from: fc.constantFrom('240.1.2.3', '192.0.2.9'),
    to: fc.record({ address: fc.constantFrom('250.0.0.1', '2001:db8::7', '198.51.100.1'), port: fc.integer({ min: 1, max: 65_535 }) }),
    what: fc.constantFrom('syn' as const, 'opened' as const, 'data' as const, 'fin' as const, 'reset' as const),
    bytes: fc.uint8Array({ maxLength: 3000 }),
    again: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 30 }), (all) => {
      const recording = createRecording(10_000)
      for (const one of all) recording.add(one, 1_700_000_000_123.5)
      const file = recording.file()
      expect(file.length).toBeLessThanOrEqual(10_024)
      const packets = readPcap(Buffer.from(file))
      expect(packets.length).toBe(recording.packets)
      for (const { from, to } of packets) for (const address of [from, to]) expect(address).toMatch(/^(240|250)\.|^2001:db8:/)
      const foreign = all.filter(({ from, to }) => from.startsWith('192.') || to.address.startsWith('198.')).length
      expect(recording.leftOut.foreign).toBe(foreign)
    }),
  )
})

test('Wireshark’s own reader finds names in it and nothing malformed', async () => {
  if (spawnSync(TSHARK, ['--version']).error) skipLoudly('tshark is not installed', 'tshark')
  const { capture } = await played()
  const folder = mkdtempSync(join(tmpdir(), 'throughline-pcap-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'run.pcap')
  writeFileSync(file, capture?.file ?? '')
  const ask = (...more: string[]) =>
    execFileSync(TSHARK, ['-n', '-r', file, ...more], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const check = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE']
  expect(ask('-Y', 'dns', '-T', 'fields', '-e', 'dns.qry.name')).toContain(NAME)
  expect(ask('-Y', 'tls.handshake.type==1', '-T', 'fields', '-e', 'tls.handshake.extensions_server_name')).toContain(NAME)
  const wrong = 'ip.checksum.status==0 || tcp.checksum.status==0 || udp.checksum.status==0 || _ws.malformed || tcp.analysis.lost_segment'
  expect(ask(...check, '-Y', wrong)).toBe('')
})

test('the log of events is JSON lines that name the run, its moves, its packets and the world after each', async () => {
  const { player, lab } = await played()
  await lab.run(player.scenario(STORY).lastsMs)
  const { text, leftOut } = player.record.events()
  const lines: { t: string; text?: string; gates?: unknown[]; packets?: number; packetsLeftOut?: number }[] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const of = (t: string) => lines.filter((line) => line.t === t)
  expect(lines[0]).toMatchObject({ t: 'run', scenario: STORY, client: 'alice' })
  expect(of('move').map((move) => move.text)).toEqual(player.scenario(STORY).moves.map((move) => move.text))
  expect(of('world').some(({ gates }) => (gates?.length ?? 0) > 0)).toBe(true)
  expect(lines.at(-1)).toMatchObject({ t: 'kept', packetsLeftOut: leftOut })
  expect(of('packet').length + leftOut).toBe(lines.at(-1)?.packets)
})
