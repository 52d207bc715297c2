/** Messages and files on different routes: what cuts one plane moves only that one, and each remembers its own. R is 80 ms. */
import { expect, it } from 'vitest'
import type { HttpResponse } from '../../../electron/core/reach/relay-link.ts'
import { blocks, type MemoryWorld, memoryWorld } from './memory-world.ts'

const never = new AbortController().signal

async function worldWith(blocked: string) {
  const world = await memoryWorld([blocks.names('reset', blocked)])
  const { reach } = world.reach()
  await world.until(() => reach.link.online)
  return { world, reach }
}

/** Puts some bytes; answers how it went, and how long that took. */
async function put({ world, reach }: Awaited<ReturnType<typeof worldWith>>): Promise<{ recipe: string; status: number; ms: number }> {
  const began = world.clock.monotonic()
  const body = Buffer.alloc(1_000, 7)
  let answer: HttpResponse | null = null
  reach.link
    .http({ plane: 'media', method: 'PUT', path: '/m/some', headers: { 'content-length': '1000' }, body }, never)
    .then((response) => {
      answer = response
      response.body.resume()
    })
    .catch(() => {})
  const answered = (): HttpResponse | null => answer
  await world.until(() => answered() !== null)
  const ms = world.clock.monotonic() - began
  await letItSettle(world)
  return { recipe: answered()?.recipe ?? '', status: answered()?.status ?? 0, ms }
}

/** Longer than a connection is kept for another request. */
const letItSettle = ({ lab }: MemoryWorld) => lab.run(4_000)

it('files go round what cuts them alone, by the same way at once the next time, and messages stay where they were', async () => {
  const here = await worldWith('media.throughline.test')
  await letItSettle(here.world)
  const plain = here.reach.state().route
  expect(plain?.kind).toBe('plain')
  const first = await put(here)
  expect(first.status).toBe(201)
  expect(first.recipe).not.toMatch(/^tcp \S+ \| tls sni=media\.throughline\.test \| http$/)
  expect(here.reach.state().route).toEqual(plain)
  expect(here.reach.state().remembered.map(({ plane, recipe }) => [plane, recipe])).toContainEqual(['media', first.recipe])
  const second = await put(here)
  expect(second.recipe).toBe(first.recipe)
  expect(second.ms).toBeLessThanOrEqual(first.ms)
})

it('messages go round what cuts them alone, and files stay on the plain path', async () => {
  const here = await worldWith('chat.throughline.test')
  expect(here.reach.state().route?.kind).not.toBe('plain')
  const { status, recipe } = await put(here)
  expect([status, recipe]).toEqual([201, expect.stringMatching(/^tcp \S+ \| tls sni=media\.throughline\.test \| http$/)])
  expect(here.reach.state().remembered.find(({ plane }) => plane === 'media')?.recipe).toBe(recipe)
})
