/** The drawing of the line: 45 degrees, mirrored for right-to-left readers, vertical where it is narrow, labels apart. */
import { describe, expect, it } from 'vitest'
import { type LayoutOptions, lineLayout, UPRIGHT_BELOW } from '../../../renderer/src/ui/line/line-layout.ts'
import { lineModel, planeShown } from '../../../renderer/src/ui/line/line-model.ts'
import { francePath, lookingPath, quietPath, russiaPath } from '../../support/path-fixtures.ts'

const large = (width: number, dir: 'ltr' | 'rtl' = 'ltr'): LayoutOptions => ({
  size: 'large',
  orientation: width < UPRIGHT_BELOW ? 'vertical' : 'horizontal',
  dir,
  width,
})
const paths = { quietPath, francePath, russiaPath, lookingPath }

describe('the layout of the line', () => {
  it('lets a detour leave and rejoin at 45 degrees', () => {
    for (const options of [large(960), large(288), large(960, 'rtl')]) {
      const points = lineLayout(lineModel(russiaPath), options).detour?.points ?? []
      const [a, b, c, d] = points
      expect(points).toHaveLength(4)
      if (!a || !b || !c || !d) return
      expect(Math.abs(b.x - a.x)).toBe(Math.abs(b.y - a.y))
      expect(Math.abs(d.x - c.x)).toBeCloseTo(Math.abs(d.y - c.y))
    }
  })

  it('is the same line mirrored for right-to-left readers', () => {
    const ltr = lineLayout(lineModel(russiaPath), large(960))
    const rtl = lineLayout(lineModel(russiaPath), large(960, 'rtl'))
    for (const [index, stop] of ltr.stops.entries()) {
      expect(rtl.stops[index]?.at.x).toBeCloseTo(960 - stop.at.x)
      expect(rtl.stops[index]?.at.y).toBe(stop.at.y)
    }
  })

  it('fits 24 px for the header, with every stop and mark inside', () => {
    const layout = lineLayout(lineModel(russiaPath), { size: 'mini', orientation: 'horizontal', dir: 'ltr', width: 120 })
    expect(layout.height).toBe(24)
    expect(layout.labels).toEqual([])
    const all = [
      ...layout.stops.map((stop) => stop.at),
      ...(layout.detour?.points ?? []),
      ...(layout.mark?.bars.flat() ?? []),
      layout.lookup.diamond,
    ]
    for (const { x, y } of all) {
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x).toBeLessThanOrEqual(120)
      expect(y).toBeGreaterThanOrEqual(0)
      expect(y).toBeLessThanOrEqual(24)
    }
  })

  it.each(Object.keys(paths) as (keyof typeof paths)[])('keeps labels of %s apart and on the page, from 288 to 1200 px', (name) => {
    for (const width of [288, 400, 679, 680, 860, 1032, 1200]) {
      const layout = lineLayout(lineModel(paths[name], planeShown(paths[name])), large(width))
      // Two lines of a label, three for the lookup's; some 100 px wide or as wide as its room.
      const boxes = layout.labels.map((label) => {
        const room = Math.min(100, label.room)
        if (label.side === 'beside') {
          const height = label.id === 'lookup' ? 50 : 34
          return { id: label.id, x: label.at.x, y: label.at.y - height / 2, width: room, height }
        }
        return { id: label.id, x: label.at.x - room / 2, y: label.side === 'above' ? label.at.y - 34 : label.at.y, width: room, height: 34 }
      })
      for (const [index, a] of boxes.entries()) {
        expect(a.x).toBeGreaterThanOrEqual(0)
        expect(a.x + a.width).toBeLessThanOrEqual(width)
        for (const b of boxes.slice(index + 1)) {
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
          expect(apart, `${a.id} and ${b.id} at ${width}`).toBe(true)
        }
      }
    }
  })
})
