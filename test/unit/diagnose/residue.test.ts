/** Residual blocking: what a cut by name leaves behind is labelled, blamed on nobody, and said to be over once it is. */
import { expect, it } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { find, NOW, tcp, tls } from './scenes.ts'

const S = 1000
const named = { at: NOW - 100 * S, ms: 20 }
/** The name is cut; the same address answers under no name. */
const cutByName = [
  tcp('connected', { at: NOW - 101 * S }),
  tls({ kind: 'reset' }, named),
  tls({ kind: 'established' }, { at: NOW - 99 * S, sni: null }),
]
const closed = (ago: number) => tcp('refused', { at: NOW - ago * S, ms: 10 })
const open = (ago: number) => tcp('connected', { at: NOW - ago * S })

const labels = (...seen: Observation[]) =>
  find('chat', seen).evidence.flatMap(({ rule, code, level, facts }) => (rule === 'S1r' ? [[code, level, facts.ms]] : []))

it('an address that lets nobody in after the name was cut there is labelled, and counts for nothing', () => {
  expect(labels(...cutByName, closed(95), closed(60))).toEqual([['address-closed-since-name', 'discarded', 39_990]])
  expect(labels(...cutByName, closed(95), open(80), closed(60))).toEqual([['address-closed-since-name', 'discarded', 39_990]])
})

it('three connections in a row that nothing cuts any more say how long it was, two may be chance', () => {
  expect(labels(...cutByName, closed(95), open(80), closed(60), open(5), open(4), open(3))).toEqual([
    ['address-open-again', 'discarded', 95_080],
  ])
  expect(labels(...cutByName, closed(95), open(5), open(4))).toEqual([['address-closed-since-name', 'discarded', 4_990]])
})

it.each([
  ['nothing was cut by name', [open(101), closed(60)]],
  ['the address always let us in', [...cutByName, open(60)]],
  ['the address failed before the name was said', [closed(110), tls({ kind: 'reset' }, named)]],
  [
    'without the name it was cut too',
    [open(101), tls({ kind: 'reset' }, named), tls({ kind: 'reset' }, { ...named, sni: null }), closed(60)],
  ],
  [
    'it was longer ago than any such thing was seen to last',
    [
      open(401),
      tls({ kind: 'reset' }, { at: NOW - 400 * S, ms: 20 }),
      tls({ kind: 'established' }, { at: NOW - 399 * S, sni: null }),
      closed(5),
    ],
  ],
])('%s: nothing is labelled', (_, seen) => {
  expect(labels(...seen)).toEqual([])
})

it('the word for the plane is the same with the label as without what it labels', () => {
  expect(find('chat', [...cutByName, closed(95), open(5), open(4), open(3)])).toMatchObject({
    kind: 'interference',
    mechanisms: ['sni_reset'],
  })
})

it('another plane at that address that never got so far as to say its name: the same box is suspected', () => {
  const links = (ago: number) => tcp('refused', { plane: 'links', endpoint: 'links', at: NOW - ago * S, ms: 10 })
  const there = tcp('connected', { plane: 'links', endpoint: 'links', at: NOW - 101 * S })
  expect(find('links', [...cutByName, there, links(95), links(60)]).mechanisms).toContain('sni_reset')
  expect(find('links', [open(101), there, links(95), links(60)]).mechanisms).not.toContain('sni_reset')
})

it('a name cut and the nameless handshake beside it, where connections are refused too, is no block of all handshakes', () => {
  const nameless = tls({ kind: 'reset' }, { at: NOW - 99 * S, ms: 20, sni: null })
  const elsewhere = tls({ kind: 'established' }, { at: NOW - 98 * S, endpoint: 'chat-cloud', provider: 'cloud-a', address: '240.2.0.10' })
  const cut = [open(101), tls({ kind: 'reset' }, named), nameless, elsewhere]
  expect(find('chat', cut).mechanisms).toContain('protocol_block')
  expect(find('chat', [...cut, closed(98)]).mechanisms).not.toContain('protocol_block')
})
