/** The verdicts of a file, computed anew from its own evidence, with its own words for addresses and names. */
import type { Diagnostics } from '../../../shared/contract/diagnostics.ts'
import { diagnose, type Finding } from '../diagnose/verdict.ts'
import { readEvidence } from './measurement-in.ts'
import type { Evidence } from './measurement-out.ts'

export function evidenceIn(file: Diagnostics): Evidence {
  return readEvidence(file.test_keys, zeroOf(file))
}

export function recompute(file: Diagnostics): readonly Finding[] {
  const { observations, context } = evidenceIn(file)
  return diagnose(observations, context)
}

/** Any will do that is later than what the times reach back to. */
export function zeroOf({ measurement_start_time }: Diagnostics): number {
  return Date.parse(`${measurement_start_time.replace(' ', 'T')}Z`)
}
