/** Plays runs in a few processes and collects what came of them. */
import { join } from 'node:path'
import * as v from 'valibot'
import { shareOut } from '../child-pool.ts'
import { type Job, Result, type Run } from './job.ts'

const Answer = v.union([v.object({ result: Result }), v.object({ failed: v.string() })])

/** In the order of the jobs. One that fails has no result, and `onTrouble` is told why. Rejects when a process ends. */
export function runAll<J extends Job>(
  jobs: readonly J[],
  onDone: (done: number) => void,
  onTrouble: (job: J, why: string) => void,
): Promise<Run<J>[]> {
  let done = 0
  return shareOut(join(import.meta.dirname, 'play-child.ts'), jobs, (raw, job) => {
    const answer = v.parse(Answer, raw)
    if ('failed' in answer) onTrouble(job, answer.failed)
    onDone(++done)
    return { job, result: 'result' in answer ? answer.result : null }
  })
}
