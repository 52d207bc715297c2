/** What a gate does, as a sign of its own: 16 by 16, strokes only. Beside it there is always a word. */
import type { Gate } from '../../../../shared/contract/lab.ts'

const drawings: Readonly<Record<Gate['act'], string>> = {
  // Two ways where there is one.
  lie: 'M2 8h4l4-4h4M6 8l4 4h4',
  inject: 'M2 11h12M8 2v6M5 5l3 3 3-3',
  silence: 'M3 8h.1M8 8h.1M13 8h.1',
  drop: 'M2 4h5v8M4 9l3 3 3-3M10 14H4',
  reset: 'M3 3l10 10M13 3L3 13',
  close: 'M2 8h8M10 3v10M14 3v10',
  unreachable: 'M8 2a6 6 0 1 0 .1 0M4 12l8-8',
  throttle: 'M2 3l5 5-5 5M14 3L9 8l5 5',
  freeze: 'M5 3v10M11 3v10',
  blockpage: 'M4 2h8v12H4zM6 6h4M6 9h4',
  intercept: 'M1 8c4-6 10-6 14 0-4 6-10 6-14 0M8 6a2 2 0 1 0 .1 0',
  // The way ahead ends; another turns off.
  reroute: 'M2 4h5c3 0 3 8 6 8M10 9l3 3-3 3M11 4h3M12.500 2v4',
  allowlist: 'M6 4h8M6 8h8M6 12h8M2 4h.1M2 12h.1',
  protocol: 'M2 3h12l-5 6v5l-2-1V9z',
  probe: 'M7 2a5 5 0 1 0 .1 0M11 11l4 4',
  load: 'M2 13h12M4 13V9M8 13V5M12 13V2',
}

/** For use inside an SVG, with its middle at the origin. */
export function GateGlyph({ act }: { act: Gate['act'] }) {
  return <path d={drawings[act]} transform="translate(-8 -8)" fill="none" strokeWidth={1.75} strokeLinecap="round" strokeLinejoin="round" />
}
