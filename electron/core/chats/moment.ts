/** A time from elsewhere as one that a calendar can show: whole milliseconds within the range of `Date` (ECMA-262, 21.4.1.1). */
export function moment(at: number, otherwise: number): number {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? Math.round(at) : otherwise
}
