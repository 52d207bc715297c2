import { expect, test } from 'vitest'
import { formatTable, percentile } from '../bench/table.ts'

test('a percentile is a value that was measured', () => {
  const samples = [5, 1, 4, 2, 3]
  expect(percentile(samples, 0.5)).toBe(3)
  expect(percentile(samples, 0.95)).toBe(5)
  expect(percentile([7], 0.95)).toBe(7)
  expect(percentile([], 0.5)).toBeNaN()
})

test('a table compares every row with the first and lines its columns up', () => {
  const table = formatTable({
    title: 'Connect',
    unit: 'ms',
    rows: [
      { name: 'plain socket.io', samples: [400, 410, 420] },
      { name: 'ours', samples: [205, 205, 300], floor: 200 },
    ],
  })
  expect(table.split('\n')).toEqual([
    'Connect          median ms  p95 ms  floor ms  ratio  n',
    'plain socket.io        410     420            1.00x  3',
    'ours                   205     300       200  0.50x  3',
  ])
})
