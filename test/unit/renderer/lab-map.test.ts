/** The map: everything once, nothing over anything else, on the page, mirrored, and beads that end where the gate is. */
import { describe, expect, it } from 'vitest'
import { beadPath } from '../../../renderer/src/features/lab/bead-path.ts'
import { MAP_MIN_WIDTH, type MapLayout, mapLayout, type Rect } from '../../../renderer/src/features/lab/map-layout.ts'
import { mapModel, wayBetween } from '../../../renderer/src/features/lab/map-model.ts'
import type { LabState } from '../../../shared/contract/lab.ts'
import { atRest, inFrance, inRussia } from '../../support/lab-fixtures.ts'

/** Six people crowded into one place, for a map that is not as its makers expected. */
const crowded: LabState = {
  ...inFrance,
  clients: ['alice', 'bob', 'carol', 'dora', 'eve', 'nima'].map((name) => ({ name, vantage: 'ru-spb-b', online: true })),
}
const worlds = { atRest, inFrance, inRussia, crowded }

const overlap = (a: Rect, b: Rect) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
const outer = (layout: MapLayout) => [...layout.places, ...layout.rects].map(([id, rect]) => ({ id, rect }))

describe('the layout of the map', () => {
  it.each(Object.keys(worlds) as (keyof typeof worlds)[])('keeps everything of %s apart and on the page at any width', (name) => {
    for (const width of [288, 800, 880, 960, 1176, 1900]) {
      for (const dir of ['ltr', 'rtl'] as const) {
        const layout = mapLayout(mapModel(worlds[name]), width, dir)
        expect(layout.width).toBe(Math.max(width, MAP_MIN_WIDTH))
        const all = outer(layout)
        for (const [index, a] of all.entries()) {
          expect(a.rect.x, a.id).toBeGreaterThanOrEqual(0)
          expect(a.rect.x + a.rect.width, a.id).toBeLessThanOrEqual(layout.width)
          expect(a.rect.y + a.rect.height, a.id).toBeLessThanOrEqual(layout.height)
          for (const b of all.slice(index + 1)) expect(overlap(a.rect, b.rect), `${a.id} over ${b.id} at ${width}`).toBe(false)
        }
        const inner = [...layout.inside].map(([id, rect]) => ({ id, rect }))
        for (const [index, a] of inner.entries()) {
          for (const b of inner.slice(index + 1)) expect(overlap(a.rect, b.rect), `${a.id} over ${b.id} at ${width}`).toBe(false)
        }
      }
    }
  })

  it('draws every place, provider, way out and host of the lab once', () => {
    const model = mapModel(inFrance)
    const layout = mapLayout(model, 1_176, 'ltr')
    expect([...layout.places.keys()].sort()).toEqual(inFrance.vantages.map((vantage) => vantage.id).sort())
    for (const node of inFrance.nodes) {
      if (node.kind === 'place' || (node.kind === 'resolver' && node.column === 'providers') || node.id === 'net:ministry') continue
      expect(layout.rects.has(node.id) || layout.inside.has(node.id), node.id).toBe(true)
    }
  })

  it('makes the false page a dead end under the way out of its country, not a cloud', () => {
    const model = mapModel(inFrance)
    const layout = mapLayout(model, 1_176, 'ltr')
    expect(model.sidings.map((siding) => siding.id)).toEqual(['host:page'])
    expect(model.boxes.some((box) => box.node.id === 'net:ministry')).toBe(false)
    const dead = layout.lines.filter((line) => line.siding)
    expect(dead).toHaveLength(1)
    expect(dead[0]).toMatchObject({ from: 'net:fr-ix' })
  })

  it('stands each gate between its provider and the way out', () => {
    const layout = mapLayout(mapModel(inRussia), 880, 'ltr')
    const provider = layout.rects.get('net:ru-a')
    const exchange = layout.rects.get('net:ru-ix')
    for (const id of ['drop-own', 'drop-cloud']) {
      const gate = layout.gates.get(id)
      expect(gate?.x).toBeGreaterThan((provider?.x ?? 0) + (provider?.width ?? 0))
      expect(gate?.x).toBeLessThan(exchange?.x ?? 0)
    }
    expect(layout.gates.get('drop-own')?.x).not.toBe(layout.gates.get('drop-cloud')?.x)
  })

  it('stands a flood right before the box it strikes, and gates of one way out apart from each other', () => {
    const gate = (id: string, at: string, act: 'load' | 'drop') => ({ id, at, act, label: id, by: 'scenario' as const })
    const gates = [gate('flood', 'net:cloud-a', 'load'), gate('one', 'net:ru-ix', 'drop'), gate('two', 'net:ru-ix', 'drop')]
    const layout = mapLayout(mapModel({ ...inRussia, gates }), 1_176, 'ltr')
    const [box, exchange] = ['net:cloud-a', 'net:ru-ix'].map((id) => layout.rects.get(id))
    const [flood, one, two] = ['flood', 'one', 'two'].map((id) => layout.gates.get(id))
    expect(flood?.x).toBeLessThan(box?.x ?? 0)
    expect(flood?.x).toBeGreaterThan((one?.x ?? 0) + 22)
    expect(one?.x).toBeGreaterThan((exchange?.x ?? 0) + (exchange?.width ?? 0))
    expect(Math.abs((one?.y ?? 0) - (two?.y ?? 0))).toBeGreaterThanOrEqual(24)
  })

  it('turns lines by 45 degrees only', () => {
    for (const line of mapLayout(mapModel(inRussia), 1_176, 'ltr').lines.filter((each) => each.points.length === 6)) {
      for (const [index, point] of line.points.entries()) {
        const before = line.points[index - 1]
        if (!before) continue
        const [dx, dy] = [Math.abs(point.x - before.x), Math.abs(point.y - before.y)]
        expect(dx === 0 || dy === 0 || dx === dy, `${line.from} to ${line.to}`).toBe(true)
      }
    }
  })
})

describe('a bead', () => {
  const model = mapModel(inRussia)
  const layout = mapLayout(model, 1_176, 'ltr')
  const path = (over: Partial<Parameters<typeof beadPath>[0]>) =>
    beadPath(
      { from: 'place:ru-moscow-a', to: 'host:service', who: 'alice', kind: 'chat', fate: 'passed', ...over },
      inRussia,
      model,
      layout,
    )

  it('runs from the place to what it seeks, and back', () => {
    const there = path({})
    const place = layout.places.get('ru-moscow-a')
    const service = layout.inside.get('host:service')
    expect(there[0]?.x).toBeGreaterThan(place?.x ?? Number.POSITIVE_INFINITY)
    expect(there.at(-1)).toEqual({ x: (service?.x ?? 0) + (service?.width ?? 0) / 2, y: (service?.y ?? 0) + (service?.height ?? 0) / 2 })
    const back = path({ from: 'host:service', to: 'place:ru-moscow-a' })
    expect(back.at(-1)).toEqual(there[0])
  })

  it('ends at the gate that took it', () => {
    expect(path({ fate: 'dropped' }).at(-1)).toEqual(layout.gates.get('drop-own'))
    expect(path({ to: 'net:ru-a', fate: 'reset' }).at(-1)).toEqual(layout.gates.get('drop-own'))
  })

  it('ends in the siding when a lie led it to the false page', () => {
    const france = mapModel(inFrance)
    const drawn = mapLayout(france, 1_176, 'ltr')
    const lied = beadPath({ from: 'place:fr-a', to: 'host:page', who: 'x', kind: 'web', fate: 'passed' }, inFrance, france, drawn)
    expect(lied.at(-1)).toEqual(drawn.lines.find((line) => line.siding)?.points.at(-1))
  })

  it('shows nothing rather than a way the map does not have', () => {
    expect(path({ to: 'host:nowhere' })).toEqual([])
    expect(wayBetween([], [], 'a', 'b')).toEqual([])
  })
})
