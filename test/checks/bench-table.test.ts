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
      { name: 'ours', samples: [205, 205, 300] },
    ],
    note: 'On a quiet machine.',
  })
  expect(table.split('\n')).toEqual([
    'Connect          median ms  p95 ms  ratio  n',
    'plain socket.io        410     420  1.00x  3',
    'ours                   205     300  0.50x  3',
    'On a quiet machine.',
  ])
})

test('a table says how far a row is from what it should be and from what it could be', () => {
  const table = formatTable({ title: 'Connect', unit: 'ms', rows: [{ name: 'ours', samples: [205, 205, 300], goal: 220, floor: 200 }] })
  expect(table.split('\n')).toEqual([
    'Connect  median ms  p95 ms  goal ms  floor ms  to floor  ratio  n',
    'ours           205     300      220       200     1.02x  1.00x  3',
  ])
})

test('a run that was given up counts as slower than any that was not', () => {
  const rows = [
    { name: 'ours', samples: [200, 210, 300] },
    { name: 'never', samples: [], missed: { runs: 3, limit: 10_000 } },
    { name: 'at times', samples: [200, 220], missed: { runs: 1, limit: 10_000 } },
  ]
  expect(formatTable({ title: 'Connect', unit: 'ms', rows }).split('\n')).toEqual([
    'Connect   median ms   p95 ms  ratio  n',
    'ours            210      300  1.00x  3',
    'never       > 10000  > 10000         3',
    'at times        220  > 10000  1.05x  3',
  ])
})
