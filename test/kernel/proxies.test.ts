/** The whole app behind a box that lets through nothing but one proxy of Debian's: it connects by that proxy and proves the relay. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openAuthority } from '../../lab/services/authority.ts'
import { root } from '../support/app-program.ts'
import { buildPrograms } from '../support/command-line.ts'
import { skipLoudly } from '../support/skip.ts'
import { CONNECT, type KernelWorld, kernelWorld, SOCKS } from './kernel-world.ts'
import { sweep, whatIsMissing } from './namespaces.ts'

const missing = whatIsMissing()
let world: KernelWorld | null = null

beforeAll(async () => {
  if (missing) return
  buildPrograms()
  sweep(false)
  world = await kernelWorld(await openAuthority(null, 'Authority behind a box', Date.now))
}, 60_000)
afterAll(() => world?.close())
beforeEach(() => {
  if (missing) skipLoudly(missing.reason, missing.debianPackage)
})

async function connectBehind(nft: readonly string[]): Promise<{ code: number | null; answer: unknown; said: string }> {
  if (!world) throw new Error('there is no world')
  const vantage = await world.stand({ nft })
  const { code, said } = await vantage.run([process.execPath, `${root}/dist/cli.js`, 'connect', '--bundle', world.bundlePath, '--json'])
  const line = said.split('\n').findLast((each) => each.startsWith('{"connected"'))
  return { code, answer: line === undefined ? null : JSON.parse(line), said }
}

it('nothing in the way: the first address of the service', async () => {
  const { code, answer, said } = await connectBehind([])
  expect(answer, said).toMatchObject({ connected: true, recipe: expect.stringContaining('240.149.167.50') })
  expect(code).toBe(0)
}, 60_000)

it.each([
  ['microsocks, which speaks SOCKS5', SOCKS],
  ['tinyproxy, which speaks HTTP CONNECT', CONNECT],
])(
  'only one proxy left: by %s',
  async (_what, { address, port }) => {
    const { code, answer, said } = await connectBehind([`ip daddr != ${address} ip saddr != ${address} drop`])
    expect(answer, said).toMatchObject({ connected: true, recipe: expect.stringContaining(`${address}:${port}`) })
    expect(code).toBe(0)
  },
  60_000,
)

it('nobody left: it says that it is not connected', async () => {
  const { code, answer, said } = await connectBehind(['drop'])
  expect(answer, said).toMatchObject({ connected: false })
  expect(code).toBe(1)
}, 60_000)
