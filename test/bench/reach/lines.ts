/** Measures lines in a few processes and collects the outcomes. */
import { join } from 'node:path'
import * as v from 'valibot'
import { shareOut } from '../child-pool.ts'
import type { Job } from './line-child.ts'
import { Outcome } from './outcome.ts'

const Answer = v.union([v.object({ outcomes: v.array(Outcome) }), v.object({ failed: v.string() })])

/** In the order of the jobs. Rejects when a process fails. */
export function measureAll(jobs: readonly Job[], onDone: (job: Job) => void): Promise<Outcome[][]> {
  return shareOut(join(import.meta.dirname, 'line-child.ts'), jobs, (raw, job) => {
    const answer = v.parse(Answer, raw)
    if ('failed' in answer) throw new Error(answer.failed)
    onDone(job)
    return answer.outcomes
  })
}
