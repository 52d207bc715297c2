/** Each act of a censor, as a client at the place meets it: real TLS against a real server, under a virtual clock. */
import { connect as tlsConnect } from 'node:tls'
import { expect, test } from 'vitest'
import type { RuleInput } from '../../../lab/censor/rule.ts'
import { clientHello, splitRecord } from '../../unit/lab/hello.ts'
import { ask, handshake, NAME, never, RTT, SERVICE, tcp, tlsRig } from './acts-rig.ts'

const named: RuleInput['match'] = { sni: [{ how: 'exact', text: NAME }] }

test('reset by name: the handshake dies sooner than the server could answer, and another name passes on the same address', async () => {
  const rig = await tlsRig()
  rig.impose({ match: named, act: { do: 'reset' } })
  const { outcome } = await handshake(rig, await tcp(rig))
  expect(outcome).toMatchObject({ t: 'error', code: 'ECONNRESET', syscall: 'read' })
  expect(outcome.t === 'error' && outcome.ms).toBeLessThan(RTT)
  const other = await handshake(rig, await tcp(rig), 'media.throughline.test')
  expect(other.outcome).toMatchObject({ t: 'secure', ms: RTT })
})

test('close by name: an orderly end, which Node reports without a system call', async () => {
  const rig = await tlsRig()
  rig.impose({ match: named, act: { do: 'close' } })
  const { outcome } = await handshake(rig, await tcp(rig))
  expect(outcome).toMatchObject({ t: 'error', code: 'ECONNRESET', syscall: undefined })
})

test('drop by name: TCP stands and the handshake hears nothing', async () => {
  const rig = await tlsRig()
  rig.impose({ match: named, act: { do: 'drop' } })
  expect((await handshake(rig, await tcp(rig))).outcome).toEqual({ t: 'silence' })
})

test('a record split inside the name passes a box that does not put records together, and is caught by one that does', async () => {
  for (const [records, caught] of [
    [false, false],
    [true, true],
  ] as const) {
    const rig = await tlsRig()
    rig.impose({ match: named, act: { do: 'reset' }, box: { segments: true, records } })
    const stream = await tcp(rig)
    const hello = await clientHello(NAME)
    let answered = false
    let reset = false
    stream.once('data', () => {
      answered = true
    })
    stream.once('error', () => {
      reset = true
    })
    stream.write(splitRecord(hello, hello.indexOf(NAME) - 5 + 4))
    await rig.lab.run(500)
    expect({ answered, reset }).toEqual({ answered: !caught, reset: caught })
  }
})

test('residual memory: after one forbidden name, an innocent connection to the same port meets the same fate until it wears off', async () => {
  const rig = await tlsRig()
  rig.impose({ match: named, act: { do: 'reset' }, residualMs: 60_000 })
  await handshake(rig, await tcp(rig))
  const refused = rig.alice.connect(SERVICE, never).catch((error: NodeJS.ErrnoException) => error.code)
  await rig.lab.run(200)
  expect(await refused).toBe('ECONNREFUSED')
  await rig.lab.run(60_000)
  expect((await handshake(rig, await tcp(rig), 'media.throughline.test')).outcome).toMatchObject({ t: 'secure' })
})

test('throttle: a transfer is policed to the rate, in each direction', async () => {
  const rig = await tlsRig()
  rig.impose({ match: named, act: { do: 'throttle', kbps: 140 } })
  const { outcome, socket } = await handshake(rig, await tcp(rig))
  expect(outcome).toMatchObject({ t: 'secure' })
  let got = 0
  let doneAt = 0
  socket.on('data', (bytes: Buffer) => {
    got += bytes.length
    if (got === 65_536) doneAt = rig.clock.monotonic()
  })
  const began = rig.clock.monotonic()
  socket.write(Buffer.alloc(65_536, 1))
  await rig.lab.run(20_000)
  const kbps = (65_536 * 8) / (doneAt - began)
  expect(kbps).toBeGreaterThan(100)
  expect(kbps).toBeLessThan(200)
})

test('freeze: the flow stops after so many bytes and never ends', async () => {
  const rig = await tlsRig()
  rig.impose({ match: named, act: { do: 'freeze', afterBytes: 16_384 } })
  const { socket } = await handshake(rig, await tcp(rig))
  let got = 0
  let ended = false
  socket.on('data', (bytes: Buffer) => {
    got += bytes.length
  })
  socket.on('close', () => {
    ended = true
  })
  for (let i = 0; i < 16; i++) {
    socket.write(Buffer.alloc(2048, i))
    await rig.lab.run(200)
  }
  await rig.lab.run(20_000)
  expect(got).toBeGreaterThan(2048)
  expect(got).toBeLessThanOrEqual(16_384)
  expect(ended).toBe(false)
})

test('a box that terminates TLS with a certificate the client accepts forwards to the true server; with its own, it is seen', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { to: ['240.149.167.0/24'] }, act: { do: 'intercept', ca: 'trusted' } })
  const trueKey = rig.lab.certificate.cert
  const stream = await tcp(rig)
  const socket = tlsConnect({ socket: stream, servername: NAME, ca: [...rig.lab.offer.roots] })
  const secure = new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  // The box makes its certificate on another thread: the virtual clock waits for it in real time.
  const turning = setInterval(() => void rig.lab.run(20), 10)
  await secure
  expect(socket.authorized).toBe(true)
  expect(trueKey).not.toContain(socket.getPeerCertificate().raw.toString('base64').slice(0, 60))
  const echoed = new Promise<string>((resolve) => socket.once('data', (bytes: Buffer) => resolve(bytes.toString())))
  socket.write('through the box')
  expect(await echoed).toBe('through the box')
  clearInterval(turning)
  socket.destroy()
})

test('an allow-list lets through what it names and silences the rest', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { providers: ['ru-a'] }, act: { do: 'allowlist', prefixes: ['240.7.0.0/16'] } })
  const domestic = await tcp(rig, { address: '240.7.200.20', port: 443 })
  expect(domestic.destroyed).toBe(false)
  let opened = false
  rig.alice.connect(SERVICE, never).then(
    () => {
      opened = true
    },
    // The lab ends under it when the test is over.
    () => {},
  )
  await rig.lab.run(10_000)
  expect(opened).toBe(false)
})

test('injection: the forged answer wins the race at any resolver, and the true one still follows', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { names: ['throughline.test'] }, act: { do: 'inject', addresses: ['240.77.252.152'] } })
  const answers = await ask(rig, NAME, '240.8.8.8')
  expect(answers.map((answer) => answer.addresses)).toEqual([['240.77.252.152'], ['240.149.167.50', '240.149.167.91']])
  expect(answers[0]?.ms).toBeLessThan(30)
  expect(answers[1]?.ms).toBe(30)
})

test('silence: the name is not answered while its neighbour in the same zone is', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { names: ['throughline.test'] }, act: { do: 'silence' } })
  expect(await ask(rig, NAME, '240.7.1.53')).toEqual([])
  expect(await ask(rig, 'lark-music.test', '240.7.1.53')).toHaveLength(1)
})

test('a forged NXDOMAIN carries no SOA; a true one does', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { providers: ['ru-a'], names: ['throughline.test'] }, act: { do: 'lie', addresses: [] } })
  expect(await ask(rig, NAME, '240.7.1.53')).toMatchObject([{ rcode: 'NXDOMAIN', soa: false }])
  expect(await ask(rig, 'nothing-here.test', '240.7.1.53')).toMatchObject([{ rcode: 'NXDOMAIN', soa: true }])
  expect(await ask(rig, NAME, '240.8.8.8')).toMatchObject([{ rcode: 'NOERROR', addresses: ['240.149.167.50', '240.149.167.91'] }])
})

test('block page: a plain HTTP request is answered by the box, and one to another host is not', async () => {
  const rig = await tlsRig()
  rig.impose({
    match: { host: [{ how: 'suffix', text: 'tl.test' }] },
    act: { do: 'blockpage', status: 302, location: 'http://240.77.252.152/' },
  })
  const get = async (host: string) => {
    const stream = await tcp(rig, { address: '240.149.167.99', port: 80 })
    let text = ''
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
    stream.on('error', () => {})
    stream.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    await rig.lab.run(1000)
    return text
  }
  expect(await get('tl.test')).toMatch(/^HTTP\/1\.1 302 [\s\S]*Location: http:\/\/240\.77\.252\.152\//)
  expect(await get('www.throughline.test')).toMatch(/^HTTP\/1\.1 301 [\s\S]*Location: https:\/\/www\.throughline\.test\//)
})
