/** Pluggable transports: what their programs say, how arguments are handed over, and that a program that says no, or nothing, is a clear error and goes. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readExactly } from '../../../electron/core/net/read-stream.ts'
import { systemNetwork } from '../../../electron/core/net/system-network.ts'
import { connectionArguments, parseMessage } from '../../../electron/core/net/transports/messages.ts'
import { createTransports } from '../../../electron/core/net/transports/transports.ts'
import { openUpstream } from '../../../electron/core/net/transports/upstream.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'

const never = new AbortController().signal

describe('what a transport says', () => {
  it.each([
    ['CMETHOD obfs4 socks5 127.0.0.1:36675', { t: 'method', name: 'obfs4', port: 36675 }],
    ['CMETHODS DONE', { t: 'methods-done' }],
    ['PROXY DONE', { t: 'proxy-done' }],
    ['PROXY-ERROR SOCKS 4 proxies do not support authentication', { t: 'error', code: 'proxy-error' }],
    ['CMETHOD-ERROR trebuchet no rocks available', { t: 'error', code: 'cmethod-error', detail: 'trebuchet no rocks available' }],
    ['CMETHOD obfs4 socks5 192.0.2.1:36675', { t: 'error', code: 'cmethod-unusable' }],
    ['CMETHOD obfs4 socks4 127.0.0.1:36675', { t: 'error', code: 'cmethod-unusable' }],
    ['LOG SEVERITY=debug MESSAGE=hello', { t: 'other' }],
    ['VERSION 1', { t: 'other' }],
  ])('%s', (line, message) => {
    expect(parseMessage(line)).toMatchObject(message)
  })
  it('never throws, whatever it says', () => {
    fc.assert(fc.property(fc.string(), (line) => void parseMessage(line)))
  })
})

describe('arguments of one connection', () => {
  it('are escaped, and take the second field only when they must', () => {
    expect(connectionArguments({ 'shared-secret': 'raha=sia', file: '/tmp;\\x' })).toEqual({
      username: 'shared-secret=raha\\=sia;file=/tmp\\;\\\\x',
      password: '\0',
    })
    expect(connectionArguments({})).toBeNull()
    expect(connectionArguments({ a: 'x'.repeat(600) })).toBeNull()
  })
  it('come out again as they went in', () => {
    const printable = fc.stringMatching(/^[ -~]{1,60}$/)
    fc.assert(
      fc.property(fc.dictionary(printable, printable, { minKeys: 1, maxKeys: 3 }), (args) => {
        const fields = connectionArguments(args)
        if (!fields) return
        const text = fields.username + (fields.password === '\0' ? '' : fields.password)
        const split = (by: string, from: string) => from.match(new RegExp(`(?:\\\\.|[^\\\\${by}])+`, 'gs')) ?? []
        const plain = (escaped: string) => escaped.replaceAll(/\\(.)/g, '$1')
        expect(Object.fromEntries(split(';', text).map((pair) => split('=', pair).map(plain)))).toEqual({ ...args })
      }),
    )
  })
})

describe.runIf(process.platform !== 'win32')('a program', () => {
  function transports(script: string) {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-transport-test-'))
    const program = join(folder, 'transport')
    writeFileSync(program, `#!/bin/sh\necho $$ > ${folder}/pid\nenv > ${folder}/env\n${script}\n`)
    chmodSync(program, 0o755)
    const network = systemNetwork({ clock: systemClock })
    const made = createTransports({ network, clock: systemClock, random: seededRandom(1), find: () => program })
    onTestFinished(() => {
      made.close()
      network.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const dial = () => made.by({ address: '192.0.2.1', port: 1, transport: 'obfs4' })({ address: '192.0.2.1', port: 1 }, never)
    const isGone = () => {
      if (!existsSync(`${folder}/pid`)) return false
      try {
        process.kill(Number(readFileSync(`${folder}/pid`, 'utf8')), 0)
        return false
      } catch {
        return true
      }
    }
    return { made, dial, isGone, folder }
  }
  const stays = 'cat > /dev/null'

  it.each([
    [`echo ENV-ERROR no such thing; ${stays}`, 'transport-env-error'],
    [`echo VERSION 1; echo PROXY-ERROR not that; ${stays}`, 'transport-proxy-error'],
    [`echo VERSION 1; echo CMETHOD obfs4 socks5 127.0.0.1:9; echo CMETHODS DONE; ${stays}`, 'transport-not-proxied'],
    [`echo PROXY DONE; echo CMETHODS DONE; ${stays}`, 'transport-not-offered'],
    ['exit 3', 'transport-exited'],
  ])('that says "%s" is %s, and goes', async (script, code) => {
    const { dial, isGone } = transports(script)
    await expect(dial()).rejects.toMatchObject({ reason: 'failed', code })
    await expect.poll(isGone).toBe(true)
  })

  it('gets nothing of our environment but what the specification names, and ends when its input closes', async () => {
    const { made, dial, isGone, folder } = transports(
      `echo PROXY DONE; echo CMETHOD obfs4 socks5 127.0.0.1:9; echo CMETHODS DONE; ${stays}`,
    )
    // It is up; nobody is behind its port.
    await expect(dial()).rejects.toMatchObject({ reason: 'refused' })
    const names = readFileSync(join(folder, 'env'), 'utf8').match(/^[A-Za-z_]+(?==)/gm) ?? []
    expect(names.filter((name) => name.startsWith('TOR_PT_')).sort()).toEqual([
      'TOR_PT_CLIENT_TRANSPORTS',
      'TOR_PT_EXIT_ON_STDIN_CLOSE',
      'TOR_PT_MANAGED_TRANSPORT_VER',
      'TOR_PT_PROXY',
      'TOR_PT_STATE_LOCATION',
    ])
    expect(names.filter((name) => !/^(TOR_PT_.*|PATH|PWD|SHLVL|_|OLDPWD)$/.test(name))).toEqual([])
    expect(isGone()).toBe(false)
    made.close()
    await expect.poll(isGone).toBe(true)
  })
})

it('the way out that programs are given takes nobody without its password', async () => {
  const network = systemNetwork({ clock: systemClock })
  const upstream = await openUpstream(network, seededRandom(1))
  onTestFinished(() => {
    upstream.close()
    network.close()
  })
  const { port, password } = new URL(upstream.url)
  const admission = async (word: string) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1' })
    socket.write(Buffer.concat([Buffer.of(5, 1, 2, 1, 8), Buffer.from('upstream'), Buffer.of(word.length), Buffer.from(word)]))
    const answer = await readExactly(socket, 4, never)
    socket.destroy()
    return [...answer]
  }
  expect(await admission(password)).toEqual([5, 2, 1, 0])
  expect(await admission('guess')).toEqual([5, 2, 1, 1])
})
